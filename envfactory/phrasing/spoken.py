"""Values as a person writes them: dates, times, stretches of days, sums of money, counts.

A form says a value so that one reading is left: a bare day of the month only where the coming one is nearer than the past
one, a weekday only within the coming six days, a date far from today with its year, no bare "weekend", no "next Friday".
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from envfactory.phrasing.lexicon import number_words, ordinal
from envfactory.phrasing.words import Words, join, say, text

DateStyle = Literal["day month", "dayth month", "dayth of month", "month day", "month dayth"]
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
_UNITS = {"EUR": ("euro", "euros"), "GBP": ("pound", "pounds"), "USD": ("dollar", "dollars")}
_WITHOUT_MINOR = frozenset({"JPY", "KRW", "ISK", "HUF"})
_NEAR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Manner:
    """How one person writes values; the same over a whole conversation."""

    dates: DateStyle = "day month"
    short_months: bool = False
    twelve_hours: bool = True
    signs: bool = True
    digits: bool = False
    weekdays: float = 0.0


class Day(NamedTuple):
    """A date in words, and the preposition it takes as an adjunct (`on`, or none: "tomorrow")."""

    words: str
    preposition: str = "on"


def parse_day(value: object) -> date | None:
    """Return the date that a stored date or date-time begins with."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def parse_moment(value: object) -> datetime | None:
    """Return a stored date-time."""
    try:
        return datetime.fromisoformat(str(value).replace("Z", ""))
    except ValueError:
        return None


# --- days -------------------------------------------------------------------------------------------------------------


def outright(day: date, today: date, manner: Manner, rng: random.Random, *, year: bool = True) -> Day:
    """Return a date said outright: `5 October`, `Friday the 5th of October`; with its year where it is not near."""
    month = f"{day:%b}" if manner.short_months and day.month != 5 else f"{day:%B}"
    forms: dict[str, str] = {
        "day month": f"{day.day} {month}",
        "dayth month": f"{ordinal(day.day)} {month}",
        "dayth of month": f"the {ordinal(day.day)} of {day:%B}",
        "month day": f"{month} {day.day}",
        "month dayth": f"{month} {ordinal(day.day)}",
    }
    said = forms[manner.dates]
    far = year and abs(day - today) > _NEAR
    if not far and rng.random() < manner.weekdays:
        said = f"{day:%A} {said}" if manner.dates != "month day" else f"{day:%A}, {said}"
    return Day(f"{said}{',' if far and manner.dates.startswith('month') else ''}{f' {day.year}' if far else ''}")


def relative_days(day: date, today: date, *, bare: bool = False) -> list[Day]:
    """Return every way to say a date from where today stands that leaves one reading; empty where there is none."""
    ahead = (day - today).days
    said = [Day(words, "") for words in _NAMED_DAYS.get(ahead, ()) if not (bare and "week" in words)]
    if 2 <= ahead <= 6:
        said.append(Day(f"{day:%A}"))
        if today.weekday() < day.weekday():
            said.append(Day(f"this {day:%A}", ""))
    if ahead >= 2 and bare_day_is_clear(day, today):
        said.append(Day(f"the {ordinal(day.day)}"))
        if ahead <= 20:
            said.append(Day(f"{day:%A} the {ordinal(day.day)}"))
    if -6 <= ahead <= -2:
        said.append(Day(f"{number_words(-ahead)} days ago", ""))
    return said


_NAMED_DAYS = {
    0: ("today",),
    1: ("tomorrow",),
    2: ("the day after tomorrow",),
    7: ("a week from today", "in a week"),
    14: ("in two weeks", "two weeks from today"),
    -1: ("yesterday",),
}


def bare_day_is_clear(day: date, today: date) -> bool:
    """Return whether `the 5th` can only mean this date: the coming 5th, no further off than the past one."""
    if day < today or (day - today).days > 27:
        return False
    past = _same_number_before(day, today)
    return (day - today) <= (today - past)


def _same_number_before(day: date, today: date) -> date:
    at = today
    while at.day != day.day or at == day:
        at -= timedelta(days=1)
    return at


def day_in_words(
    day: date, today: date, relative: bool, manner: Manner, rng: random.Random, *, bare: bool = False
) -> Day:
    """Return a date in words: from where today stands where that is wanted and clear, else outright.

    `bare`: to stand after a preposition, as "in a week" cannot.
    """
    ways = relative_days(day, today, bare=bare) if relative else []
    return rng.choice(ways) if ways else outright(day, today, manner, rng)


# --- times of day -----------------------------------------------------------------------------------------------------


def clock_in_words(hour: int, minute: int, manner: Manner, rng: random.Random, *, loosely: bool = False) -> str:
    """Return a time of day that says morning from evening: `6:30pm`, `18:30`, `half past six in the evening`."""
    if minute == 0 and hour == 12:
        return "noon" if loosely else "12:00"
    if loosely and minute in (0, 15, 30) and rng.random() < 0.35:
        return _in_words(hour, minute)
    if not manner.twelve_hours:
        return f"{hour:02}:{minute:02}"
    half, small = ("am" if hour < 12 else "pm"), hour % 12 or 12
    return f"{small}{half}" if minute == 0 else f"{small}:{minute:02}{half}"


def _in_words(hour: int, minute: int) -> str:
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    named = number_words(hour % 12 or 12)
    said = {0: named, 15: f"quarter past {named}", 30: f"half past {named}"}[minute]
    return f"{said} {part}"


# --- money and counts -------------------------------------------------------------------------------------------------


def money_in_words(minor: int, currency: str, manner: Manner) -> str:
    """Return a sum in minor units as a person writes it: `€120`, `120 euros`, `£45.50`."""
    places = 0 if currency in _WITHOUT_MINOR else 2
    whole, rest = divmod(abs(minor), 10**places)
    number = f"{whole:,}" if not rest else f"{whole:,}.{rest:0{places}}"
    if currency in _SIGNS and (manner.signs or rest):
        return f"{_SIGNS[currency]}{number}"
    if currency in _UNITS:
        return f"{number} {_UNITS[currency][0 if (whole, rest) == (1, 0) else 1]}"
    return f"{number} {currency}"


def count_in_words(number: int, manner: Manner) -> str:
    """Return a number: in words up to twelve unless the person writes digits; none as `no`."""
    if number == 0:
        return "no"
    return str(number) if manner.digits or not 0 <= number <= 12 else number_words(number)


# --- stretches of days ------------------------------------------------------------------------------------------------


class Bound(NamedTuple):
    """One end of a stretch: its date, the mention that says it, and whether it is said from where today stands."""

    day: date
    mention: str
    relative: bool = False


def stretch_in_words(
    start: Bound,
    end: Bound,
    unit: str,
    closed: bool,
    today: date,
    manner: Manner,
    rng: random.Random,
    *,
    bare: bool = False,
) -> Words:
    """Return two dates as a stretch: `from the 7th to the 9th of May`, `for two nights from Friday`.

    `closed`: the last day belongs to it. `bare`: without a preposition in front, to stand after `to` or `is`.
    """
    length = (end.day - start.day).days + (1 if closed else 0)
    if start.day == end.day:
        said = day_in_words(start.day, today, start.relative, manner, rng)
        whole = said.words if bare else f"{said.preposition} {said.words}".strip()
        return say(whole, f"{start.mention} {end.mention}")
    countable = 1 <= length <= 14 and (closed or unit != "day")
    ways = [_for_from] if countable else [_from_to]
    if not bare:
        ways = [*ways, _from_to, _between] if unit == "night" else [*ways, _from_to]
    return rng.choice(ways)(start, end, unit, length, today, manner, rng, bare)


def _for_from(
    start: Bound, end: Bound, unit: str, length: int, today: date, manner: Manner, rng: random.Random, bare: bool
) -> Words:
    said = day_in_words(start.day, today, start.relative, manner, rng, bare=True)
    noun = unit if length == 1 else f"{unit}s"
    number = count_in_words(length, manner)
    if length == 7 and rng.random() < 0.5:
        number, noun = "a", "week"
    begins = "starting" if said.preposition == "" and rng.random() < 0.3 else "from"
    return join(
        (
            text("" if bare else "for"),
            say(f"{number} {noun}", end.mention),
            text(begins),
            say(said.words, start.mention),
        )
    )


def _from_to(
    start: Bound, end: Bound, unit: str, length: int, today: date, manner: Manner, rng: random.Random, bare: bool
) -> Words:
    first, last = _two_days(start, end, today, manner, rng)
    between = "to" if first.isdigit() else rng.choice(["to", "to", "until"])
    opening = "from" if not bare else ""
    return join((text(opening), say(first, start.mention), text(between), say(last, end.mention)))


def _between(
    start: Bound, end: Bound, unit: str, length: int, today: date, manner: Manner, rng: random.Random, bare: bool
) -> Words:
    if unit != "night":
        return _from_to(start, end, unit, length, today, manner, rng, bare)
    first = day_in_words(start.day, today, start.relative, manner, rng, bare=True)
    last = day_in_words(end.day, today, end.relative, manner, rng, bare=True)
    arrives, leaves = f"arriving {first.preposition}".rstrip(), f"and leaving {last.preposition}".rstrip()
    return join((text(arrives), say(first.words, start.mention), text(leaves), say(last.words, end.mention)))


def _two_days(start: Bound, end: Bound, today: date, manner: Manner, rng: random.Random) -> tuple[str, str]:
    """Return both ends of a stretch, saying a month that they share once and not mixing two ways of saying a day."""
    plain = Manner(manner.dates, manner.short_months, manner.twelve_hours, manner.signs, manner.digits)
    near_end = f"the {ordinal(end.day.day)}"
    if start.relative and relative_days(start.day, today, bare=True):
        first = rng.choice(relative_days(start.day, today, bare=True)).words
        if end.relative and 2 <= (end.day - today).days <= 6 and "the" not in first:
            return first, f"{end.day:%A}"
        clear = bare_day_is_clear(end.day, today)
        return first, near_end if clear and "the " in first else outright(end.day, today, plain, rng).words
    last = outright(end.day, today, plain, rng).words
    same = (start.day.year, start.day.month) == (end.day.year, end.day.month)
    if not same or abs(end.day - today) > _NEAR:
        return outright(start.day, today, plain, rng).words, last
    if manner.dates.startswith("month"):
        shared = outright(start.day, today, plain, rng, year=False).words
        year = last.rpartition(",")[2] if "," in last else ""
        number = ordinal(end.day.day) if manner.dates == "month dayth" else str(end.day.day)
        return shared, f"{number}{',' if year else ''}{year}"
    number = (
        str(start.day.day)
        if manner.dates == "day month"
        else f"{'the ' if 'the' in last else ''}{ordinal(start.day.day)}"
    )
    return number, last
