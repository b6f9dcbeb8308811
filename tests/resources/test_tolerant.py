from __future__ import annotations

import pytest

from envfactory.resources.tolerant import (
    MAX_NOTES,
    Json,
    Notes,
    as_flag,
    as_list,
    as_mapping,
    as_text,
    as_texts,
    extensions_of,
    first_sentence,
)


def test_notes_are_said_once_and_in_order() -> None:
    notes = Notes()

    for message in ("b", "a", "b"):
        notes.add(message)

    assert notes.messages() == ["b", "a"]


def test_very_many_notes_are_counted() -> None:
    notes = Notes()

    for number in range(MAX_NOTES + 3):
        notes.add(f"note {number}")

    assert len(notes.messages()) == MAX_NOTES + 1
    assert notes.messages()[-1] == "3 further warnings are not listed"


@pytest.mark.parametrize(
    ("value", "text"), [(" a ", "a"), (3, "3"), (2.5, "2.5"), (True, ""), (None, ""), ([], ""), ({}, "")]
)
def test_as_text(value: Json, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), (False, False), ("yes", True), ("TRUE", True), ("no", False), (1, True), (0, False), ([1], False)],
)
def test_as_flag(value: Json, flag: bool) -> None:
    assert as_flag(value) is flag


def test_other_kinds_give_empty_values() -> None:
    assert (as_mapping([1]), as_list({"a": 1}), as_texts("ab")) == ({}, [], [])
    assert as_texts(["a", None, 3, ""]) == ["a", "3"]


def test_extensions_are_the_members_that_begin_with_x() -> None:
    assert extensions_of({"x-a": 1, "X-b": 2, "xc": 3}) == {"x-a": 1}
    assert extensions_of(None) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("No stop", "No stop"),
        ("Over\ntwo   lines! More", "Over two lines!"),
        ("Version 2.5 is out. Yes.", "Version 2.5 is out."),
        ("word " * 100, "word " * 47 + "word …"),
        ("", ""),
    ],
)
def test_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
