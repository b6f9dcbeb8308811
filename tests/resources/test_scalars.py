from __future__ import annotations

import pytest

from envfactory.resources.scalars import coerced, number_of
from envfactory.resources.tolerant import Json


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (2.5, 2.5),
        ("3", 3),
        (" -2.5 ", -2.5),
        ("1e3", 1000.0),
        (True, None),
        ("", None),
        ("three", None),
        ("nan", None),
        ("inf", None),
        (float("inf"), None),
        ("٣", None),
        ("1" * 50, None),
        (None, None),
        ([1], None),
    ],
)
def test_the_number_a_value_spells(value: Json, number: float | None) -> None:
    result = number_of(value)

    assert result == number
    assert type(result) is type(number)


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        ("250", "integer", 250),
        ("2.0", "integer", 2),
        ("2.5", "integer", "2.5"),
        (2.0, "integer", 2),
        ("2.5", "number", 2.5),
        ("many", "integer", "many"),
        (True, "integer", True),
        (7, "string", "7"),
        (False, "string", "false"),
        (None, "string", None),
        ("TRUE", "boolean", True),
        ("maybe", "boolean", "maybe"),
        (1, "boolean", 1),
        ([1], "array", [1]),
        ("x", None, "x"),
    ],
)
def test_a_value_becomes_what_its_type_says_where_it_plainly_is(value: Json, kind: str | None, result: Json) -> None:
    found = coerced(value, kind)

    assert found == result
    assert type(found) is type(result)
