"""Scalar values that a document spells in another type than it declares: `"250"` for an integer, `true` for a text."""

from __future__ import annotations

import math

from envfactory.resources.tolerant import Json

_BOOLEANS = {"true": True, "false": False}


def number_of(value: Json) -> int | float | None:
    """The number `value` is or spells; None for anything else, booleans and non-finite numbers included."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str):
        return _parsed(value.strip())
    return value if math.isfinite(value) else None


def coerced(value: Json, kind: str | None) -> Json:
    """`value` as the JSON type `kind` says, where it plainly spells such a value; unchanged otherwise."""
    if kind == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "boolean" and isinstance(value, str):
        return _BOOLEANS.get(value.strip().lower(), value)
    if kind in ("integer", "number") and not isinstance(value, bool):
        return _as_number(value, kind)
    return value


def _as_number(value: Json, kind: str) -> Json:
    number = number_of(value)
    if number is None:
        return value
    if kind == "integer" and isinstance(number, float):
        return int(number) if number.is_integer() else value
    return number


def _parsed(text: str) -> int | float | None:
    if not text.isascii() or len(text) > 40:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
