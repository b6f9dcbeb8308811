"""Values as a slot's author wants them said: numbers with words of their own, units that people use."""

from __future__ import annotations

import random

import pytest

from envfactory.phrasing import slots
from envfactory.phrasing.inference import slot_frame
from envfactory.phrasing.spoken import relative_days
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.voice import voice_of
from envfactory.phrasing.words import string
from tests.phrasing import harbour

TASK = harbour.booking()
TELLING = Telling(TASK, 0, harbour.frames(), random.Random(0), voice_of(TASK), plain=True)


@pytest.mark.parametrize(
    ("raw", "value", "expected"),
    [
        ({"number": True, "per": 10, "np": "that's {v} m long"}, 39, "that's 3.9 m long"),
        ({"number": True, "per": 10, "np": "that's {v} m long"}, 40, "that's 4 m long"),
        ({"number": True, "np": "and {v}", "values": {"2": "a quarter of a tank"}}, 2, "and a quarter of a tank"),
        ({"number": True, "np": "and {v} eighths", "values": {"2": "a quarter"}}, 3, "and 3 eighths"),
    ],
)
def test_numbers_in_the_authors_words(raw: dict[str, object], value: int, expected: str) -> None:
    slot = slot_frame("length", {"type": "integer"}, raw, "")
    said = slots.phrase(TELLING, slot, harbour.mention("m9", "book_boat.length", value))
    assert string(said) == expected


def test_in_a_week_stands_after_no_preposition() -> None:
    today = TELLING.today("harbour")
    coming = today.replace(day=today.day + 7)
    assert "in a week" in [each.words for each in relative_days(coming, today)]
    assert not any("week" in each.words for each in relative_days(coming, today, bare=True))
