"""Clauses: heads with holes filled, pruned and with pronouns in their place."""

from __future__ import annotations

import pytest

from envfactory.phrasing.afterthoughts import Sentence
from envfactory.phrasing.clauses import Clause, Part, set_apart
from envfactory.phrasing.frames import ToolFrame
from envfactory.phrasing.words import Words, string, text


def clause(head: str, **fillers: str) -> Clause:
    said: dict[str, Words] = {name: text(words) for name, words in fillers.items()}
    return Clause(0, ToolFrame("t", "write", "change", (head,), {}), "harbour", head, said, target="x")


@pytest.mark.parametrize(
    ("head", "fillers", "expected"),
    [
        ("call off {x}", {"x": "it"}, "call it off"),
        ("call off {x}", {"x": "my booking"}, "call off my booking"),
        ("put off {x} until {day}", {"x": "it", "day": "Friday"}, "put it off until Friday"),
        ("bid {sum} on {x}", {"sum": "€5", "x": "it"}, "bid €5 on it"),
        ("extend {x} until {day}", {"x": "it"}, "extend it"),
        ("change {x} to {people} and {pets}", {"x": "it", "people": "two people"}, "change it to two people"),
        ("check my {status} claims", {}, "check my claims"),
        ("show me the {status} boxes of {x}", {"x": "it"}, "show me its boxes"),
        ("what the status of {x} is", {"x": "it"}, "what its status is"),
        ("order {portions} of {dish}", {"dish": "the lamb"}, "order the lamb"),
        ("find {x}'s sittings", {"x": "it"}, "find its sittings"),
    ],
)
def test_empty_holes_go_with_what_ties_them_and_pronouns_find_their_place(
    head: str, fillers: dict[str, str], expected: str
) -> None:
    assert string(clause(head, **fillers).verb_phrase()) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("see my bookings", "show me my bookings"),
        ("see when it starts", "check when it starts"),
        ("cancel it", "cancel it"),
    ],
)
def test_what_a_person_sees_the_assistant_shows(head: str, expected: str) -> None:
    assert string(clause(head).verb_phrase(asked=True)) == expected


@pytest.mark.parametrize(
    ("head", "told"), [("put me in seat 4", True), ("tell me about it", True), ("book a room", False)]
)
def test_what_only_the_assistant_can_do(head: str, told: bool) -> None:
    assert clause(head).told == told


@pytest.mark.parametrize(
    ("head", "dutiful"), [("settle {x}", True), ("leave a review for {x}", True), ("move {x} to {day}", False)]
)
def test_what_nobody_would_love_to_do(head: str, dutiful: bool) -> None:
    assert clause(head).dutiful == dutiful


@pytest.mark.parametrize(
    ("words", "tells"),
    [("I've got a tour on Monday", True), ("it's about my tour", True), ("I'd like to move my tour", False)],
)
def test_a_topic_is_no_request(words: str, tells: bool) -> None:
    assert Sentence(text(words)).tells == tells


@pytest.mark.parametrize(
    ("adjuncts", "kept", "apart"),
    [
        (["for two people", "I'm 19"], ["for two people"], ["I'm 19"]),
        (
            ["on it", "that's 40 decimetres long", "and 15 decimetres high"],
            ["on it"],
            ["it's 40 decimetres long and 15 decimetres high"],
        ),
        (["and two eighths of a tank"], ["with two eighths of a tank"], []),
        (["and be back on Friday"], ["and be back on Friday"], []),
        (["with 80 km on the clock", "and a full tank"], ["with 80 km on the clock and a full tank"], []),
        (["for Japan", "the oldest of us is 41"], ["for Japan"], ["the oldest of us is 41"]),
    ],
)
def test_adjuncts_that_are_clauses_become_sentences_of_their_own(
    adjuncts: list[str], kept: list[str], apart: list[str]
) -> None:
    parts, remarks = set_apart([Part(text(each), "number") for each in adjuncts])

    assert [string(each.words) for each in parts] == kept
    assert [string(each) for each in remarks] == apart
