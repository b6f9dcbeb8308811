"""Values of one parameter, all of them admitted by its schema: single draws, and the telling ones around a value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from envfactory.bench.inputs.patterns import matching
from envfactory.environments.contract import Parameter
from envfactory.runtime.arguments import Normaliser, normaliser
from envfactory.runtime.context import ToolError

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
WORDS = ("Quiet corner, please.", "zz top", "Second note")
PLAIN = {"email": "someone@example.org", "time": "10:30"}
ODD_TEXTS = (
    "100%",
    "_",
    "O'Neil; DROP TABLE x --",
    '"quoted"',
    "Ünï côdé ✓",
    "٣ عدد",
    " padded ",
    "line\nbreak",
    "NULL",
    "%s {x}",
)


def checker_of(parameter: Parameter) -> Normaliser:
    """Return the runtime's checker of one value of this parameter; see `admits`."""
    return normaliser({"value": parameter.model_dump(by_alias=True, exclude_none=True)})


def admits(check: Normaliser, value: Any) -> bool:
    """Tell whether a checker (of `checker_of`) admits a value; None, where it is not required."""
    try:
        check({"value": value})
    except ToolError:
        return False
    return True


def shift_date(value: str, days: int) -> str | None:
    """Return a date some days later; None where the calendar ends."""
    try:
        return (date.fromisoformat(value[:10]) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None


def shift_stamp(value: str, **delta: float) -> str | None:
    """Return a UTC time later by days, hours, minutes or seconds; None where the calendar ends."""
    try:
        return (datetime.fromisoformat(value.removesuffix("Z")) + timedelta(**delta)).isoformat(
            timespec="seconds"
        ) + "Z"
    except (ValueError, OverflowError):
        return None


def shift_time(value: str, minutes: int) -> str | None:
    """Return a time of day some minutes later; None beyond the day."""
    moment = int(value[:2]) * 60 + int(value[3:5]) + minutes
    return f"{moment // 60:02d}:{moment % 60:02d}" if 0 <= moment < 24 * 60 else None


def gap_in_days(first: str, last: str) -> int:
    """Return the days from one date to another."""
    return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days


def kind_of(value: Any) -> str:
    """Return integer, number, date, date-time, time, text or other."""
    if isinstance(value, bool) or value is None:
        return "other"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    if not isinstance(value, str):
        return "other"
    for kind, pattern in (("date", DATE), ("date-time", DATE_TIME), ("time", TIME)):
        if pattern.fullmatch(value):
            return kind
    return "text"


def around(parameter: Parameter, seeds: Iterable[Any]) -> list[Any]:
    """Return the values at, just below and just above each seed, each once, whether or not they are admitted."""
    found: dict[Any, None] = {}
    for seed in seeds:
        for value in _neighbours(parameter, seed):
            found.setdefault(value)
    return list(found)


def _neighbours(parameter: Parameter, seed: Any) -> list[Any]:
    kind = kind_of(seed)
    if parameter.type in ("integer", "number"):
        return _around_number(parameter.type, seed) if kind in ("integer", "number") else []
    if parameter.format == "date":
        return [day for days in (0, -1, 1) if (day := shift_date(seed, days))] if kind in ("date", "date-time") else []
    if parameter.format == "date-time":
        return _around_stamp(seed, kind)
    if kind == "time" and parameter.format == "time":
        return [minute for minutes in (0, -1, 1) if (minute := shift_time(seed, minutes))]
    return [seed] if parameter.type == "string" and isinstance(seed, str) else []


def _around_number(kind: str, seed: int | float) -> list[Any]:
    if kind == "number" and not isinstance(seed, int):
        return [seed, seed - 0.01, seed + 0.01]
    return [int(seed), int(seed) - 1, int(seed) + 1]


def _around_stamp(seed: Any, kind: str) -> list[Any]:
    if kind == "date-time":
        return [stamp for seconds in (0, -1, 1) if (stamp := shift_stamp(seed, seconds=seconds))]
    return [f"{seed}T00:00:00Z", f"{seed}T12:00:00Z"] if kind == "date" else []


def plain_text(parameter: Parameter, number: int = 0) -> str:
    """Return some text that fits format, pattern and length, as far as that is in reach."""
    if parameter.format in PLAIN:
        return PLAIN[parameter.format]
    matched = matching(parameter.pattern) if parameter.pattern else None
    if matched is not None:
        return matched
    text = WORDS[number % len(WORDS)]
    shortest, longest = parameter.min_length or 0, parameter.max_length or 200
    return (text * (shortest // len(text) + 1))[: max(shortest, min(len(text), longest))]


def bounds(parameter: Parameter) -> list[Any]:
    """Return the bounds of a number, the shortest and longest texts of a free text, both booleans, every enum value."""
    if parameter.enum is not None:
        return list(parameter.enum)
    if parameter.type == "boolean":
        return [False, True]
    if parameter.type in ("integer", "number"):
        return [bound for bound in (parameter.minimum, parameter.maximum) if bound is not None]
    if parameter.type == "string" and parameter.max_length and not (parameter.format or parameter.pattern):
        return ["x" * (parameter.min_length or 1), "x" * min(parameter.max_length, 1000)]
    return []
