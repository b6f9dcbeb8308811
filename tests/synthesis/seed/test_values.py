"""Values by generator, and by what a column's type, bounds, format and name suggest."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from envfactory.errors import DesignError
from envfactory.synthesis.annotations import Generator
from envfactory.synthesis.seed.people import person
from envfactory.synthesis.seed.values import Drawing, from_generator, natural
from envfactory.synthesis.tables import Column

CLOCK = "2026-05-12T08:00:00Z"
TEXT, DATE, WHOLE = Column("x", "string"), Column("x", "string", format="date"), Column("x", "integer")


def drawing(index: int = 0, **row: Any) -> Drawing:
    return Drawing(random.Random(index), CLOCK, person(1, "t", index, []), index, "thing", "seed of things.x", row)


def generated(column: Column, **notes: Any) -> list[Any]:
    generator = Generator.model_validate(notes)
    return [from_generator(generator, column, drawing(index)) for index in range(60)]


def test_values_and_their_weights() -> None:
    found = generated(TEXT, values=["a", "b", "c"], weights=[1, 1, 0])

    assert set(found) == {"a", "b"}


def test_a_cycle_goes_round() -> None:
    assert generated(TEXT, cycle=[1, 2, 3])[:4] == [1, 2, 3, 1]


def test_a_share_of_nulls() -> None:
    found = generated(TEXT, values=["a"], null=0.5)

    assert 15 < found.count(None) < 45


@pytest.mark.parametrize(
    ("column", "notes", "lowest", "highest"),
    [
        (WHOLE, {"range": [5, 20], "step": 5}, 5, 20),
        (Column("x", "number"), {"range": [0.5, 2.5], "step": 0.5}, 0.5, 2.5),
        (DATE, {"range": [-2, 3]}, "2026-05-10", "2026-05-15"),
        (DATE, {"range": ["2026-01-30", "2026-02-02"]}, "2026-01-30", "2026-02-02"),
        (TEXT, {"range": ["07:00", "08:30"], "step": 30}, "07:00", "08:30"),
    ],
)
def test_ranges_include_both_ends(column: Column, notes: dict[str, Any], lowest: Any, highest: Any) -> None:
    found = generated(column, **notes)

    assert (min(found), max(found)) == (lowest, highest)


def test_steps_are_kept() -> None:
    assert set(generated(WHOLE, range=[5, 20], step=5)) == {5, 10, 15, 20}
    assert set(generated(TEXT, range=["07:00", "08:30"], step=30)) == {"07:00", "07:30", "08:00", "08:30"}


def test_a_range_of_days_is_a_time_where_the_column_is_one() -> None:
    found = generated(Column("x", "string", format="date-time"), range=[1, 1])

    assert all(re.fullmatch(r"2026-05-13T(0[89]|1\d):[0-5]\d:[0-5]\dZ", value) for value in found)


def test_an_address_fits_the_name_of_its_row() -> None:
    generator = Generator(kind="email", of="name")

    assert from_generator(generator, TEXT, drawing(name="Ana Lima")).startswith("ana.lima@example.")


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ({"kind": "wizard"}, "no kind wizard"),
        ({"range": [3, 1]}, "is no range"),
        ({"range": ["a", "b"]}, "is no range"),
        ({"range": ["08:00", "07:00"]}, "ends before it begins"),
    ],
)
def test_a_wrong_generator_is_a_fault_of_the_document(notes: dict[str, Any], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        generated(WHOLE, **notes)


@pytest.mark.parametrize("notes", [{"values": [1], "cycle": [1]}, {"values": []}, {"values": [1], "weights": [1, 2]}])
def test_a_contradictory_generator_is_refused(notes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"one generator|at least one|as many"):
        Generator.model_validate(notes)


@pytest.mark.parametrize(
    ("column", "pattern"),
    [
        (Column("email", "string"), r"[a-z0-9.]+@example\.\w+"),
        (Column("departs_on", "string", format="date"), r"2026-\d\d-\d\d"),
        (Column("opens", "string", format="time"), r"\d\d:\d\d"),
        (Column("code", "string", pattern="^[A-Z]{3}$"), r"[A-Z]{3}"),
        (Column("flight", "string", examples=("LH123",)), r"LH\d{3}"),
        (Column("order_number", "string"), r"ON-\d{5}"),
        (Column("currency", "string"), r"[A-Z]{3}"),
        (
            Column("token", "string", format="uuid"),
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
    ],
)
def test_text_fits_format_pattern_examples_and_name(column: Column, pattern: str) -> None:
    found = [natural(column, drawing(index)) for index in range(20)]

    assert all(re.fullmatch(pattern, value) for value in found)
    assert len(set(found)) > 1


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        (Column("stars", "integer", minimum=2, maximum=4), 2, 4),
        (Column("price_cents", "integer", minimum=1), 1, 60_000),
        (Column("weight", "number", above=0, maximum=3), 0.001, 3),
        (Column("seats", "integer", minimum=100), 100, 200),
        (Column("year", "integer"), 2012, 2027),
        (Column("debt", "integer", maximum=-5), -1000, -5),
    ],
)
def test_numbers_stay_within_bounds(column: Column, low: float, high: float) -> None:
    found = [natural(column, drawing(index)) for index in range(60)]

    assert all(low <= value <= high for value in found)
    assert len(set(found)) > 2


def test_enumerations_and_lengths_are_kept() -> None:
    assert natural(Column("x", "string", enum=("a",)), drawing()) == "a"
    assert all(len(natural(Column("notes", "string", max_length=12), drawing(index))) <= 12 for index in range(30))


def test_json_follows_its_schema() -> None:
    items = {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}

    found = natural(Column("tags", "json", items=items), drawing())

    assert found
    assert set(found) <= {"a", "b"}
