"""Days and times as offsets from a clock (`2026-05-12T08:00:00Z`), drawn and spelled."""

from __future__ import annotations

import datetime
import random
import re

from envfactory.errors import DesignError

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_OPENING, _CLOSING = 8 * 60, 20 * 60  # minutes of a day between which things happen
_MINUTES = 5
Bound = int | float | str


def day(clock: str, offset: int) -> str:
    """Return the date `offset` days after the clock's."""
    return (datetime.date.fromisoformat(clock[:10]) + datetime.timedelta(days=offset)).isoformat()


def at(date: str, minute: int, second: int = 0) -> str:
    """Return a time of a date."""
    return f"{date}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}Z"


def some_time(date: str, rng: random.Random) -> str:
    """Return a time within the working hours of a date."""
    return at(date, rng.randrange(_OPENING, _CLOSING), rng.randrange(60))


def between(low: str, high: str, rng: random.Random) -> str:
    """Return a time between two, the first included."""
    start, end = _parsed(low), _parsed(high)
    seconds = max(int((end - start).total_seconds()), 1)
    return spelled(start + datetime.timedelta(seconds=rng.randrange(seconds)))


def later(clock: str, seconds: float) -> str:
    """Return the time so many seconds after another."""
    return spelled(_parsed(clock) + datetime.timedelta(seconds=int(seconds)))


def seconds_between(low: str, high: str) -> float:
    """Return how many seconds lie between two times."""
    return (_parsed(high) - _parsed(low)).total_seconds()


def date_range(low: Bound, high: Bound, step: int, clock: str, rng: random.Random, place: str) -> str:
    """Return a date between two, which are dates or days from the clock's."""
    first, last = _as_date(low, clock, place), _as_date(high, clock, place)
    days = (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days
    if days < 0:
        raise DesignError(f"{place}: the range ends before it begins", remedy="write [first, last]")
    return day(first, rng.randrange(0, days + 1, max(step, 1)))


def time_range(low: str, high: str, step: int, rng: random.Random, place: str) -> str:
    """Return a time of day (HH:MM) between two."""
    first, last = _minutes(low, place), _minutes(high, place)
    if last < first:
        raise DesignError(f"{place}: the range ends before it begins", remedy="write [first, last]")
    minute = rng.randrange(first, last + 1, max(step, 1))
    return f"{minute // 60:02d}:{minute % 60:02d}"


def some_time_of_day(rng: random.Random) -> str:
    """Return a time of day within working hours, on a round minute."""
    minute = rng.randrange(_OPENING, _CLOSING, 3 * _MINUTES)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def is_time_of_day(value: object) -> bool:
    """Whether a value reads like 07:00."""
    return isinstance(value, str) and bool(_TIME.fullmatch(value))


def _as_date(bound: Bound, clock: str, place: str) -> str:
    if isinstance(bound, int | float):
        return day(clock, int(bound))
    try:
        return datetime.date.fromisoformat(bound[:10]).isoformat()
    except ValueError as error:
        raise DesignError(f"{place}: {bound!r} is no date", remedy="write YYYY-MM-DD, or days from now") from error


def _minutes(text: str, place: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise DesignError(f"{place}: {text!r} is no time of day", remedy="write HH:MM")
    return int(match[1]) * 60 + int(match[2])


def _parsed(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def spelled(moment: datetime.datetime) -> str:
    """Return a time as `2026-05-12T08:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
