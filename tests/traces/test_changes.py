"""What each revision changed."""

from __future__ import annotations

import json

from envfactory.events import EnvironmentPlanned, Event, RoleFinished, RoleStarted, RunStarted
from envfactory.traces.changes import Change, changes
from envfactory.traces.store import TraceStore
from envfactory.traces.story import read_story
from tests.traces.conftest import Recorded
from tests.traces.told import DESIGN


def changed(store: TraceStore) -> dict[tuple[str, int], list[Change]]:
    story = read_story(store)
    assert story is not None
    rail = story.chapter("rail")
    assert rail is not None
    found = changes(store, rail)
    return {
        (step.role, step.revision): found[step.span["span_id"]] for step in rail.steps if step.span["span_id"] in found
    }


def answered(role: str, revision: int, product: object, status: str = "ok") -> list[Event]:
    text = json.dumps(product)
    return [
        RoleStarted("rail", role, revision, "rules"),
        RoleFinished("rail", role, revision, "rules", status, "", 0.1, prompt="{}", answer=text),
    ]


BEGUN: list[Event] = [RunStarted("r", "travel", False), EnvironmentPlanned("rail", "Rail", "")]
CASES = {"cases": [{"id": "one"}, {"id": "two"}]}


def test_the_first_version_is_no_change_and_the_next_one_is(trace: TraceStore) -> None:
    ((key, own),) = changed(trace).items()
    assert (key, [change.part for change in own]) == (("reviser", 1), ["code"])
    assert [line for line in own[0].read().splitlines() if line[0] in "+-"] == ["-    return 1", "+    return 2"]


def test_only_parts_that_differ_are_told(recorded: Recorded) -> None:
    design = {**DESIGN, "seed_rows": {"seats": [{"id": "s1"}]}}
    revision = {"diagnosis": "d", "faulty": ["seed"], "design": design, "cases": {"cases": [{"id": "one"}]}}
    events = [*BEGUN, *answered("schema_designer", 0, DESIGN), *answered("tester", 0, CASES)]
    found = changed(recorded(iter([*events, *answered("reviser", 1, revision)])))
    assert [change.part for change in found["reviser", 1]] == ["seed data", "cases"]
    removed = [[line for line in change.read().splitlines() if line[0] == "-"] for change in found["reviser", 1]]
    assert [any("s2" in line for line in removed[0]), any("two" in line for line in removed[1])] == [True, True]


def test_each_revision_is_compared_with_the_one_before(recorded: Recorded) -> None:
    code = [{"faulty": ["code"], "code": {"source": f"x = {number}\n"}} for number in range(3)]
    events = [*BEGUN, *answered("coder", 0, {"source": "x = 0\n"})]
    found = changed(recorded(iter([*events, *answered("reviser", 1, code[1]), *answered("reviser", 2, code[2])])))
    assert [line for line in found["reviser", 2][0].read().splitlines() if line[0] in "+-"] == ["-x = 1", "+x = 2"]


def test_what_failed_changed_nothing(recorded: Recorded) -> None:
    events = [*BEGUN, *answered("coder", 0, {"source": "x = 0\n"}), *answered("reviser", 1, {}, "BadAnswer: no")]
    assert changed(recorded(iter(events))) == {}
