"""Concrete paths into arguments and results: `ride_id`, `quotes[2].area_id`, `items[0].sku`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_POSITION = re.compile(r"\[\d+\]")
MISSING = object()


@lru_cache(maxsize=4096)
def parts(path: str) -> tuple[str | int, ...]:
    """Return the steps of a path: keys and positions."""
    return tuple(key or int(position) for key, position in _PART.findall(path))


def find(data: Any, path: str) -> Any:
    """Return what stands at a path, or MISSING."""
    for part in parts(path):
        if isinstance(part, int):
            if not isinstance(data, list) or part >= len(data):
                return MISSING
        elif not isinstance(data, dict) or part not in data:
            return MISSING
        data = data[part]
    return data


def value_at(data: Any, path: str) -> Any:
    """Return what stands at a path, None where nothing does."""
    found = find(data, path)
    return None if found is MISSING else found


def general(path: str) -> str:
    """Return a path without positions: `quotes[].area_id`."""
    return _POSITION.sub("[]", path) if "[" in path else path


def placed(data: Any, path: str, value: Any) -> Any:
    """Return a copy of nested data with `value` at a path; what has no such place stays as it is."""
    return _placed(data, parts(path), value)


def _placed(data: Any, rest: tuple[str | int, ...], value: Any) -> Any:
    if not rest:
        return value
    head = rest[0]
    if isinstance(head, str) and isinstance(data, dict) and (head in data or len(rest) == 1):
        return {**data, head: _placed(data.get(head), rest[1:], value)}
    if isinstance(head, int) and isinstance(data, list) and head < len(data):
        return [_placed(item, rest[1:], value) if at == head else item for at, item in enumerate(data)]
    return data


def leaves(data: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Return every scalar of nested data with its path."""
    found: list[tuple[str, Any]] = []
    _gather(data, prefix, found)
    return found


def _gather(data: Any, prefix: str, found: list[tuple[str, Any]]) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            path = f"{prefix}.{key}" if prefix else str(key)
            if isinstance(value, dict | list):
                _gather(value, path, found)
            else:
                found.append((path, value))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            _gather(value, f"{prefix}[{position}]", found)
    else:
        found.append((prefix, data))
