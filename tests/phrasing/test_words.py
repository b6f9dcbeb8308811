"""Words under construction and English inflection."""

from __future__ import annotations

import pytest

from envfactory.phrasing.lexicon import counted, gerund, number_words, ordinal, plural, singular, with_article
from envfactory.phrasing.words import (
    Bit,
    capitalised,
    fill,
    flatten,
    listed,
    mentioned,
    say,
    string,
    text,
    uncapitalised,
)


def test_spans_point_at_the_words_of_each_mention() -> None:
    words = fill("book {room} , for {count}", {"room": say("the Attic", "m1"), "count": say("two people", "m2")})

    said, spans = flatten(words)

    assert said == "book the Attic, for two people"
    assert {name: said[slice(*span)] for name, span in spans.items()} == {"m1": "the Attic", "m2": "two people"}


def test_one_run_of_words_may_say_two_mentions() -> None:
    said, spans = flatten((Bit("on "), Bit("7 May", "m1 m2")))

    assert spans == {"m1": (3, 8), "m2": (3, 8)}
    assert mentioned((Bit("7 May", "m1 m2"),)) == ["m1", "m2"]


def test_a_hole_without_value_leaves_no_gap() -> None:
    assert string(fill("see my {status} bookings", {})) == "see my bookings"


@pytest.mark.parametrize(("value", "expected"), [("inside", "an inside cabin"), ("family", "a family cabin")])
def test_the_article_agrees_with_the_value_put_after_it(value: str, expected: str) -> None:
    assert string(fill("a {kind} cabin", {"kind": say(value, "m1")})) == expected


@pytest.mark.parametrize(
    ("parts", "expected"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "", "b", "c"], "a, b and c"), ([], "")]
)
def test_lists_in_prose(parts: list[str], expected: str) -> None:
    assert string(listed(text(part) for part in parts)) == expected


@pytest.mark.parametrize(("words", "small"), [("Could you", "could you"), ("I'd like", "I'd like"), ("SUVs", "SUVs")])
def test_names_and_i_keep_their_capital(words: str, small: str) -> None:
    assert string(uncapitalised(text(words))) == small
    assert string(capitalised(text(small)))[0].isupper()


def test_a_name_that_opens_a_sentence_is_not_lowered() -> None:
    assert string(uncapitalised((Bit(""), Bit("Porto", "m1"), Bit(" it is")))) == "Porto it is"


@pytest.mark.parametrize(
    ("noun", "several"),
    [
        ("night", "nights"),
        ("person", "people"),
        ("country", "countries"),
        ("branch", "branches"),
        ("child seat", "child seats"),
        ("place on the waiting list", "places on the waiting list"),
        ("day", "days"),
    ],
)
def test_plurals(noun: str, several: str) -> None:
    assert plural(noun) == several
    assert counted(1, noun) == noun


@pytest.mark.parametrize(
    ("several", "one"), [("bookings", "booking"), ("branches", "branch"), ("people", "person"), ("bus", "bus")]
)
def test_singulars(several: str, one: str) -> None:
    assert singular(several) == one


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("inside cabin", "an inside cabin"),
        ("suite", "a suite"),
        ("SUV", "an SUV"),
        ("hour", "an hour"),
        ("8-seater", "an 8-seater"),
        ("unit", "a unit"),
        ("one-way ticket", "a one-way ticket"),
        ("onion tart", "an onion tart"),
    ],
)
def test_articles(phrase: str, expected: str) -> None:
    assert with_article(phrase) == expected


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("book", "booking"), ("cancel", "cancelling"), ("move", "moving"), ("put", "putting"), ("see", "seeing")],
)
def test_gerunds(verb: str, expected: str) -> None:
    assert gerund(verb) == expected


@pytest.mark.parametrize(
    ("number", "words", "place"),
    [(3, "three", "3rd"), (12, "twelve", "12th"), (21, "twenty-one", "21st"), (113, "113", "113th")],
)
def test_numbers(number: int, words: str, place: str) -> None:
    assert number_words(number) == words
    assert ordinal(number) == place
