from typing import Any

import pytest

from envfactory.dependencies.paths import leaves, values_at, with_value

RESULT = {"boats": [{"boat_id": "b1", "tags": ["x", "y"]}, {"boat_id": "b2", "tags": []}], "days": 3, "none": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("boats[].boat_id", ["b1", "b2"]),
        ("boats[].tags[]", ["x", "y"]),
        ("days", [3]),
        ("none", []),
        ("days[].x", []),
        ("boats.boat_id", []),
        ("elsewhere", []),
    ],
)
def test_values_are_found_along_a_path(path: str, found: list[Any]) -> None:
    assert values_at(RESULT, path) == found


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("id", {"id": 9, "ids": ["a", "b"], "lines": [{"item": "x"}]}),
        ("ids[]", {"id": 1, "ids": [9, "b"], "lines": [{"item": "x"}]}),
        ("lines[].item", {"id": 1, "ids": ["a", "b"], "lines": [{"item": 9}]}),
    ],
)
def test_one_place_of_the_arguments_is_set(path: str, changed: dict[str, Any]) -> None:
    arguments = {"id": 1, "ids": ["a", "b"], "lines": [{"item": "x"}]}
    assert with_value(arguments, path, 9) == changed
    assert arguments["id"] == 1


def test_a_list_does_not_come_to_hold_a_value_twice() -> None:
    assert with_value({"ids": ["a", "b", "c"]}, "ids[]", "b") == {"ids": ["b", "c"]}


@pytest.mark.parametrize("arguments", [{}, {"ids": []}, {"ids": "text"}])
def test_a_place_that_is_not_there_cannot_be_set(arguments: dict[str, Any]) -> None:
    assert with_value(arguments, "ids[]", 9) is None


def test_every_scalar_has_its_path() -> None:
    assert list(leaves({"a": [1, {"b": 2}], "c": "x"})) == [("a[]", 1), ("a[].b", 2), ("c", "x")]
