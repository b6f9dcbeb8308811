"""Does a text state a value? Graded by what the words mean, whatever their form, and never by a template.

A value is stated where one of the usual readings of some words is that value: `€1,234.50`, `1234.50 euros` and `EUR
1,234.50` are one sum; "5/10" states no date, since it has two; nothing is read out of the inside of a longer token.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from envfactory.reading.amounts import money, numbers
from envfactory.reading.clock import clock_times, lengths
from envfactory.reading.dates import parse_day, single_days
from envfactory.reading.polarity import affirms, denies
from envfactory.reading.readings import read
from envfactory.reading.spans import Reading, flatten
from envfactory.reading.words import contains

ValueKind = Literal["money", "number", "date", "time", "datetime", "text", "name", "boolean"]
_NOTHING = re.compile(
    r"\b(?:none|nothing|zero|free(?: of charge)?|no (?=[a-z])|not any|n't (?:\w+ )?any)\b|\bno (?=[a-z])"
)
_YEARLY = re.compile(r"--(\d\d-\d\d)|---(\d\d)")

__all__ = ["ValueKind", "denies", "states"]


def states(text: str, kind: ValueKind, value: Any, unit: str = "", now: str = "") -> bool:
    """Whether the text states the value.

    Money is in minor units of `unit` (any currency where empty); a boolean's `unit` may hold words of its topic
    (`pets_allowed`); `now` is when the text was said, for "tomorrow" and for dates without their year.
    """
    if value is None or not text:
        return False
    return _JUDGES[kind](text, value, unit, now)


def _money(text: str, value: Any, unit: str, now: str) -> bool:
    if not _is_number(value):
        return False
    readings = [each for each in money(text) if not each.unit or not unit or unit in each.unit.split("/")]
    if any(value in each.values for each in readings):
        return True
    return value == 0 and _NOTHING.search(flatten(text)) is not None


def _number(text: str, value: Any, unit: str, now: str) -> bool:
    if not _is_number(value):
        return False
    taken = [*money(text), *_definite(single_days(text, now)), *_definite(clock_times(text))]
    found = [
        each for each in numbers(text) if each.kind != "ordinal" and not any(each.overlaps(other) for other in taken)
    ]
    if any(_same_number(each, value) for each in [*found, *lengths(text)]):
        return True
    return value == 0 and _NOTHING.search(flatten(text)) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_number(reading: Reading, value: float) -> bool:
    said = reading.values[0]
    return math.isclose(said, value, rel_tol=1e-9) or (
        reading.kind == "percent" and math.isclose(said, 100 * value, rel_tol=1e-9)
    )


def _definite(readings: list[Reading]) -> list[Reading]:
    return [each for each in readings if each.definite]


def _date(text: str, value: Any, unit: str, now: str) -> bool:
    wanted = parse_day(str(value))
    return wanted is not None and any(_is_day(each, wanted) for each in _days(text, now))


def _days(text: str, now: str) -> list[Reading]:
    """Return single days, among them the first and last of ranges and the days of date-times."""
    return single_days(text, now) + [each for each in read(text, now) if each.kind in ("range", "datetime")]


def _is_day(reading: Reading, wanted: date) -> bool:
    if reading.kind == "range":
        return reading.definite and wanted.isoformat() in reading.values[0]
    iso = wanted.isoformat()
    if "/" in reading.words and not reading.definite:
        return False
    return any(
        iso == each[:10] or (each.startswith("--") and iso.endswith(each.lstrip("-"))) for each in reading.values
    )


def _time(text: str, value: Any, unit: str, now: str) -> bool:
    wanted = re.search(r"(?:^|T| )(\d\d:\d\d)", str(value))
    return wanted is not None and any(wanted[1] in each.values for each in _times(text, now))


def _times(text: str, now: str) -> list[Reading]:
    return clock_times(text) + [
        Reading("time", each.start, each.end, each.words, tuple(value[11:16] for value in each.values))
        for each in read(text, now)
        if each.kind == "datetime"
    ]


def _datetime(text: str, value: Any, unit: str, now: str) -> bool:
    wanted, iso = parse_day(str(value)), str(value)
    if wanted is None or len(iso) < 16:
        return _date(text, value, unit, now)
    minute = f"{iso[:10]}T{iso[11:16]}"
    readings = read(text, now)
    if any(_is_minute(said, minute) for each in readings if each.kind == "datetime" for said in each.values):
        return True
    days = [each for each in readings if each.kind in ("date", "datetime", "range")]
    if days:
        return len(days) == 1 and _is_day(days[0], wanted) and iso[11:16] in _all_times(readings)
    return iso[:10] == now[:10] and iso[11:16] in _all_times(readings)


def _is_minute(said: str, minute: str) -> bool:
    return minute == said or (said.startswith("--") and minute.endswith(said.lstrip("-")))


def _all_times(readings: list[Reading]) -> set[str]:
    return {value for each in readings if each.kind == "time" for value in each.values}


def _text(text: str, value: Any, unit: str, now: str) -> bool:
    return contains(text, str(value))


def _boolean(text: str, value: Any, unit: str, now: str) -> bool:
    said = affirms(text, unit)
    return said is not None and said == bool(value)


_JUDGES: dict[str, Callable[[str, Any, str, str], bool]] = {
    "money": _money,
    "number": _number,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "text": _text,
    "name": _text,
    "boolean": _boolean,
}
