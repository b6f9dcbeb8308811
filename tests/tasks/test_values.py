"""Other valid values of a parameter."""

from __future__ import annotations

import random
from typing import Any

import pytest

from envfactory.environments.contract import Parameter
from envfactory.tasks.scope import Scope
from envfactory.tasks.values import other_keys, other_values, parameter_at


def others(scope: Scope, value: Any, **schema: Any) -> list[Any]:
    return other_values(scope, "boat_hire", Parameter.model_validate(schema), value, random.Random("values"))


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 4}, 4, [3]),
        ({"type": "integer", "minimum": 1}, 2, [3, 1, 4]),
        ({"type": "boolean"}, True, [False]),
        ({"type": "string", "format": "date"}, "2026-02-28", ["2026-03-01", "2026-02-27", "2026-03-07", "2026-03-30"]),
        ({"type": "string", "format": "time"}, "23:30", ["00:30"]),
        ({"type": "string", "format": "date-time"}, "2026-12-31T10:00:00Z", ["2027-01-01T10:00:00Z"]),
    ],
)
def test_near_values_come_first_and_only_valid_ones(
    scope: Scope, schema: dict[str, Any], value: Any, expected: list[Any]
) -> None:
    found = others(scope, value, **schema)
    assert found[: len(expected)] == expected
    assert value not in found


def test_choices_are_the_other_ones(scope: Scope) -> None:
    assert sorted(others(scope, "sail", type="string", enum=["sail", "motor", "rowing"])) == ["motor", "rowing"]


def test_references_give_other_rows(scope: Scope) -> None:
    found = others(scope, "Porto", type="string", ref="harbours.name")
    assert sorted(found) == ["Kiel", "Sligo", "Split"]
    assert other_keys(scope, "boat_hire", "harbours.id", "hb_porto", random.Random(1)) != ["hb_porto"]


def test_a_text_that_a_pattern_forbids_is_left_out(scope: Scope) -> None:
    assert others(scope, "AB123", type="string", pattern="^[A-Z]{2}[0-9]{3}$") == []


def test_parameters_inside_lists_and_objects_are_found() -> None:
    sku = Parameter(type="string", max_length=9)
    items = Parameter(type="array", items=Parameter(type="object", properties={"sku": sku}))
    assert parameter_at({"items": items}, "items[2].sku") is sku
    assert parameter_at({"items": items}, "items[2].size") is None
