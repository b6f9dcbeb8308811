"""Values as a person writes them: every form leaves one reading."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.phrasing.spoken import (
    Bound,
    Manner,
    bare_day_is_clear,
    clock_in_words,
    count_in_words,
    money_in_words,
    outright,
    relative_days,
    stretch_in_words,
)
from envfactory.phrasing.words import flatten, string
from envfactory.reading.dates import single_days

TODAY = date(2027, 5, 3)
"""A Monday."""


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("day month", "5 June"),
        ("dayth month", "5th June"),
        ("dayth of month", "the 5th of June"),
        ("month day", "June 5"),
        ("month dayth", "June 5th"),
    ],
)
def test_a_date_said_outright(style: str, expected: str) -> None:
    assert outright(date(2027, 6, 5), TODAY, Manner(dates=style), random.Random(0)).words == expected  # type: ignore[arg-type]


def test_a_date_far_off_has_its_year() -> None:
    assert outright(date(2027, 10, 5), TODAY, Manner(), random.Random(0)).words == "5 October 2027"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 5, 3), {"today"}),
        (date(2027, 5, 4), {"tomorrow"}),
        (date(2027, 5, 7), {"Friday", "this Friday", "the 7th", "Friday the 7th"}),
        (date(2027, 5, 2), {"yesterday"}),
        (date(2027, 7, 2), set()),
    ],
)
def test_relative_days(day: date, expected: set[str]) -> None:
    assert {each.words for each in relative_days(day, TODAY)} == expected


def test_a_bare_day_is_clear_only_where_the_coming_one_is_nearer() -> None:
    assert bare_day_is_clear(date(2027, 5, 17), TODAY)
    assert not bare_day_is_clear(date(2027, 5, 29), TODAY)


@given(st.dates(date(2027, 1, 1), date(2028, 12, 31)), st.integers(-6, 27))
def test_an_independent_reader_finds_exactly_the_day(today: date, ahead: int) -> None:
    day = date.fromordinal(today.toordinal() + ahead)
    for said in relative_days(day, today):
        readings = single_days(f"It is {said.preposition} {said.words}.", f"{today.isoformat()}T09:00:00Z")
        assert [reading.values for reading in readings] == [(day.isoformat(),)], said


@pytest.mark.parametrize(
    ("hour", "minute", "twelve", "expected"),
    [(18, 30, True, "6:30pm"), (7, 0, True, "7am"), (18, 30, False, "18:30"), (0, 5, True, "12:05am")],
)
def test_times_of_day(hour: int, minute: int, twelve: bool, expected: str) -> None:
    assert clock_in_words(hour, minute, Manner(twelve_hours=twelve), random.Random(0)) == expected


@pytest.mark.parametrize(
    ("minor", "currency", "signs", "expected"),
    [
        (12000, "EUR", True, "€120"),
        (12000, "EUR", False, "120 euros"),
        (4550, "GBP", False, "£45.50"),
        (100, "GBP", False, "1 pound"),
        (150000, "USD", True, "$1,500"),
    ],
)
def test_sums_of_money(minor: int, currency: str, signs: bool, expected: str) -> None:
    assert money_in_words(minor, currency, Manner(signs=signs)) == expected


def test_counts() -> None:
    assert [count_in_words(number, Manner()) for number in (0, 2, 13)] == ["no", "two", "13"]


@pytest.mark.parametrize("seed", range(12))
def test_a_stretch_says_both_ends_once(seed: int) -> None:
    words = stretch_in_words(
        Bound(date(2027, 5, 20), "m1"),
        Bound(date(2027, 5, 22), "m2"),
        "night",
        False,
        TODAY,
        Manner(),
        random.Random(seed),
    )

    said, spans = flatten(words)

    assert set(spans) == {"m1", "m2"}
    assert ("two nights" in said) != (said.count("2") > 1)


def test_one_day_of_a_closed_stretch_says_both_ends() -> None:
    day = date(2027, 5, 20)

    words = stretch_in_words(Bound(day, "m1"), Bound(day, "m2"), "day", True, TODAY, Manner(), random.Random(0))

    assert string(words) == "on 20 May"
    assert flatten(words)[1]["m1"] == flatten(words)[1]["m2"]
