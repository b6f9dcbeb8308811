"""Values as an assistant states them: sums of money, days, times, numbers, plain words for what is stored.

Every form is one that says a single value to a reader who knows today's date: a day far from today has its year, a
time has four digits, an amount has its currency.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from envfactory.phrasing.lexicon import plural

_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
_WITHOUT_MINOR = frozenset({"JPY", "KRW", "ISK", "HUF"})
_NEAR_DAYS = 60
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z?")
_MONTH = re.compile(r"\d{4}-\d{2}")
_CLOCK = re.compile(r"\d{2}:\d{2}")
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


def amount(minor: float, unit: str) -> str:
    """Return minor units of a currency (`4960`, EUR) as `€49.60`; as a bare number where `unit` is no currency."""
    places = 0 if unit in _WITHOUT_MINOR else 2
    number = f"{abs(minor) / 10**places:,.{places}f}"
    sign = "-" if minor < 0 else ""
    unit = unit if re.fullmatch(r"[A-Z]{3}", unit) else ""
    return f"{sign}{_SIGNS[unit]}{number}" if unit in _SIGNS else f"{sign}{number} {unit}".rstrip()


def day(value: str, now: str) -> str:
    """Return an ISO date, or the date of a date-time, as `Thursday 5 August`; with its year where it is not near."""
    then = date.fromisoformat(value[:10])
    year = f" {then.year}" if abs((then - date.fromisoformat(now[:10])).days) > _NEAR_DAYS else ""
    return f"{then:%A} {then.day} {then:%B}{year}"


def clock(value: str) -> str:
    """Return the time of a date-time, or a time, as `07:05`."""
    return value[11:16] if "T" in value else value[:5]


def moment(value: str, now: str) -> str:
    """Return a date-time as `07:05 on Thursday 5 August`."""
    return f"{clock(value)} on {day(value, now)}"


def stretch(first: str, last: str, now: str) -> str:
    """Return two dates as `from Thursday 5 to Sunday 8 August`."""
    start, end = date.fromisoformat(first[:10]), date.fromisoformat(last[:10])
    if start == end:
        return f"on {day(first, now)}"
    if (start.year, start.month) == (end.year, end.month):
        return f"from {start:%A} {start.day} to {day(last, now)}"
    return f"from {day(first, now)} to {day(last, now)}"


def number(value: float) -> str:
    """Return a number in digits, with a comma at thousands."""
    return f"{value:,}" if isinstance(value, int) or not float(value).is_integer() else f"{int(value):,}"


def plain(value: Any, now: str) -> str:
    """Return any value as its own shape suggests: a date as a day, `checked_in` as `checked in`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list):
        return listed(plain(each, now) for each in value)
    return _text(str(value), now)


def listed(words: Iterable[str]) -> str:
    """Return words as `a, b and c`."""
    told = list(words)
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}" if told else ""


def counted(count: float, noun: str) -> str:
    """Return `1 night`, `2 nights`: a number with its noun in the right form."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def words_of(name: str) -> str:
    """Return a field's name as words, without the endings that say its unit or type: `pickup_at` is `pickup`."""
    stem = re.sub(r"_(cents|at|on|id|until)$", "", name)
    return stem.replace("_", " ")


def sentence(text: str) -> str:
    """Return a clause as a sentence: a capital, one full stop, single blanks, nothing before punctuation."""
    clean = re.sub(r"\s+([.,;:!?])", r"\1", re.sub(r"\s+", " ", text)).strip()
    if not clean:
        return ""
    clean = clean[0].upper() + clean[1:]
    return clean if clean[-1] in ".!?" else f"{clean}."


def _text(value: str, now: str) -> str:
    if _MOMENT.fullmatch(value):
        return moment(value, now)
    if _DAY.fullmatch(value):
        return day(value, now)
    if _MONTH.fullmatch(value):
        return datetime.strptime(value, "%Y-%m").strftime("%B %Y")
    return value.replace("_", " ") if _CODE.fullmatch(value) else value
