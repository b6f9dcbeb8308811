"""Which motive a state edge needs: none, one that fits its tools and its code, or none that helps."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest

from envfactory.environments.graph import StateEdge
from envfactory.sampling import Sampler
from envfactory.sampling.focus import Focus, focuses
from envfactory.sampling.motives import NONE, ONE_OF_A_KIND, UNASKED, UNKNOWN, Senseless, asks_again, motive_of
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import Task
from envfactory.tasks.motives import AFTER_ALL, CALLED_OFF, FOR_OTHERS, IN_CASE, INSTEAD, MORE, ONCE_MORE

GIVEN = {"hire_id": "hi_15"}


def _edge(
    first: str,
    then: str,
    code: str,
    effect: Literal["enables", "disables"] = "disables",
    after: dict[str, Any] | None = None,
) -> StateEdge:
    evidence = {"call": [first, GIVEN], "arguments": GIVEN if after is None else after}
    return StateEdge(producer=first, consumer=then, effect=effect, code=code, evidence=evidence)


@pytest.mark.parametrize(
    ("first", "then", "code", "expected"),
    [
        ("cancel_hire", "cancel_hire", "HIRE_CLOSED", ONCE_MORE),
        ("cancel_hire", "add_gear", "HIRE_CLOSED", AFTER_ALL),
        ("confirm_hire", "cancel_hire", "INVALID_STATUS", CALLED_OFF),
        ("add_gear", "add_gear", "TOO_MANY_ITEMS", MORE),
        ("add_gear", "add_gear", "ALREADY_ADDED", ONCE_MORE),
        ("book_boat", "book_boat", "NOT_ENOUGH_BOATS", NONE),
    ],
)
def test_the_motive_fits_tools_and_code(view: EnvironmentView, first: str, then: str, code: str, expected: str) -> None:
    assert motive_of(view, _edge(first, then, code)) == expected


@pytest.mark.parametrize(("day", "expected"), [("2027-05-14", ONE_OF_A_KIND), ("2027-05-15", NONE)])
def test_the_very_same_thing_for_the_same_days_is_taken_once(view: EnvironmentView, day: str, expected: str) -> None:
    after = {**GIVEN, "start_date": "2027-05-14", "people": 2}
    edge = _edge("book_boat", "book_boat", "BOAT_NOT_FREE", after=after)
    call = ["book_boat", {**GIVEN, "start_date": day}]
    assert motive_of(view, edge.model_copy(update={"evidence": {**edge.evidence, "call": call}})) == expected


@pytest.mark.parametrize(("code", "expected"), [("PLACES_AVAILABLE", FOR_OTHERS), ("PLACES_NOT_AVAILABLE", NONE)])
def test_who_waits_for_what_one_has_taken_does_so_for_others(view: EnvironmentView, code: str, expected: str) -> None:
    waiting = replace(view.tools["book_boat"], name="join_waiting_list")
    here = cast(EnvironmentView, SimpleNamespace(tools={**view.tools, waiting.name: waiting}))
    assert motive_of(here, _edge("book_boat", waiting.name, code, "enables")) == expected


def test_what_is_given_up_leads_to_another_or_keeps_a_door_open(view: EnvironmentView) -> None:
    assert motive_of(view, _edge("cancel_hire", "book_boat", "NOT_AVAILABLE", "enables")) == INSTEAD
    assert motive_of(view, _edge("cancel_hire", "book_boat", "FREE", after={"boat_id": "bt_12"})) == IN_CASE


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        (_edge("add_gear", "cancel_hire", "SAME_STATE"), NONE),
        (_edge("sell_boat", "cancel_hire", "HIRE_CLOSED"), UNKNOWN),
    ],
)
def test_no_motive_is_made_up(view: EnvironmentView, edge: StateEdge, expected: str) -> None:
    assert motive_of(view, edge) == expected


def test_a_reason_against_is_no_motive() -> None:
    assert isinstance(UNASKED, Senseless)
    assert not isinstance(ONCE_MORE, Senseless)


def test_asking_again_is_asking_for_the_very_same() -> None:
    edge = _edge("cancel_hire", "cancel_hire", "INVALID_STATUS")
    assert asks_again(edge)
    assert not asks_again(edge.model_copy(update={"consumer": "confirm_hire"}))


@pytest.mark.parametrize("motive", [ONCE_MORE, AFTER_ALL])
def test_a_story_brings_the_edge_about_with_its_motive(sampler: Sampler, view: EnvironmentView, motive: str) -> None:
    focus = next(each for each in focuses(view) if each.motive == motive)
    task = _told(sampler, focus)
    asked = [request for turn in task.turns for request in turn.requests if request.story == motive]
    assert [task.gold[each.call].tool for each in asked] == [focus.then]
    assert [task.gold[each.call].outcome for each in asked] == [focus.code]


def test_who_asks_once_more_asks_for_the_very_same(sampler: Sampler, view: EnvironmentView) -> None:
    focus = next(each for each in focuses(view) if each.motive == ONCE_MORE)
    task = _told(sampler, focus)
    calls = [call for call in task.gold if call.tool == focus.then]
    assert [call.outcome for call in calls[:2]] == ["ok", focus.code]
    assert calls[0].arguments == calls[1].arguments


def _told(sampler: Sampler, focus: Focus) -> Task:
    dealt = (index for index in range(600) if sampler.focus(index) == focus)
    return next(task for task in map(sampler.sample, dealt) if isinstance(task, Task) and task.focus == str(focus))
