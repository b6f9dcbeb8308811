"""The accept set: what else is as good as the gold."""

from __future__ import annotations

from collections import Counter

import pytest

from envfactory.tasks.edits import arranged, with_step, without
from envfactory.tasks.model import Step, Task
from envfactory.tasks.play import word
from envfactory.tasks.scope import Scope
from envfactory.tasks.ways import Way, accept_ways, renamed


@pytest.fixture(scope="module")
def ways(porto: Task, scope: Scope) -> list[Way]:
    return accept_ways(porto, scope)


def test_the_gold_comes_first_with_its_answers(ways: list[Way], porto: Task) -> None:
    assert ways[0].path.kind == "gold"
    assert ways[0].path.answers == [turn.answer for turn in porto.turns]


def test_ids_made_on_the_way_are_bound_and_others_are_not(ways: list[Way]) -> None:
    assert [step.bind for step in ways[0].path.steps] == [{}, {}, {"hire_id": (1, "hire_id")}, {}]


def test_there_are_ways_of_several_kinds(ways: list[Way]) -> None:
    kinds = Counter(way.path.kind for way in ways)
    assert kinds["extra_read"] == 2
    assert {"default_spelled_out", "extra_read", "gold"} <= set(kinds)


def test_dependent_calls_are_never_swapped(ways: list[Way]) -> None:
    for way in ways:
        tools = [step.tool for step in way.path.steps]
        assert tools.index("book_boat") < tools.index("confirm_hire")


def test_every_way_comes_out_as_the_gold_does(ways: list[Way]) -> None:
    for way in ways:
        assert [word(o) for o in way.played.outcomes if o["status"] != "ok"] == ["CREW_TOO_LARGE"]
        assert len(way.played.changes["boat_hire"]) == 2


def test_independent_calls_are_swapped_and_answers_follow_their_ids(both: Task, scope: Scope) -> None:
    """Ids are counted by environment, so swapping the environments keeps them, and swapping two hires would not."""
    swaps = [way for way in accept_ways(both, scope) if way.path.kind == "swap"]
    assert [step.environment for step in swaps[0].path.steps] == ["lake_office", "boat_hire"]
    assert renamed(["a is or_1, b is or_2"], {"x": {"or_1": "or_2", "or_2": "or_1"}}) == ["a is or_2, b is or_1"]


def test_another_read_is_harmless(rating: Task, scope: Scope) -> None:
    notes = [way.path.note for way in accept_ways(rating, scope) if way.path.kind == "extra_read"]
    assert "again: get_boat" in notes


STEPS = [
    Step(environment="e", tool="a", arguments={}),
    Step(environment="e", tool="b", arguments={"x": 1}, bind={"x": (0, "id")}),
    Step(environment="e", tool="c", arguments={"y": 2}, bind={"y": (1, "id")}),
]


def test_what_is_bound_follows_its_step() -> None:
    assert without(STEPS, [0])[1].bind == {"y": (0, "id")}
    assert without(STEPS, [0])[0].bind == {}
    assert with_step(STEPS, 1, STEPS[0])[3].bind == {"y": (2, "id")}


def test_no_step_comes_before_what_it_is_bound_to() -> None:
    assert arranged(STEPS, [1, 0, 2]) is None
