"""Products out of what models write: plain, fenced, after reasoning, cut off, or something else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from envfactory.errors import BadAnswer
from envfactory.models.parsing import parse_product


class Point(BaseModel):
    x: int
    note: str = ""


@pytest.mark.parametrize(
    "text",
    [
        '{"x": 1}',
        '```json\n{"x": 1}\n```',
        'Here it is:\n```\n{"x": 1}\n```\nI hope it helps {really}.',
        '<think>maybe {"x": 2}?</think>\n{"x": 1}',
        'The answer is {"x": 1} as asked.',
        '```json\n{"x": 1}',
        'maybe {"x": 2}?</think>{"x": 1}',
        '{"x": 1}<think>or rather {"x": 2}',
        "{'x': 1, 'note': ''}",
        '{"x": 1,}',
        '{"x": 1} and once more {"x": 1}',
        'I use {placeholders} and {a: b} for {"x": 1}',
        '{"x": 1, "note": ""',
        '```json\n{"x": 1\n, "note": ""\n```',
    ],
)
def test_reads(text: str) -> None:
    assert parse_product(text, Point) == Point(x=1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("<think>hm</think>", "empty"),
        ("I cannot do that.", "no JSON object"),
        ('{"x": 1, "note": "never clo', "cut off"),
        ("[1, 2]", "not an object|no JSON object"),
        ('{"x": "many"}', "x: Input should be a valid integer"),
        ("{}", "x: Field required"),
        ('{"x": 1} or {"x": 2}', "2 different Point objects"),
        ('<think>{"x": 1}', "empty"),
        ("{" * 5000, "cut off|nested too deeply"),
        ('{"x": 1, "note": "a" or "b"}', "Expecting ',' delimiter"),
        ("{'x': open('f')}", "no JSON object could be read"),
    ],
)
def test_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadAnswer, match=says):
        parse_product(text, Point)


def test_words_may_span_lines_and_hold_what_looks_like_brackets() -> None:
    assert parse_product('{"x": 1, "note": """def f():\n    return {"a": [}\n"""}', Point).note.count("\n") == 2
    assert parse_product('{"x": 1, "note": "one\ntwo }"}', Point).note == "one\ntwo }"


def test_words_may_hold_tags() -> None:
    assert parse_product('{"x": 1, "note": "a</think>b<think>"}', Point).note == "a</think>b<think>"


@pytest.mark.parametrize("text", ['{"x": 1, "note": "a"', '{"x": 1, "note": "never clo'])
def test_what_the_limit_cut_off_is_never_closed(text: str) -> None:
    with pytest.raises(BadAnswer, match="cut off after"):
        parse_product(text, Point, cut=True)


def test_a_whole_object_counts_though_the_prose_after_it_was_cut_off() -> None:
    assert parse_product('{"x": 1}\nI hope that', Point, cut=True) == Point(x=1)


@given(st.integers(), st.text())
def test_whatever_was_written_is_read_as_json_and_as_python(x: int, note: str) -> None:
    point = {"x": x, "note": note}
    assert parse_product(json.dumps(point), Point) == Point(**point) == parse_product(repr(point), Point)


@given(st.text(alphabet="{}[]\"',:\\ax1 \n<>think/", max_size=60))
def test_nothing_that_is_written_breaks_it(text: str) -> None:
    try:
        assert isinstance(parse_product(text, Point), Point)
    except BadAnswer as refused:
        assert refused.message


@pytest.mark.parametrize(
    ("text", "advice"),
    [('{"x": 1, "note": "a long', "in fewer words"), ("Well, let me think. ", "begin with the one JSON")],
)
def test_what_to_do_about_a_cut_answer_depends_on_what_there_was(text: str, advice: str) -> None:
    with pytest.raises(BadAnswer, match=advice):
        parse_product(text, Point, cut=True)
