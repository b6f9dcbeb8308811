"""Objects of a result with their paths."""

from __future__ import annotations

import pytest

from envfactory.runtime.paths import general, value_at
from envfactory.sampling.paths import records

RESULT = {"count": 2, "boats": [{"id": "a", "gear": [{"id": "x"}]}, {"id": "b", "gear": []}], "hire": {"id": "h"}}


def test_every_object_is_found_with_its_place() -> None:
    found = {record.path: record for record in records(RESULT)}
    assert list(found) == ["", "boats[0]", "boats[0].gear[0]", "boats[1]", "hire"]
    assert found["boats[0].gear[0]"].place == "boats[].gear[]"


def test_scalars_are_fields_and_lists_are_not() -> None:
    top = next(records(RESULT))
    assert dict(top.fields) == {"count": 2}
    assert not top.listed


@pytest.mark.parametrize(
    ("path", "value"), [("count", 2), ("boats[1].id", "b"), ("boats[0].gear[0].id", "x"), ("boats[7].id", None)]
)
def test_a_value_is_found_by_its_path(path: str, value: object) -> None:
    assert value_at(RESULT, path) == value


def test_the_general_path_has_no_positions() -> None:
    assert general("boats[0].gear[12].id") == "boats[].gear[].id"
