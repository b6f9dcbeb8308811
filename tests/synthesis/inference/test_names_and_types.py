"""What names, types and examples tell of a column."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.synthesis.inference.column_types import (
    bound_numbers,
    default_of,
    enum_of,
    examples_of,
    role_of,
    type_of,
)
from envfactory.synthesis.inference.names import is_speakable, is_unsaid
from envfactory.synthesis.inference.world import Column


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        ("age", {"type": "integer"}, ("integer", "")),
        ("size", {"type": "string", "format": "int64"}, ("integer", "")),
        ("done", {"type": "boolean"}, ("boolean", "")),
        ("created_at", {"type": "integer"}, ("string", "date-time")),
        ("due_date", {"type": "string"}, ("string", "date")),
        ("due_date", {"type": "string", "format": "ppaas_date_v2"}, ("string", "date")),
        ("updated_at", {"type": "string"}, ("string", "date-time")),
        ("opening", {"type": "string", "examples": ["2026-05-01"]}, ("string", "date")),
        ("opening", {"type": "string", "examples": ["2026-05-01T10:00:00+01:00"]}, ("string", "date-time")),
        ("amount", {"type": "string"}, ("number", "")),
        ("state", {"type": "string", "enum": ["a", "b"]}, ("string", "")),
        ("opens", {"type": "string", "format": "time"}, ("string", "")),
        ("name", {}, ("string", "")),
    ],
)
def test_type_of(name: str, schema: dict[str, Any], expected: tuple[str, str]) -> None:
    assert type_of(name, schema) == expected


@pytest.mark.parametrize(
    ("name", "kind", "enum", "form", "role"),
    [
        ("created_at", "string", [], "date-time", "created"),
        ("modify_time", "string", [], "date-time", "updated"),
        ("due_on", "string", [], "date", "moment"),
        ("status", "string", ["open", "closed"], "", "status"),
        ("status", "string", [], "", "plain"),
        ("payment_status", "string", ["open", "paid"], "", "status"),
        ("is_open", "boolean", [], "", "flag"),
        ("friendly_name", "string", [], "", "name"),
        ("note", "string", [], "", "plain"),
    ],
)
def test_role_of(name: str, kind: Any, enum: list[str], form: str, role: str) -> None:
    assert role_of(name, kind, enum, form) == role


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        ("status", {"enum": ["A", "B", "STATUS_UNSPECIFIED", ""]}, ["A", "B"]),
        ("only", {"enum": ["one"]}, []),
        ("letter", {"enum": [chr(65 + n) for n in range(20)]}, [chr(65 + n) for n in range(12)]),
        ("currency", {"enum": ["AED", "EUR", "USD"]}, ["EUR", "USD"]),
    ],
)
def test_enum_of_keeps_a_dozen_that_mean_something(name: str, schema: dict[str, Any], expected: list[str]) -> None:
    assert enum_of(name, schema, "string") == expected


def test_an_open_currency_is_one_of_the_usual() -> None:
    found = enum_of("currency_code", {}, "string")

    assert {"EUR", "USD"} <= set(found)
    assert all(len(code) == 3 for code in found)


@pytest.mark.parametrize(
    ("schema", "kind", "enum", "default"),
    [
        ({"default": True}, "boolean", [], True),
        ({"default": "yes"}, "boolean", [], None),
        ({"default": "x"}, "string", ["a"], None),
        ({"default": "a"}, "string", ["a", "b"], "a"),
        ({"default": 3}, "integer", [], 3),
        ({"default": "text"}, "string", [], None),
    ],
)
def test_default_of_is_a_value_of_the_column(
    schema: dict[str, Any], kind: Any, enum: list[str], default: object
) -> None:
    assert default_of(schema, kind, enum) == default


def test_examples_of_are_short_plain_texts() -> None:
    schema = {"examples": ["Rex", "string", "https://x.example", "x" * 200, 5]}

    assert examples_of(schema, "string", [], "") == ["Rex"]


@pytest.mark.parametrize(
    ("name", "schema", "low", "high"),
    [
        ("quantity", {}, 1, 500),
        ("price", {}, 0, 100_000),
        ("rating", {}, 0, 5),
        ("weight", {"minimum": 1, "maximum": 90}, 1, 90),
        ("count", {"minimum": 10, "maximum": 10}, 10, 110),
        ("big", {"maximum": 10**18}, 0, 10_000),
    ],
)
def test_bound_numbers(name: str, schema: dict[str, Any], low: int, high: int) -> None:
    column = Column(name, "integer", "")

    bound_numbers(column, schema)

    assert (column.minimum, column.maximum) == (low, high)


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [("etag", "", True), ("avatar_url", "", True), ("photo", "uri", True), ("title", "", False), ("city", "", False)],
)
def test_is_unsaid(name: str, form: str, expected: bool) -> None:
    assert is_unsaid(name, form) is expected


@pytest.mark.parametrize(
    ("name", "expected"), [("first_name", True), ("description", True), ("cfi", False), ("trust_model_x", False)]
)
def test_is_speakable(name: str, expected: bool) -> None:
    assert is_speakable(name) is expected
