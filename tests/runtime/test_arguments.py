"""Arguments: JSON Schema's rules, and the values that ordinary code trips over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.runtime.arguments import ArgumentError, normaliser

DATE = {"type": "string", "format": "date"}


def one(schema: dict[str, Any], value: Any) -> Any:
    return normaliser({"x": schema})({"x": value})["x"]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, 1.0, 1),
        ({"type": "integer", "minimum": 1, "maximum": 9}, 9, 9),
        ({"type": "integer"}, 2**63 - 1, 2**63 - 1),
        ({"type": "number"}, 2, 2),
        ({"type": "boolean"}, True, True),
        (DATE, "2028-02-29", "2028-02-29"),
        ({"type": "string", "format": "date-time"}, "2027-03-01T23:59:59Z", "2027-03-01T23:59:59Z"),
        ({"type": "string", "format": "time"}, "07:05", "07:05"),
        ({"type": "string", "enum": ["a", "b"]}, "b", "b"),
        ({"type": "string"}, "two\nlines\u2028and an \u0440", "two\nlines\u2028and an \u0440"),
        ({"type": "array", "items": {"type": "integer"}}, [1, 2.0], [1, 2]),
        ({"type": "object", "properties": {"n": {"type": "integer", "default": 3}}}, {}, {"n": 3}),
    ],
)
def test_admits(schema: dict[str, Any], value: Any, expected: Any) -> None:
    assert one(schema, value) == expected


@pytest.mark.parametrize(
    ("schema", "value", "says"),
    [
        ({"type": "integer"}, "1", "must be an integer"),
        ({"type": "integer"}, True, "must be an integer"),
        ({"type": "integer"}, 1.5, "must be an integer"),
        ({"type": "integer"}, float("inf"), "must be an integer"),
        ({"type": "integer"}, 2**63, "too large"),
        ({"type": "integer", "minimum": 1}, 0, "at least 1"),
        ({"type": "integer", "maximum": 9}, 10, "at most 9"),
        ({"type": "number"}, float("nan"), "finite"),
        ({"type": "boolean"}, 1, "true or false"),
        ({"type": "string"}, "a\x00b", "not text"),
        ({"type": "string"}, "\ud800", "not text"),
        ({"type": "string", "max_length": 3}, "abcd", "0 to 3"),
        ({"type": "string", "pattern": "^A"}, "BA", "match"),
        (DATE, "2027-02-29", "YYYY-MM-DD"),
        (DATE, "٢٠٢٧-٠٢-٠١", "YYYY-MM-DD"),
        (DATE, "2027-2-1", "YYYY-MM-DD"),
        ({"type": "string", "format": "date-time"}, "2027-03-01T24:00:00Z", "UTC time"),
        ({"type": "string", "format": "time"}, "24:00", "HH:MM"),
        ({"type": "string", "format": "email"}, "a@b", "e-mail"),
        ({"type": "string", "enum": ["a"]}, "A", "one of: a"),
        ({"type": "array", "items": {"type": "integer"}}, [1, "2"], r"x\[1\] must be an integer"),
        ({"type": "array", "items": {"type": "integer"}, "unique_items": True}, [1, 1], "repeat"),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, {"m": 1}, "unknown field"),
    ],
)
def test_refuses(schema: dict[str, Any], value: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as refused:
        one(schema, value)
    assert refused.value.code == "INVALID_ARGUMENT"


def test_fills_defaults_and_nulls() -> None:
    parameters = {"a": {"type": "integer", "default": 10}, "b": {"type": "string"}}
    assert normaliser(parameters)({}) == {"a": 10, "b": None}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [({}, "a is required"), ({"a": None}, "a is required"), ({"a": 1, "c": 2}, "takes: a"), ([], "object")],
)
def test_names_what_is_missing_or_unknown(arguments: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        normaliser({"a": {"type": "integer", "required": True}})(arguments)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = st.sampled_from(
    [
        {"type": "string"},
        DATE,
        {"type": "integer", "minimum": 0},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "properties": {"a": {"type": "integer"}}},
    ]
)


@given(schema=SCHEMAS, value=JSON)
def test_no_value_does_worse_than_an_argument_error(schema: dict[str, Any], value: Any) -> None:
    try:
        one(schema, value)
    except ArgumentError as error:
        assert error.message
