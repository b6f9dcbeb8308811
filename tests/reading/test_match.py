"""Known names in a text: found whatever their case, number or hyphens; never inside other words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.reading.match import Names, find_names, stem

NAMES = ["The Lanes", "Brighton", "double room", "check-in", "São Paulo", "in_transit", "King's Cross", "Cross"]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("a room at the lanes please", "The Lanes", "the lanes"),
        ("BRIGHTON'S seafront", "Brighton", "BRIGHTON'S"),
        ("two double rooms", "double room", "double rooms"),
        ("a double-room", "double room", "double-room"),
        ("at checkin", "check-in", "checkin"),
        ("to Sao Paulo", "São Paulo", "Sao Paulo"),
        ("it is in transit", "in_transit", "in transit"),
        ("from Kings Cross", "King's Cross", "Kings Cross"),
    ],
)
def test_name_is_found_where_it_stands(text: str, name: str, words: str) -> None:
    found = find_names(text, NAMES)
    assert [(each.name, text[each.start : each.end]) for each in found] == [(name, words)]


@pytest.mark.parametrize("text", ["Brightonian", "a crossing", "transit", "lane", ""])
def test_name_is_not_found_inside_other_words(text: str) -> None:
    assert find_names(text, NAMES) == []


def test_plural_is_found_but_not_as_exact() -> None:
    exact, inexact = find_names("a double room, two double rooms", NAMES)
    assert (exact.exact, inexact.exact) == (True, False)


def test_longer_name_wins() -> None:
    assert [each.name for each in find_names("near King's Cross", NAMES)] == ["King's Cross"]


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("rooms", "room"), ("cities", "city"), ("boxes", "box"), ("bus", "bus"), ("class", "class")],
)
def test_stem(plural: str, singular: str) -> None:
    assert stem(plural) == singular


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4), st.randoms())
def test_every_name_said_is_found(names: list[str], rng: object) -> None:
    text = "; ".join(names)
    assert [each.name for each in Names(NAMES).find(text)] == names
