"""What singles a row out: names where they do, several marks where one does not, rankings by a strict margin only."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from envfactory.sampling.paths import Record, records
from envfactory.sampling.selecting import Choice, Mark, Selector, is_word, still_singles_out, strictly_first
from envfactory.sampling.views import EnvironmentView


def rows(*found: dict[str, Any]) -> list[Record]:
    return [record for record in records({"hires": list(found)}) if record.listed]


def hire(key: str, boat: str, start: str) -> dict[str, Any]:
    return {"hire_id": key, "boat": boat, "start_date": start}


def first_choice(view: EnvironmentView, found: list[Record], place: int) -> Choice | None:
    tool = view.tools["list_hires"]
    return next(Selector(view).choices(tool, found, found[place], "hire_id", random.Random(1)), None)


def test_one_mark_is_enough_where_it_is_the_only_one(view: EnvironmentView) -> None:
    found = rows(hire("hi_1", "Bura", "2026-06-01"), hire("hi_2", "Galeb", "2026-06-01"))
    choice = first_choice(view, found, 1)
    assert choice is not None
    assert [(mark.field, mark.value) for mark in choice.marks] == [("boat", "Galeb")]


def test_two_marks_are_taken_where_one_fits_several(view: EnvironmentView) -> None:
    found = rows(
        hire("hi_1", "Bura", "2026-06-01"), hire("hi_2", "Bura", "2026-06-08"), hire("hi_3", "Galeb", "2026-06-08")
    )
    choice = first_choice(view, found, 1)
    assert choice is not None
    assert {(mark.field, mark.value) for mark in choice.marks} == {("boat", "Bura"), ("start_date", "2026-06-08")}


def test_rows_that_look_alike_cannot_be_told_apart(view: EnvironmentView) -> None:
    found = rows(hire("hi_1", "Bura", "2026-06-01"), hire("hi_2", "Bura", "2026-06-01"))
    assert first_choice(view, found, 0) is None


def test_keys_are_never_said(view: EnvironmentView) -> None:
    found = rows(hire("hi_1", "Bura", "2026-06-01"), hire("hi_2", "Galeb", "2026-06-08"))
    tool = view.tools["list_hires"]
    said = [
        mark
        for each in Selector(view).choices(tool, found, found[0], "hire_id", random.Random(1))
        for mark in each.marks
    ]
    assert said
    assert "hire_id" not in {mark.field for mark in said}


@pytest.mark.parametrize(("others", "is_first"), [([30, 40], True), ([20, 40], False), ([10, 40], False), ([], False)])
def test_a_ranking_needs_a_strict_margin(others: list[int], is_first: bool) -> None:
    found = rows({"hire_id": "a", "cents": 20}, *({"hire_id": f"b{n}", "cents": n} for n in others))
    assert strictly_first(found, found[0], "cents", "min", "hire_id") is is_first


def test_a_description_that_no_longer_fits_is_noticed() -> None:
    then, now = rows(hire("hi_1", "Bura", "2026-06-01")), rows(hire("hi_1", "Bura", "2026-06-09"))
    choice = Choice((Mark("start_date", "2026-06-01", "hires.start_date"),))
    assert still_singles_out(then, then[0], "hire_id", choice)
    assert not still_singles_out(now, then[0], "hire_id", choice)


@pytest.mark.parametrize(
    ("key", "said"), [("flexible", True), ("flex", True), ("mbmr", False), ("bt_01", False), (3, False)]
)
def test_some_keys_are_words(key: object, said: bool) -> None:
    assert is_word(key) is said


def test_of_two_things_of_a_kind_the_right_one_is_named(view: EnvironmentView) -> None:
    """A transfer from one boat to another: what the other is called says nothing of the one."""
    tool = view.tools["list_hires"]
    shown = tool.shown["hires[].boat_id"]
    name = replace(tool.shown["hires[].boat"], path="hires[].to_boat")
    twins = {
        "hires[].from_boat_id": replace(shown, path="hires[].from_boat_id"),
        "hires[].to_boat_id": replace(shown, path="hires[].to_boat_id"),
        "hires[].from_boat": replace(name, path="hires[].from_boat"),
        "hires[].to_boat": name,
    }
    row = {"from_boat_id": "bt_1", "from_boat": "Bura", "to_boat_id": "bt_2", "to_boat": "Galeb"}
    other = {"from_boat_id": "bt_1", "from_boat": "Bura", "to_boat_id": "bt_3", "to_boat": "Robbe"}
    found = rows(row, other)
    choices = Selector(view).choices(replace(tool, shown=twins), found, found[0], "to_boat_id", random.Random(1))
    assert [(mark.field, mark.value) for mark in next(choices).marks] == [("to_boat", "Galeb")]


def test_a_place_is_not_known_by_the_price_of_going_there(view: EnvironmentView) -> None:
    found = rows({"marina_id": "mar_1", "fare_cents": 900}, {"marina_id": "mar_2", "fare_cents": 1200})
    said = [
        mark
        for each in Selector(view).choices(view.tools["list_hires"], found, found[0], "marina_id", random.Random(1))
        for mark in each.marks
    ]
    assert said == []
