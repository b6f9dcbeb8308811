"""A look-up and the call it is made for name no two days, parties or ways that contradict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from envfactory.bench.inputs.world import Place
from envfactory.sampling.agreeing import clashes, days_held, party_of, same_things
from envfactory.sampling.views import EnvironmentView, ToolView


@pytest.mark.parametrize(
    ("looked", "wanted", "expected"),
    [
        (("2026-05-14", "2026-05-16"), ("2026-05-14", "2026-05-16"), False),
        (("2026-05-13", "2026-05-20"), ("2026-05-14", "2026-05-16"), True),
        (("2026-05-22", "2026-05-24"), ("2026-05-14", "2026-05-16"), True),
    ],
)
def test_a_call_that_names_days_is_looked_up_for_these(
    view: EnvironmentView, looked: tuple[str, str], wanted: tuple[str, str], expected: bool
) -> None:
    search = dict(zip(("start_date", "end_date"), looked, strict=True))
    book = dict(zip(("start_date", "end_date"), wanted, strict=True))
    assert clashes(view.tools["search_boats"], search, view.tools["book_boat"], book) is expected


def test_a_call_without_days_takes_any(view: EnvironmentView) -> None:
    search = {"start_date": "2026-05-22", "end_date": "2026-05-24"}
    assert not clashes(view.tools["search_boats"], search, view.tools["cancel_hire"], {"hire_id": "hi_15"})


def test_a_call_without_days_takes_those_of_what_it_names(view: EnvironmentView) -> None:
    search = {"start_date": "2026-05-22", "end_date": "2026-05-24"}
    tools = view.tools["search_boats"], view.tools["cancel_hire"]
    assert clashes(tools[0], search, tools[1], {"hire_id": "hi_15"}, ["2026-05-25"])
    assert not clashes(tools[0], search, tools[1], {"hire_id": "hi_15"}, ["2026-05-23"])


def test_ones_own_things_hold_the_days_where_nothing_else_does(view: EnvironmentView) -> None:
    hire, boat = view.world.rows("hires")[0], {"id": "bt_01", "launched_on": "2026-06-01", "created_at": "2020-01-01"}
    assert days_held(view, [Place("hires", hire), Place("boats", boat)]) == ["2026-06-01"]
    assert days_held(view, [Place("hires", hire)]) == ["2026-03-02", "2026-03-06"]


def framed(tool: ToolView, **frames: Any) -> ToolView:
    return replace(tool, contract=tool.contract.model_copy(update={"frames": frames}))


def counting(view: EnvironmentView, tool: str, parameter: str) -> ToolView:
    return framed(view.tools[tool], slots={parameter: {"count": "person", "party": True}})


@pytest.mark.parametrize(("looked", "expected"), [(2, False), (3, True)])
def test_a_party_is_the_same_in_both(view: EnvironmentView, looked: int, expected: bool) -> None:
    search, book = counting(view, "search_boats", "min_berths"), counting(view, "book_boat", "crew")
    assert clashes(search, {"min_berths": looked}, book, {"crew": 2}) is expected


def test_who_does_not_count_comes_by_default(view: EnvironmentView) -> None:
    assert party_of(counting(view, "search_boats", "min_berths"), {}) == 1
    assert party_of(view.tools["search_boats"], {}) is None


@pytest.mark.parametrize(("way", "expected"), [("from the harbour", True), ("to the harbour", False)])
def test_nobody_goes_both_ways_in_one_wish(view: EnvironmentView, way: str, expected: bool) -> None:
    search = framed(view.tools["search_boats"], slots={"kind": {"sail": way}})
    book = framed(view.tools["book_boat"], vp=["book a boat to the harbour | {boat_id}"])
    assert clashes(search, {"kind": "sail"}, book, {}) is expected


@pytest.mark.parametrize(
    ("given", "expected"), [({"customer_id": "cu_01"}, {}), ({"hire_id": "hi_15"}, {"hire_id": "hi_15"})]
)
def test_a_look_up_is_for_the_thing_that_its_call_is_for(
    view: EnvironmentView, given: dict[str, str], expected: dict[str, str]
) -> None:
    """Who is signed in is no thing that a look-up could be for."""
    assert same_things(view.tools["get_hire"], view.tools["cancel_hire"], given) == expected
