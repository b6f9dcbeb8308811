"""What a message says: each value with its place and all its denotations. Expectations are read off a calendar by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.reading.readings import read
from envfactory.reading.spans import Reading
from envfactory.reading.values import states

NOW = "2027-10-04T05:20:00Z"  # a Monday
TODAY = date(2027, 10, 4)
DAYS = st.dates(TODAY - timedelta(days=50), TODAY + timedelta(days=50))


def of_kind(text: str, kind: str, now: str = NOW) -> list[Reading]:
    return [each for each in read(text, now) if each.kind == kind]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("next Friday", ("2027-10-08", "2027-10-15")),
        ("this Friday", ("2027-10-08",)),
        ("Friday week", ("2027-10-15",)),
        ("Monday", ("2027-10-04", "2027-10-11")),
        ("last Friday", ("2027-10-01",)),
        ("5/10", ("2027-10-05", "2028-05-10", "2027-05-10")),
        ("the 2nd", ("2027-11-02", "2027-10-02")),
        ("the 18th", ("2027-10-18",)),
        ("Friday the 8th", ("2027-10-08",)),
        ("my rental on Tuesday the 12th costs", ("2027-10-12",)),
        ("Friday the 9th", ()),
        ("31 November", ()),
        ("in two weeks", ("2027-10-18",)),
        ("two days ago", ("2027-10-02",)),
        ("the day after tomorrow", ("2027-10-06",)),
        ("a week on Tuesday", ("2027-10-12",)),
        ("25 September", ("2027-09-25",)),
        ("10 April", ("2028-04-10", "2027-04-10")),
        ("10 April 2028", ("2028-04-10",)),
    ],
)
def test_day_has_all_its_denotations(text: str, days: tuple[str, ...]) -> None:
    found = of_kind(f"Could you do it {text}, please?", "date")
    assert [each.values for each in found] == [days]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("from the 5th to the 8th", (("2027-10-05", "2027-10-08"),)),
        ("5-8 October", (("2027-10-05", "2027-10-08"),)),
        ("from Thursday 7 to Sunday 10 October", (("2027-10-07", "2027-10-10"),)),
        ("October 5 to 8", (("2027-10-05", "2027-10-08"),)),
        ("between the 5th and the 8th", (("2027-10-05", "2027-10-08"),)),
        ("Friday to Sunday", (("2027-10-08", "2027-10-10"),)),
        ("two nights from the 6th", (("2027-10-06", "2027-10-08"),)),
        ("the 6th for two nights", (("2027-10-06", "2027-10-08"),)),
        ("from 29 October to 2 November", (("2027-10-29", "2027-11-02"),)),
        ("from the 15th to the 2nd", (("2027-10-15", "2027-11-02"),)),
        ("this weekend", (("2027-10-09", "2027-10-10"), ("2027-10-08", "2027-10-10"))),
        ("next week", (("2027-10-11", "2027-10-17"),)),
        ("from 8 until 13 April 2028", (("2028-04-08", "2028-04-13"),)),
        ("10 until 17 November", (("2027-11-10", "2027-11-17"),)),
        ("the 5th to the 8th of June 2028", (("2028-06-05", "2028-06-08"),)),
        ("6th July until 3rd August 2028", (("2028-07-06", "2028-08-03"),)),
        ("from 28 December to 3 January 2028", (("2027-12-28", "2028-01-03"),)),
        ("in November", (("2027-11-01", "2027-11-30"),)),
        ("in March", (("2028-03-01", "2028-03-31"),)),
    ],
)
def test_stretch_of_days(text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    found = of_kind(f"I need it {text}, please.", "range")
    assert [each.values for each in found] == [pairs]


def test_a_day_and_a_month_are_listed_not_stretched() -> None:
    assert of_kind("on the 5th and the 8th", "range") == []
    assert [each.values for each in of_kind("on the 5th and the 8th", "date")] == [("2027-10-05",), ("2027-10-08",)]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("at three", ("03:00", "15:00")),
        ("at 3pm", ("15:00",)),
        ("at 12:00", ("12:00",)),
        ("at 07:05", ("07:05",)),
        ("half eight", ()),
        ("at half eight in the evening", ("20:30",)),
        ("at midnight", ("00:00",)),
        ("after 9 in the morning", ("09:00",)),
    ],
)
def test_time_has_all_its_denotations(text: str, times: tuple[str, ...]) -> None:
    found = of_kind(f"Please come {text}.", "time")
    assert [each.values for each in found] == ([times] if times else [])


def test_two_times_share_their_half_of_the_day() -> None:
    found = of_kind("between 3 and 5 pm, or 9-11am", "time_range")
    assert [each.values for each in found] == [(("15:00", "17:00"),), (("09:00", "11:00"),)]


def test_day_and_time_become_one_moment() -> None:
    found = read("a car on Friday at 15:00", NOW)
    assert [(each.kind, each.values) for each in found] == [("datetime", ("2027-10-08T15:00",))]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("under €50", ("lt", 5000)),
        ("at most 50 euros", ("le", 5000)),
        ("€50 or less", ("le", 5000)),
        ("at least two bedrooms", ("ge", 2)),
        ("after 3pm", ("gt", "15:00")),
        ("before Friday", ("lt", "2027-10-08")),
    ],
)
def test_bounds(text: str, bound: tuple[str, Any]) -> None:
    found = of_kind(f"Something {text}, please", "comparison")
    assert [each.values for each in found] == [(bound,)]


@pytest.mark.parametrize(
    ("text", "order", "by"),
    [
        ("the cheapest one", "min", "price"),
        ("as cheap as possible", "min", "price"),
        ("the earliest train", "min", "time"),
        ("the last bus", "max", "time"),
        ("the one with the fewest stops", "min", ""),
        ("the most expensive", "max", "price"),
        ("the best-rated tour", "max", "rating"),
        ("the roomiest car", "max", "size"),
    ],
)
def test_rankings(text: str, order: str, by: str) -> None:
    found = of_kind(f"I'd like {text}.", "superlative")
    assert [(each.values, each.unit) for each in found] == [((order,), by)]


@pytest.mark.parametrize(
    "text", ["a guest in the west of Budapest", "I suggest the rest", "my last name", "last week", "a forest"]
)
def test_words_that_only_look_like_rankings(text: str) -> None:
    assert of_kind(text, "superlative") == []


def test_references_choices_and_quotations() -> None:
    found = read('Take that one, in a single or double room, for "The Lanes".', NOW)
    assert [(each.kind, each.values) for each in found] == [
        ("reference", ("that one",)),
        ("choice", (("single", "double"),)),
        ("quoted", ("The Lanes",)),
    ]


def test_counts_carry_their_noun() -> None:
    found = of_kind("for 2 adults and one child", "number")
    assert [(each.values[0], each.unit) for each in found] == [(2, "adults"), (1, "child")]


# --- what a simple formatter writes is read back ----------------------------------------------------------------------


def _suffixed(day: int) -> str:
    return f"{day}{'th' if 10 <= day % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


DATE_FORMS = st.sampled_from(
    ["{0:%A} {0.day} {0:%B}", "{1} of {0:%B}", "{0:%B} {1}", "{0:%b} {0.day}, {0.year}", "{0}", "{0:%d.%m.%Y}"]
)
FILLERS = st.sampled_from(
    ["Could you do {} please?", "{}", "I think it was {}.", "Not sure ({}), sorry", "We leave {} and come back later"]
)


@given(DAYS, DATE_FORMS, FILLERS)
def test_written_dates_are_read_back(day: date, form: str, filler: str) -> None:
    text = filler.format(form.format(day, _suffixed(day.day)))
    assert [each.values for each in of_kind(text, "date")] == [(day.isoformat(),)]
    assert not states(text, "date", (day + timedelta(days=1)).isoformat(), now=NOW)


@given(st.integers(1, 99_999_999), st.sampled_from(["€{:,.2f}", "EUR {:.2f}", "{:,.2f} euros", "{:.2f} €"]), FILLERS)
def test_written_sums_are_read_back(minor: int, form: str, filler: str) -> None:
    text = filler.format(form.format(minor / 100))
    assert [(each.values, each.unit) for each in of_kind(text, "money")] == [((minor,), "EUR")]


@given(st.integers(0, 23), st.integers(0, 59), st.booleans())
def test_written_times_are_read_back(hour: int, minute: int, halved: bool) -> None:
    said = f"{hour % 12 or 12}:{minute:02}{'am' if hour < 12 else 'pm'}" if halved else f"{hour:02}:{minute:02}"
    found = of_kind(f"Let's say {said}, then.", "time")
    assert f"{hour:02}:{minute:02}" in found[0].values
    assert found[0].definite or not halved


@given(DAYS, st.integers(1, 20))
def test_written_stretches_are_read_back(first: date, nights: int) -> None:
    last = first + timedelta(days=nights)
    text = f"a room from {first.day} {first:%B} to {last.day} {last:%B}, please"
    assert [each.values for each in of_kind(text, "range")] == [((first.isoformat(), last.isoformat()),)]


@given(st.integers(0, 999_999))
def test_written_numbers_are_read_back(number: int) -> None:
    assert states(f"there are {number:,} of them", "number", number)
    assert not states(f"there are {number:,} of them", "number", number + 1)


PROSE = st.lists(
    st.sampled_from(
        "we may march to the sat nav, please call me back about that booking or not she was close to none".split()
    ),
    min_size=1,
    max_size=14,
).map(" ".join)


@given(PROSE)
def test_nothing_is_read_out_of_prose(text: str) -> None:
    values = {"date", "datetime", "range", "time", "money", "number", "duration", "percent"}
    assert [each for each in read(text, NOW) if each.kind in values] == []


@given(st.text(max_size=80))
def test_any_text_can_be_read_and_spans_hold(text: str) -> None:
    for each in read(text, NOW):
        assert 0 <= each.start < each.end <= len(text)
        assert each.kind == "quoted" or text[each.start : each.end] == each.words


FRAGMENTS = st.lists(
    st.sampled_from(
        "from to until between and on at by the 5th 31st 30 2028 29 February 28 January Friday next week month last 5/10 31/04 12:60 25:00"
        " 3 pm noon half past two nights days hours €50 1,234.50 £ k an a hundred thousand one 0 -5 % in ago tomorrow not or 'x' cheapest"
        " under over than more most as possible 24/7 99999999999 00 minutes 1 h 2 p of May".split()
    ),
    max_size=14,
).map(" ".join)


@given(FRAGMENTS, st.sampled_from([NOW, "", "2028-02-29T23:59:00Z"]))
def test_any_mixture_of_values_can_be_read(text: str, now: str) -> None:
    for each in read(text, now):
        days = [value for value in each.values if each.kind == "date" and not value.startswith("-")]
        assert [date.fromisoformat(day).isoformat() for day in days] == days
        assert each.kind != "range" or all(first < last for first, last in each.values)
