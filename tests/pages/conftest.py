"""Pages of a small run, of the boat hire and of a task written by hand, and a browser to look at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Case, Cases, Expectation
from envfactory.environments.graph import DependencyGraph, Node, StateEdge, ValueEdge
from envfactory.environments.report import CheckResult, GateReport
from envfactory.tasks.model import (
    Calibration,
    Change,
    EnvironmentRef,
    Fact,
    Flow,
    FromResult,
    Goal,
    GoldCall,
    Mention,
    OperatorRecord,
    Reply,
    Said,
    Task,
    Turn,
    Verdict,
)
from envfactory.tasks.model import Path as Way
from envfactory.traces.store import TraceStore
from tests.gate import harbour
from tests.pages.browser import Browser, browsing, find_browser
from tests.traces.conftest import recorded, trace

__all__ = ["recorded", "trace"]

GRAPH = DependencyGraph(
    nodes=[
        Node(tool="search_boats", kind="read", user_knowable=["harbour"]),
        Node(tool="hire_boat", kind="write"),
        Node(tool="cancel_hire", kind="write"),
        Node(tool="lonely", kind="read", reachable=False),
    ],
    value_edges=[
        ValueEdge(producer="search_boats", field="boats[].boat_id", consumer="hire_boat", parameter="boat_id"),
        ValueEdge(producer="hire_boat", field="hire_id", consumer="cancel_hire", parameter="hire_id"),
        ValueEdge(producer="search_boats", field="boats[].kind", consumer="cancel_hire", parameter="note"),
        ValueEdge(producer="cancel_hire", field="boat_id", consumer="hire_boat", parameter="boat_id"),
        ValueEdge(producer="hire_boat", field="boat_id", consumer="search_boats", parameter="q", echo=True),
    ],
    state_edges=[StateEdge(producer="hire_boat", consumer="cancel_hire", effect="enables", code="NOT_FOUND")],
    candidates=7,
)


@pytest.fixture
def boats() -> Environment:
    """The boat hire with a graph and one stored case."""
    tool = harbour.environment().contracts.tools[0].name
    refused = Expectation(status="error", codes=["NOT_FOUND"])
    case = Case(id="c1", tool=tool, arguments={}, expect=refused, purpose="nobody is there")
    return harbour.environment(graph=GRAPH, cases=Cases(cases=[case])).sealed()


@pytest.fixture
def report(boats: Environment) -> GateReport:
    checks = [
        CheckResult(id="lint", status="pass", summary="11 tools, no objections", measured={"tools": 11}),
        CheckResult(id="accept", status="fail", summary="1 case differs", evidence=[{"tool": "hire_boat"}]),
    ]
    return GateReport(subject=boats.content_hash, seed=0, verdict="rejected", checks=checks)


def task_of(text: str = "Hire the Gaivota, please.", content_hash: str = "0" * 64) -> Task:
    """A task of one turn: a boat is found and hired, one value is asked for."""
    return Task(
        id="boat_hire-00001",
        seed=0,
        index=1,
        environments=[EnvironmentRef(name="boat_hire", domain="travel", content_hash=content_hash, now=harbour.NOW)],
        story="create",
        turns=[
            Turn(
                text=text,
                plain="Please hire the boat Gaivota for one day.",
                mentions=[
                    Mention(
                        id="m1",
                        environment="boat_hire",
                        slot="boats.name",
                        value="Gaivota",
                        span=(9, 16),
                        words="Gaivota",
                    )
                ],
                replies=[
                    Reply(
                        question="How many days?",
                        text="One day.",
                        mentions=[
                            Mention(id="m2", environment="boat_hire", slot="hire_boat.days", value=1, words="One")
                        ],
                    )
                ],
                operators=[OperatorRecord(operator="missing_parameter", mentions=["m2"])],
                calls=(0, 2),
                facts=[Fact(name="total_cents", kind="money", value=17_500, call=1, path="total_cents", unit="EUR")],
                outcome="done",
                answer="It is 175.00 EUR.",
            )
        ],
        gold=[
            GoldCall(
                environment="boat_hire",
                tool="search_boats",
                arguments={},
                result={"boats": [{"boat_id": "bt_02", "name": "Gaivota"}]},
                purpose="resolve",
            ),
            GoldCall(
                environment="boat_hire",
                tool="hire_boat",
                arguments={"boat_id": "bt_02", "days": 1},
                sources={"boat_id": FromResult(call=0, path="boats[0].boat_id"), "days": Said(mention="m2")},
                result={"hire_id": "hi_99", "total_cents": 17_500},
            ),
        ],
        goal=Goal(
            changes={
                "boat_hire": [
                    Change(table="hires", op="insert", key=["hi_99"], after={"id": "hi_99", "boat_id": "bt_02"})
                ]
            }
        ),
        accept=[Way(kind="gold", answers=["It is 175.00 EUR."])],
        reject=[
            Way(kind="nothing"),
            Way(kind="wrong_argument", note="days 1 to 2"),
            Way(kind="wrong_argument", note="days 1 to 3"),
        ],
        flow=[Flow(call=1, path="days", way="asked for")],
        verdicts={
            "task.accepts": Verdict(status="pass"),
            "task.leaks": Verdict(status="error", evidence="it could not run", remedy="run it again"),
        },
        calibration=Calibration(solver="rules", attempts=4, solved=3, calls=[2, 2, 3]),
    )


@pytest.fixture(scope="session")
def _browser() -> Iterator[Browser]:
    program = find_browser()
    if program is None:
        pytest.skip("no browser: install chromium, or name one with ENVFACTORY_BROWSER")
    with browsing(program) as browser:
        yield browser


@pytest.fixture
def browser(_browser: Browser) -> Iterator[Browser]:
    """A real browser; no test leaves complaints in its console."""
    yield _browser
    _browser.call("Page.navigate", url="about:blank")


@pytest.fixture
def seen(trace: TraceStore, tmp_path: Path) -> Path:
    """The small run's page, in a file."""
    from envfactory.pages.bodies import Packed
    from envfactory.pages.document import document
    from envfactory.pages.runs import run_page
    from envfactory.traces.story import read_story

    story, bodies = read_story(trace), Packed()
    assert story is not None
    content = run_page("travel-1", trace, story, bodies)
    (tmp_path / "run.html").write_text(document("travel-1", content, bodies.packs()))
    return tmp_path / "run.html"
