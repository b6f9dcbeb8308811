"""Values in words: one value each, and forms that people write."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.phrasing import stating

NOW = "2027-08-02T04:40:00Z"


@pytest.mark.parametrize(
    ("minor", "unit", "said"),
    [
        (4960, "EUR", "€49.60"),
        (123450, "GBP", "£1,234.50"),
        (2000, "CHF", "20.00 CHF"),
        (1500, "JPY", "1,500 JPY"),
        (-500, "USD", "-$5.00"),
        (995, "", "9.95"),
    ],
)
def test_money(minor: int, unit: str, said: str) -> None:
    assert stating.amount(minor, unit) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2027-08-05", "Thursday 5 August"),
        ("2028-02-01", "Tuesday 1 February 2028"),
        ("2027-08-05T22:10:00Z", "Thursday 5 August"),
    ],
)
def test_a_day_has_its_year_where_it_is_not_near(value: str, said: str) -> None:
    assert stating.day(value, NOW) == said


def test_a_moment_is_a_time_and_a_day() -> None:
    assert stating.moment("2027-08-05T07:05:00Z", NOW) == "07:05 on Thursday 5 August"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2027-08-05", "2027-08-08", "from Thursday 5 to Sunday 8 August"),
        ("2027-08-30", "2027-09-02", "from Monday 30 August to Thursday 2 September"),
        ("2027-08-05", "2027-08-05", "on Thursday 5 August"),
    ],
)
def test_a_stretch_says_the_month_once(first: str, last: str, said: str) -> None:
    assert stating.stretch(first, last, NOW) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"),
        (3, "3"),
        (4.5, "4.5"),
        ("checked_in", "checked in"),
        ("2027-09", "September 2027"),
        (["a", "b", "c"], "a, b and c"),
        ("De Zilte Kade", "De Zilte Kade"),
    ],
)
def test_plain_values(value: Any, said: str) -> None:
    assert stating.plain(value, NOW) == said


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (1, "night", "1 night"),
        (2, "person", "2 people"),
        (3, "child seat", "3 child seats"),
        (2, "category", "2 categories"),
        (2, "box", "2 boxes"),
    ],
)
def test_counts_agree(count: int, noun: str, said: str) -> None:
    assert stating.counted(count, noun) == said


def test_a_sentence_is_tidy() -> None:
    assert stating.sentence("  you have 2 classes , so far ") == "You have 2 classes, so far."
    assert stating.sentence("") == ""
