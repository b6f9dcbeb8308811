"""Arguments are checked and normalised here, before tool code sees them, the same way for every tool.

The rules follow JSON Schema 2020-12 for the keywords a contract's parameters may use, with four additions that
ordinary code trips over: integers stay within SQLite's 64 bits, text holds neither NUL nor surrogates, numbers are
finite, and `format: date` means a day that exists. A float without fraction passes as an integer (1.0 is 1).
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from envfactory.runtime.context import ToolError

INVALID_ARGUMENT = "INVALID_ARGUMENT"
_INTEGER_LIMIT = 2**63
_MAX_TEXT = 20_000
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class ArgumentError(ToolError):
    """A call whose arguments the contract's parameters do not admit."""

    def __init__(self, message: str) -> None:
        super().__init__(INVALID_ARGUMENT, message)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    if not _DATE_TIME.fullmatch(text) or not _is_date(text[:10]):
        return False
    return text[11:13] < "24" and text[14:16] < "60" and text[17:19] < "60"


_FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "date": (_is_date, "a date as YYYY-MM-DD"),
    "date-time": (_is_date_time, "a UTC time as YYYY-MM-DDTHH:MM:SSZ"),
    "time": (lambda text: bool(_TIME.fullmatch(text)), "a time of day as HH:MM"),
    "email": (lambda text: bool(_EMAIL.fullmatch(text)), "an e-mail address"),
}


def normalise(parameters: Mapping[str, Mapping[str, Any]], arguments: object) -> dict[str, Any]:
    """Return every parameter's value, defaults filled in; raise ArgumentError naming what is wrong and what is asked.

    `parameters` maps names to JSON-Schema-like dicts with an extra boolean `required`.
    """
    if not isinstance(arguments, dict):
        raise ArgumentError("the arguments must be an object")
    unknown = [name for name in arguments if name not in parameters]
    if unknown:
        known = ", ".join(parameters) or "none"
        raise ArgumentError(f"unknown parameter {str(unknown[0])[:80]!a}; this tool takes: {known}")
    return {name: _argument(name, schema, arguments) for name, schema in parameters.items()}


def _argument(name: str, schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Any:
    value = arguments.get(name)
    if value is None:
        if schema.get("required"):
            raise ArgumentError(f"{name} is required")
        return schema.get("default")
    return _value(name, schema, value)


def _value(where: str, schema: Mapping[str, Any], value: Any) -> Any:
    checked = _TYPES[schema["type"]](where, schema, value)
    enum = schema.get("enum")
    if enum is not None and checked not in enum:
        raise ArgumentError(f"{where} must be one of: {', '.join(map(str, enum))}")
    return checked


def _string(where: str, schema: Mapping[str, Any], value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"{where} must be a string")
    if _NOT_TEXT.search(value):
        raise ArgumentError(f"{where} holds characters that are not text")
    shortest, longest = schema.get("min_length") or 0, schema.get("max_length") or _MAX_TEXT
    if not shortest <= len(value) <= longest:
        raise ArgumentError(f"{where} must have {shortest} to {longest} characters")
    pattern, form = schema.get("pattern"), schema.get("format")
    if pattern and not re.search(pattern, value):
        raise ArgumentError(f"{where} must match {pattern}")
    if form in _FORMATS and not _FORMATS[form][0](value):
        raise ArgumentError(f"{where} must be {_FORMATS[form][1]}")
    return value


def _bounds(where: str, schema: Mapping[str, Any], value: float) -> None:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and value < low:
        raise ArgumentError(f"{where} must be at least {low}")
    if high is not None and value > high:
        raise ArgumentError(f"{where} must be at most {high}")


def _integer(where: str, schema: Mapping[str, Any], value: Any) -> int:
    whole = isinstance(value, float) and math.isfinite(value) and value.is_integer()
    if isinstance(value, bool) or not (isinstance(value, int) or whole):
        raise ArgumentError(f"{where} must be an integer")
    number = int(value)
    if not -_INTEGER_LIMIT <= number < _INTEGER_LIMIT:
        raise ArgumentError(f"{where} is too large")
    _bounds(where, schema, number)
    return number


def _number(where: str, schema: Mapping[str, Any], value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentError(f"{where} must be a number")
    if not abs(value) < _INTEGER_LIMIT:
        raise ArgumentError(f"{where} must be a finite number below 2^63")
    _bounds(where, schema, value)
    return value


def _boolean(where: str, schema: Mapping[str, Any], value: Any) -> bool:
    if not isinstance(value, bool):
        raise ArgumentError(f"{where} must be true or false")
    return value


def _array(where: str, schema: Mapping[str, Any], value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ArgumentError(f"{where} must be a list")
    fewest, most = schema.get("min_items") or 0, schema.get("max_items") or 100
    if not fewest <= len(value) <= most:
        raise ArgumentError(f"{where} must have {fewest} to {most} items")
    items = [_value(f"{where}[{index}]", schema["items"], item) for index, item in enumerate(value)]
    if schema.get("unique_items") and len({repr(item) for item in items}) < len(items):
        raise ArgumentError(f"{where} must not repeat an item")
    return items


def _object(where: str, schema: Mapping[str, Any], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArgumentError(f"{where} must be an object")
    properties = schema.get("properties") or {}
    unknown = [name for name in value if name not in properties]
    if unknown:
        raise ArgumentError(f"{where} has an unknown field; it takes: {', '.join(properties)}")
    return {name: _argument(f"{where}.{name}", field, {f"{where}.{name}": value.get(name)}) for name, field in properties.items()}


_TYPES: dict[str, Callable[[str, Mapping[str, Any], Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}
