"""Rows kept by conditions and singled out by rankings."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.refinement.selection import candidates, distinct, left, runner_up, same
from envfactory.runtime.paths import value_at
from envfactory.tasks.model import Condition, Rank

OFFERS = {
    "city": "Graz",
    "offers": [
        {"id": "a", "hotel": {"name": "Mur"}, "cents": 900, "plans": [{"plan": "p"}, {"plan": "q"}]},
        {"id": "b", "hotel": {"name": "Schlossberg"}, "cents": 700, "plans": [{"plan": "q"}]},
        {"id": "c", "hotel": {"name": "Mur"}, "cents": 700, "plans": []},
        {"id": "d", "hotel": {"name": "Eden"}, "cents": None, "plans": []},
    ],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [("offers[1].id", "b"), ("offers[0].plans[1].plan", "q"), ("city", "Graz"), ("offers[9].id", None), ("x.y", None)],
)
def test_a_concrete_path_names_one_place(path: str, value: Any) -> None:
    assert value_at(OFFERS, path) == value


def test_every_row_is_a_candidate_nested_ones_too() -> None:
    assert distinct(candidates(OFFERS, "offers[0].id")) == ["a", "b", "c", "d"]
    assert [each.path for each in candidates(OFFERS, "offers[0].plans[0].plan")] == [
        "offers[0].plans[0].plan",
        "offers[0].plans[1].plan",
        "offers[1].plans[0].plan",
    ]


@pytest.mark.parametrize(
    ("field", "op", "value", "kept"),
    [
        ("hotel.name", "eq", "mur ", ["a", "c"]),
        ("hotel.name", "ne", "Mur", ["b", "d"]),
        ("cents", "le", 700, ["b", "c"]),
        ("cents", "lt", 701.0, ["b", "c"]),
        ("cents", "ge", "700", []),
        ("hotel.name", "contains", "schloss", ["b"]),
        ("city", "eq", "Graz", ["a", "b", "c", "d"]),
        ("stars", "eq", 4, []),
    ],
)
def test_conditions_keep_rows(field: str, op: Any, value: Any, kept: list[str]) -> None:
    condition = Condition(field=field, op=op, value=value)
    assert distinct(left(candidates(OFFERS, "offers[0].id"), [condition])) == kept


def test_a_tie_leaves_both_and_has_no_margin() -> None:
    rank = Rank(field="cents", order="min")
    rows = candidates(OFFERS, "offers[0].id")
    assert distinct(left(rows, (), rank)) == ["b", "c"]
    assert runner_up(rows, (), rank) == (700, 900)


def test_a_ranking_after_conditions() -> None:
    rows = candidates(OFFERS, "offers[0].id")
    mur = [Condition(field="hotel.name", value="Mur")]
    assert distinct(left(rows, mur, Rank(field="cents", order="max"))) == ["a"]
    assert runner_up(rows, mur, Rank(field="cents", order="max")) == (900, 700)


@pytest.mark.parametrize(
    ("one", "other", "alike"), [("Graz", " graz", True), (2, 2.0, True), (True, 1, True), ("2", 2, False)]
)
def test_what_is_the_same_to_a_person(one: Any, other: Any, alike: bool) -> None:
    assert same(one, other) is alike
