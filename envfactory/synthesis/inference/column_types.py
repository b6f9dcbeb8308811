"""The type of a column: from a property's schema, and where the schema is silent from its name, examples and description."""

from __future__ import annotations

import re
from typing import Any

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.names import (
    CREATED,
    CURRENCY_WORD,
    DATE_WORD,
    LONG_TEXT,
    MONEY,
    MONEY_ALONE,
    NAME_WORDS,
    STATUS_NAMES,
    TIME_WORD,
    UPDATED,
)
from envfactory.synthesis.inference.world import Column, ColumnRole, ColumnType

MAX_ENUM = 12
_CURRENCIES = ["EUR", "USD", "GBP", "CHF", "SEK", "PLN"]
_INTEGER_TEXT = frozenset({"int64", "uint64", "int32", "uint32"})
_MOMENTS = {"date": "date", "date-time": "date-time", "google-datetime": "date-time"}
_STRANGE_BEGINNINGS = ("http", "{", "[", "<")
_USUAL_MAXIMA: dict[tuple[str, ...], float] = {
    ("quantity", "guests", "seats", "capacity", "size"): 500,
    ("priority", "rank", "position", "order", "level"): 10,
    ("percent", "percentage"): 100,
    ("rating", "stars", "score"): 5,
    ("age",): 120,
    ("year",): 2100,
    ("weight",): 500,
    ("minutes", "duration"): 600,
}


def type_of(name: str, schema: JsonObject) -> tuple[ColumnType, str]:
    """The column's type and its date format, if any."""
    given = schema.get("type")
    form = str(schema.get("format", ""))
    if given == "boolean":
        return "boolean", ""
    if given == "string" and form in _INTEGER_TEXT:
        given = "integer"
    if given in ("integer", "number"):
        is_moment = name.split("_")[-1] in ("at", "time", "timestamp") or name in CREATED | UPDATED
        return ("string", "date-time") if is_moment else ("integer" if given == "integer" else "number", "")
    if "enum" in schema:
        return "string", ""
    moment = _MOMENTS.get(form) or _shown_moment(schema) or ("" if form == "time" else _named_moment(name, schema))
    if moment:
        return "string", moment
    return ("number", "") if MONEY_ALONE.search(name) else ("string", "")


def _shown_moment(schema: JsonObject) -> str:
    """The date format that the document's examples have."""
    examples = [value for value in schema.get("examples", []) if isinstance(value, str)]
    if examples and all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in examples):
        return "date"
    found = examples and all(re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value) for value in examples)
    return "date-time" if found else ""


def _named_moment(name: str, schema: JsonObject) -> str:
    if DATE_WORD.search(name) and not name.endswith("_time"):
        return "date"
    return "date-time" if name in CREATED | UPDATED or TIME_WORD.search(name) else ""


def role_of(name: str, kind: ColumnType, enum: list[Any], form: str) -> ColumnRole:
    """What a column is to its record."""
    if form:
        return "created" if name in CREATED else "updated" if name in UPDATED else "moment"
    if enum and kind == "string" and (name in STATUS_NAMES or name.endswith(("_status", "_state"))):
        return "status"
    if kind == "boolean":
        return "flag"
    called = name in NAME_WORDS or name.endswith(("_name", "_title"))
    return "name" if kind == "string" and not enum and called else "plain"


def enum_of(name: str, schema: JsonObject, kind: ColumnType) -> list[Any]:
    """The values a column admits, at most `MAX_ENUM`; those of a currency that is left open are the usual ones."""
    if kind != "string":
        return []
    values = [str(value) for value in schema.get("enum", []) if value not in ("", None)]
    values = [value for value in values if not value.upper().endswith("UNSPECIFIED")]
    if CURRENCY_WORD.search(name):
        return [value for value in _CURRENCIES if value in values] or (values[:MAX_ENUM] if values else _CURRENCIES)
    return list(dict.fromkeys(values))[:MAX_ENUM] if len(values) > 1 else []


def default_of(schema: JsonObject, kind: ColumnType, enum: list[Any]) -> Any:
    """The document's default where it is one of the column's values."""
    given = schema.get("default")
    if kind == "boolean":
        return given if isinstance(given, bool) else None
    if enum:
        return given if given in enum else None
    return given if kind == "integer" and isinstance(given, int) and not isinstance(given, bool) else None


def length_of(name: str, schema: JsonObject) -> int:
    """How long a text may be."""
    usual = 400 if name.split("_")[-1] in LONG_TEXT else 100
    given = schema.get("maxLength")
    return min(usual, int(given)) if isinstance(given, int | float) and given >= 8 else usual


def examples_of(schema: JsonObject, kind: ColumnType, enum: list[Any], form: str) -> list[Any]:
    """The document's examples, as far as they are plain short texts."""
    if enum or form or kind != "string":
        return []
    found = [value.strip() for value in schema.get("examples", []) if isinstance(value, str)]
    fit = [value for value in found if 1 < len(value) <= 90 and not value.startswith(_STRANGE_BEGINNINGS)]
    return [value for value in fit if value.lower() not in ("string", "text")]


def bound_numbers(column: Column, schema: JsonObject) -> None:
    """Give a number the document's bounds, or those that its name suggests."""
    if column.type not in ("integer", "number"):
        return
    low, high = (_number(schema.get(key), column.type) for key in ("minimum", "maximum"))
    low = low if low is not None else 1 if column.name in ("quantity", "guests", "capacity", "page_count") else 0
    if high is None or high - low > 1_000_000:
        usual = 100_000 if MONEY.search(column.name) else 10_000
        high = next((most for words, most in _USUAL_MAXIMA.items() if column.name.split("_")[-1] in words), usual)
    column.minimum, column.maximum = low, high if high > low else low + 100


def _number(value: Any, kind: ColumnType) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) >= 2**53:
        return None
    return int(value) if kind == "integer" else value
