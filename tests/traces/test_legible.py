"""What was said, as lines: JSON opened up, text within it with its own lines."""

from __future__ import annotations

import json

import pytest

from envfactory.traces.legible import lines_of, unfolded

LONG = ["x" * 60, "y" * 60]


def test_plain_text_keeps_its_lines() -> None:
    assert [str(line) for line in lines_of("a\nb")] == ["a", "b"]
    assert [line.number for line in lines_of("a\nb")] == [1, 2]


def test_a_line_within_json_says_where_it_stands() -> None:
    text = json.dumps({"code": {"source": "def f():\n    return 1\n"}, "list": [{"note": LONG}]})
    assert [str(line) for line in lines_of(text)] == [
        "code.source:1: def f():",
        "code.source:2:     return 1",
        f"list[0].note[0]: {LONG[0]}",
        f"list[0].note[1]: {LONG[1]}",
    ]


def test_short_values_stay_on_one_line() -> None:
    assert [str(line) for line in lines_of('{"a": {"b": 1}}')] == [': {"a": {"b": 1}}'.removeprefix(": ")]


def test_unfolded_json_is_told_by_indentation() -> None:
    text = json.dumps({"source": "a\nb", "cases": [{"id": "one", "list": LONG}], "none": None})
    assert unfolded(text) == [
        "source:",
        "  a",
        "  b",
        "cases:",
        "  -",
        "    id: one",
        "    list:",
        f"      - {LONG[0]}",
        f"      - {LONG[1]}",
        "none: null",
    ]


@pytest.mark.parametrize("text", ["{broken", "[1, 2", "[" * 100_000])
def test_what_only_looks_like_json_is_text(text: str) -> None:
    assert [line.text for line in lines_of(text)] == [text]
