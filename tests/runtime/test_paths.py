"""Concrete paths: what stands there, and copies with something else there."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.runtime.paths import MISSING, find, leaves, placed, value_at

DATA: dict[str, Any] = {"quotes": [{"id": "a"}, {"id": "b", "seats": [1, 2]}], "total": 3}


@pytest.mark.parametrize(
    ("path", "value"),
    [("total", 3), ("quotes[1].id", "b"), ("quotes[1].seats[0]", 1), ("quotes[2].id", MISSING), ("total.x", MISSING)],
)
def test_what_stands_at_a_path(path: str, value: Any) -> None:
    assert find(DATA, path) == value


def test_a_copy_with_another_value_leaves_the_original() -> None:
    changed = placed(DATA, "quotes[0].id", "z")
    assert (find(changed, "quotes[0].id"), find(DATA, "quotes[0].id")) == ("z", "a")


def test_a_new_key_is_set_and_a_missing_place_is_not() -> None:
    assert placed({}, "ride_id", 1) == {"ride_id": 1}
    assert placed(DATA, "quotes[7].id", 1) == DATA


def test_leaves_and_paths_agree() -> None:
    assert all(find(DATA, path) == value for path, value in leaves(DATA))
    assert dict(leaves(DATA))["quotes[1].seats[1]"] == 2


def test_parts_of_a_result_are_found_by_path() -> None:
    assert value_at({"a": [{"b": 1}, {"b": 2}]}, "a[1].b") == 2
    assert value_at({"a": 1}, "") == {"a": 1}
