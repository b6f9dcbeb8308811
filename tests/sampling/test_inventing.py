"""Values that somebody could have in mind: hours of the day, real measures, meters that went on, days near the old ones."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from envfactory.bench.inputs.world import Place
from envfactory.environments.contract import Parameter
from envfactory.sampling.bounds import bounded, parsed, shaped
from envfactory.sampling.inventing import Inventor, Wish
from envfactory.sampling.views import EnvironmentView, Slot, ToolView

BERTHS = ("boats", "berths")


def slot(name: str, **more: Any) -> Slot:
    parameter = Parameter.model_validate({"type": "integer", "description": "", "required": True, "maximum": 40_000})
    return Slot(name, parameter, more.pop("role", "count"), **more)


def inventor(view: EnvironmentView, tool: ToolView, *, rows: tuple[Place, ...] = (), **stored: list[int]) -> Inventor:
    return Inventor(view, tool, view.world, Wish(view.persons()[0], rows=rows), random.Random(3), stored)


def framed(view: EnvironmentView, **frames: Any) -> ToolView:
    tool = view.tools["add_gear"]
    return replace(tool, contract=tool.contract.model_copy(update={"frames": {"slots": frames}}))


def test_nobody_leaves_in_the_middle_of_the_night(view: EnvironmentView) -> None:
    made = inventor(view, view.tools["search_boats"])
    assert {made._count(slot("earliest_hour")) for _ in range(60)} <= set(range(7, 19))


def test_measures_are_those_of_real_things(view: EnvironmentView) -> None:
    made = inventor(view, framed(view, length={"per": 10}), length=[10, 39, 45, 60])
    assert {made._count(slot("length", related=())) for _ in range(30)} & {45, 60} >= {45, 60}


def test_a_meter_goes_on_from_where_it_stands(view: EnvironmentView) -> None:
    boat = {**view.world.rows("boats")[0], "berths": 36_000}
    made = inventor(view, view.tools["add_gear"], rows=(Place("boats", boat),))
    read = [made._count(slot("odometer", related=(BERTHS,))) for _ in range(20)]
    assert min(read) > 36_000
    assert max(read) < 37_000


@pytest.mark.parametrize(("bound", "least"), [(2_000_000, 2_000), (50_000, 500)])
def test_large_bounds_are_for_large_sums(view: EnvironmentView, bound: int, least: int) -> None:
    sums = slot("amount_cents", role="money")
    sums = replace(sums, parameter=sums.parameter.model_copy(update={"maximum": bound}))
    made = [inventor(view, view.tools["add_gear"])._money(sums) for _ in range(5)]
    assert min(made) >= least


@pytest.mark.parametrize(
    ("role", "expected"), [("date", "2026-05-14"), ("time", "10:30"), ("moment", "2026-05-14T10:30:00Z")]
)
def test_moments_in_the_form_that_a_parameter_takes(role: Any, expected: str) -> None:
    assert shaped(slot("at", role=role), parsed("2026-05-14T10:30:00Z")) == expected


def test_numbers_stay_within_bounds() -> None:
    assert bounded(slot("many"), 90_000) == 40_000


@pytest.mark.parametrize(
    ("usual", "least", "most"),
    [([38, 49], 38, 49), ({"kind": {"car": [38, 49], "camper": [54, 74]}}, 54, 74), ({"kind": {"bike": [1, 2]}}, 3, 9)],
)
def test_numbers_that_people_have_in_mind(view: EnvironmentView, usual: Any, least: int, most: int) -> None:
    made = inventor(view, framed(view, length={"per": 10, "usual": usual}), length=[3, 9])
    made._given["kind"] = "camper"
    found = {made._count(replace(slot("length"), parameter=slot("length").parameter.model_copy(update={"maximum": 99}))) for _ in range(9)}  # fmt: skip
    assert least <= min(found) and max(found) <= most  # noqa: PT018 - one range
