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


Checker = Callable[[str, Any], Any]
Normaliser = Callable[[object], dict[str, Any]]


def normaliser(parameters: Mapping[str, Mapping[str, Any]]) -> Normaliser:
    """Return the function that checks a tool's arguments and gives every parameter's value, defaults filled in.

    `parameters` maps names to JSON-Schema-like dicts with an extra boolean `required`. The function raises
    ArgumentError, which names what is wrong and what is asked for.
    """
    fields = [(name, bool(s.get("required")), s.get("default"), checker(s)) for name, s in parameters.items()]
    known = frozenset(parameters)

    def normalise(arguments: object) -> dict[str, Any]:
        if not isinstance(arguments, dict):
            raise ArgumentError("the arguments must be an object")
        if not known.issuperset(arguments):
            raise _unknown(arguments, parameters)
        return _filled("", fields, arguments)

    return normalise


def _unknown(arguments: Mapping[Any, Any], parameters: Mapping[str, Any]) -> ArgumentError:
    strange = next(name for name in arguments if name not in parameters)
    return ArgumentError(f"unknown parameter {str(strange)[:80]!a}; this tool takes: {', '.join(parameters) or 'none'}")


def _filled(prefix: str, fields: list[tuple[str, bool, Any, Checker]], given: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for name, required, default, check in fields:
        value = given.get(name)
        if value is not None:
            values[name] = check(prefix + name, value)
        elif required:
            raise ArgumentError(f"{prefix}{name} is required")
        else:
            values[name] = default
    return values


def checker(schema: Mapping[str, Any]) -> Checker:
    """Return the function that checks one value against a schema and gives it normalised."""
    check, enum = _TYPES[schema["type"]](schema), schema.get("enum")
    if enum is None:
        return check

    def check_enum(where: str, value: Any) -> Any:
        checked = check(where, value)
        if checked not in enum:
            raise ArgumentError(f"{where} must be one of: {', '.join(map(str, enum))}")
        return checked

    return check_enum


def _string(schema: Mapping[str, Any]) -> Checker:
    shortest, longest = schema.get("min_length") or 0, schema.get("max_length") or _MAX_TEXT
    pattern = re.compile(schema["pattern"]) if schema.get("pattern") else None
    form, wanted = _FORMATS.get(schema.get("format") or "", (None, ""))

    def check(where: str, value: Any) -> str:
        if not isinstance(value, str):
            raise ArgumentError(f"{where} must be a string")
        if not value.isprintable() and _NOT_TEXT.search(value):  # what prints is text, and that is soon known
            raise ArgumentError(f"{where} holds characters that are not text")
        if not shortest <= len(value) <= longest:
            raise ArgumentError(f"{where} must have {shortest} to {longest} characters")
        if pattern is not None and not pattern.search(value):
            raise ArgumentError(f"{where} must match {pattern.pattern}")
        if form is not None and not form(value):
            raise ArgumentError(f"{where} must be {wanted}")
        return value

    return check


def _bounds(schema: Mapping[str, Any]) -> Callable[[str, float], None]:
    low, high = schema.get("minimum"), schema.get("maximum")

    def check(where: str, value: float) -> None:
        if low is not None and value < low:
            raise ArgumentError(f"{where} must be at least {low}")
        if high is not None and value > high:
            raise ArgumentError(f"{where} must be at most {high}")

    return check


def _integer(schema: Mapping[str, Any]) -> Checker:
    bounded = _bounds(schema)

    def check(where: str, value: Any) -> int:
        whole = isinstance(value, float) and math.isfinite(value) and value.is_integer()
        if isinstance(value, bool) or not (isinstance(value, int) or whole):
            raise ArgumentError(f"{where} must be an integer")
        number = int(value)
        if not -_INTEGER_LIMIT <= number < _INTEGER_LIMIT:
            raise ArgumentError(f"{where} is too large")
        bounded(where, number)
        return number

    return check


def _number(schema: Mapping[str, Any]) -> Checker:
    bounded = _bounds(schema)

    def check(where: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ArgumentError(f"{where} must be a number")
        if not abs(value) < _INTEGER_LIMIT:
            raise ArgumentError(f"{where} must be a finite number below 2^63")
        bounded(where, value)
        return value

    return check


def _boolean(_: Mapping[str, Any]) -> Checker:
    def check(where: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ArgumentError(f"{where} must be true or false")
        return value

    return check


def _array(schema: Mapping[str, Any]) -> Checker:
    fewest, most = schema.get("min_items") or 0, schema.get("max_items") or 100
    item_check, distinct = checker(schema["items"]), bool(schema.get("unique_items"))

    def check(where: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ArgumentError(f"{where} must be a list")
        if not fewest <= len(value) <= most:
            raise ArgumentError(f"{where} must have {fewest} to {most} items")
        items = [item_check(f"{where}[{index}]", item) for index, item in enumerate(value)]
        if distinct and len({repr(item) for item in items}) < len(items):
            raise ArgumentError(f"{where} must not repeat an item")
        return items

    return check


def _object(schema: Mapping[str, Any]) -> Checker:
    properties = schema.get("properties") or {}
    fields = [(name, bool(s.get("required")), s.get("default"), checker(s)) for name, s in properties.items()]

    def check(where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ArgumentError(f"{where} must be an object")
        if any(name not in properties for name in value):
            raise ArgumentError(f"{where} has an unknown field; it takes: {', '.join(properties)}")
        return _filled(f"{where}.", fields, value)

    return check


_TYPES: dict[str, Callable[[Mapping[str, Any]], Checker]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}
