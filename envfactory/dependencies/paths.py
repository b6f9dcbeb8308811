"""Paths into results and arguments: `boats[].boat_id`, `boat_ids[]`, `items[].product_id`."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any


def values_at(data: Any, path: str) -> list[Any]:
    """Return every value a path leads to, each once, nulls left out."""
    found: list[Any] = []
    for value in _walk(data, path):
        if value is not None and value not in found:
            found.append(value)
    return found


def with_value(arguments: dict[str, Any], path: str, value: Any) -> dict[str, Any] | None:
    """Return a copy of arguments with the (first) place of a path set; None where the arguments have no such place.

    A list that would then hold the value twice loses its second.
    """
    changed = copy.deepcopy(arguments)
    return changed if _set(changed, path, value) else None


def leaves(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every scalar of nested data with its path."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value, f"{prefix}[]")
    else:
        yield prefix, data


def _walk(data: Any, path: str) -> Iterator[Any]:
    head, rest = _split(path)
    if head == "[]":
        for item in data if isinstance(data, list) else ():
            yield from _walk(item, rest) if rest else iter((item,))
    elif isinstance(data, dict) and head in data:
        yield from _walk(data[head], rest) if rest else iter((data[head],))


def _set(data: Any, path: str, value: Any) -> bool:
    head, rest = _split(path)
    if head == "[]":
        if not isinstance(data, list) or not data:
            return False
        if rest:
            return _set(data[0], rest, value)
        data[:] = [value, *(item for item in data[1:] if item != value)]
        return True
    if not isinstance(data, dict):
        return False
    if rest:
        return head in data and _set(data[head], rest, value)
    data[head] = value
    return True


def _split(path: str) -> tuple[str, str]:
    """Return the first step of a path and the rest: a key, or `[]`."""
    if path.startswith("[]"):
        return "[]", path[2:].lstrip(".")
    for number, character in enumerate(path):
        if character == ".":
            return path[:number], path[number + 1 :]
        if character == "[":
            return path[:number], path[number:]
    return path, ""
