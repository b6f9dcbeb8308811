"""Products out of what models write: plain, fenced, after reasoning, cut off, or something else."""

from __future__ import annotations

import pytest
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
    ],
)
def test_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadAnswer, match=says):
        parse_product(text, Point)
