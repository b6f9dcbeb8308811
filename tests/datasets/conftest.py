"""The boat hire opened for play, and tasks over it written by hand: their calls are really played for results and goal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envfactory.environments.artefact import Environment, Manifest, ResourceRecord
from envfactory.tasks.model import (
    Fact,
    FromProfile,
    FromResult,
    Goal,
    GoldCall,
    Mention,
    OperatorRecord,
    Profile,
    Reply,
    Request,
    Said,
    Task,
    Turn,
    Verdict,
)
from envfactory.tasks.play import Episodes, word
from envfactory.tasks.scope import Scope
from tests.gate import harbour
from tests.support import LocalWorker

RESOURCE = ResourceRecord(
    source="boats.yaml", sha256="ab" * 32, format="openapi 3.1.0", title="Boat hire", licence="Apache-2.0"
)
INES = Profile(environment="boat_hire", table="customers", columns={"name": "Ines Duarte", "id": "cu_01"})


def boat(name: str) -> Environment:
    """The boat hire under a name of its own."""
    manifest = Manifest(name=name, domain="travel", summary="A boat hire.", resources=[RESOURCE])
    return harbour.environment(manifest=manifest).sealed()


@pytest.fixture(scope="session")
def scope() -> Iterator[Scope]:
    with Scope([boat("boat_hire"), boat("lake_office")], open_worker=LocalWorker) as made:
        yield made


def call(tool: str, arguments: dict[str, Any], **more: Any) -> GoldCall:
    return GoldCall(environment="boat_hire", tool=tool, arguments=arguments, **more)


def written(scope: Scope, id: str, turns: list[Turn], gold: list[GoldCall], **more: Any) -> Task:
    """Return a task whose gold has been played: outcomes, results and goal are what came of it."""
    played = []
    with Episodes(scope, ["boat_hire"]) as episodes:
        for each in gold:
            outcome = episodes.call(each.environment, each.tool, each.arguments)
            told = {"outcome": word(outcome), "result": outcome.get("result"), "message": outcome.get("message", "")}
            played.append(each.model_copy(update=told))
        goal = Goal(changes=episodes.true_changes())
    reference = scope.reference("boat_hire")
    filled = {
        "environments": [reference],
        "profile": [INES],
        "verdicts": {"task.accepts": Verdict(status="pass")},
    } | more
    return Task(id=id, seed=0, index=0, turns=turns, gold=played, goal=goal, **filled)


def stated(id: str, slot: str, value: Any, span: tuple[int, int] | None = None) -> Mention:
    return Mention(id=id, environment="boat_hire", slot=slot, value=value, span=span)


SEARCH = {"harbour": "Porto", "start_date": "2026-06-09", "end_date": "2026-06-11", "kind": "motor"}
BOOKING = {"customer_id": "cu_01", "boat_id": "bt_02", "start_date": "2026-06-09", "end_date": "2026-06-11", "crew": 4}


def booking(
    scope: Scope, id: str = "t_book", text: str = "Which motor boats are free in Porto from 9 to 11 June?"
) -> Task:
    """Look for a boat, then book it; how many come is said only when asked. Two days of Gaivota cost 2 × 17,500 cents."""
    turns = [
        Turn(
            text=text,
            requests=[Request(call=0)],
            mentions=[stated("m1", "search_boats.harbour", "Porto", (text.find("Porto"), text.find("Porto") + 5))],
            calls=(0, 1),
            facts=[Fact(name="name", kind="text", value="Gaivota", call=0, path="boats[0].name")],
            outcome="informed",
        ),
        Turn(
            text="I'll take it.",
            requests=[Request(call=1)],
            replies=[Reply(question="How many people will be on board?", text="Four of us.", mentions=[stated("m2", "book_boat.crew", 4)])],
            calls=(1, 2),
            facts=[Fact(name="total_cents", kind="money", value=35000, call=1, path="total_cents", unit="EUR")],
            outcome="done",
            operators=[OperatorRecord(operator="missing_parameter")],
        ),
    ]  # fmt: skip
    gold = [
        call("search_boats", SEARCH, sources={"harbour": Said(mention="m1")}),
        call(
            "book_boat",
            BOOKING,
            sources={
                "customer_id": FromProfile(environment="boat_hire", column="id"),
                "boat_id": FromResult(call=0, path="boats[0].boat_id"),
                "crew": Said(mention="m2"),
            },
        ),
    ]
    return written(scope, id, turns, gold)


def looking_again(scope: Scope, id: str = "t_again") -> Task:
    """Book a boat, then look what is left in Porto on the same days: another than before."""
    turns = [
        Turn(
            text="Please book Gaivota for four, from 9 to 11 June.",
            requests=[Request(call=0)],
            calls=(0, 1),
            facts=[Fact(name="total_cents", kind="money", value=35000, call=0, path="total_cents", unit="EUR")],
            outcome="done",
        ),
        Turn(text="Which motor boats are left in Porto on those days?", requests=[Request(call=1)], calls=(1, 2), outcome="informed"),
    ]  # fmt: skip
    return written(scope, id, turns, [call("book_boat", BOOKING), call("search_boats", SEARCH)])


def refusal(scope: Scope, id: str = "t_refused") -> Task:
    """Ask for a boat that is in service, then for one that does not exist in any tool's power."""
    turns = [
        Turn(
            text="Please book Mar Alto for four, from 9 to 11 June.",
            requests=[Request(call=0)],
            calls=(0, 1),
            facts=[Fact(name="refusal", kind="refusal", value="BOAT_IN_SERVICE", call=0, terms=["service"])],
            outcome="refused",
        ),
        Turn(text="Then charter me a plane.", calls=(1, 1), outcome="declined"),
    ]
    return written(scope, id, turns, [call("book_boat", {**BOOKING, "boat_id": "bt_04"})])


@pytest.fixture(scope="session")
def booked(scope: Scope) -> Task:
    return booking(scope)


@pytest.fixture(scope="session")
def refused(scope: Scope) -> Task:
    return refusal(scope)
