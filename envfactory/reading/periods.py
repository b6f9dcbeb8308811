"""Stretches of days in words: "from the 5th to the 8th", "two nights from Friday", "next week", "in October"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from envfactory.reading.clock import lengths
from envfactory.reading.dates import (
    ANY_WEEKDAY,
    MONTH,
    month_number,
    nearest_month,
    parse_day,
    shift_month,
    single_days,
)
from envfactory.reading.numerals import ORDINAL, ordinal
from envfactory.reading.spans import Reading, chosen, distinct, flatten, pattern

Stretch = tuple[str, str]
_TO = re.compile(
    r",? ?(?:-|to|until|till|til|through|thru|up to|ending|returning|coming back|leaving)(?: on)? ?", re.ASCII
)
_AND = re.compile(r",? ?and ?")
_DAY = rf"(?:{ORDINAL}|(?:3[01]|[12]\d|0?[1-9])\b)"
_SEVERAL = r" ?(?:-|to|until|till|through|and) ?(?:the )?"
_DAYS_MONTH = pattern(
    rf"(?:{ANY_WEEKDAY},? )?(?:the )?(?P<first>{_DAY}){_SEVERAL}(?:{ANY_WEEKDAY},? )?(?:the )?(?P<last>{_DAY})(?:"
    rf" of)? (?P<month>{MONTH})(?:,? (?P<year>20\d\d)\b)?"
)
_MONTH_DAYS = pattern(
    rf"(?P<month>{MONTH}) (?:the )?(?P<first>{_DAY}){_SEVERAL}(?P<last>{_DAY})(?:,? (?P<year>20\d\d)\b)?(?![:\d])"
)
_PERIOD = pattern(
    r"(?P<how>this coming|the coming|this|next|last|the) (?P<what>week|weekend|month|year)\b(?! (?:on|after next"
    r"|from|ago))"
)
_IN_MONTH = pattern(
    rf"(?:in|during|for|since|of|next|this|last|early|late"
    rf"|whole of) (?P<at>(?P<month>{MONTH})(?:,? (?P<year>20\d\d)\b)?)(?! ?\d)"
)
_FROM = re.compile(
    r",? ?(?:from|starting|starting from|beginning|as of|on|arriving|arriving on|checking in|checking in on)(?: on)? "
)
_FOR = re.compile(r",? (?:for|staying|staying for) ?(?:the |just |only )?")
_YEAR = re.compile(r"\b20\d\d\b")
_MONTH_SAID = re.compile(MONTH)
_STEPS = {"night": 1, "day": 1, "week": 7, "fortnight": 14}


def stretches(text: str, now: str) -> list[Reading]:
    """Return every stretch of days, as `(first, last)` pairs; the last is the day of leaving where nights are counted."""
    days = single_days(text, now)
    found = [*_lists(text, now), *_pairs(text, days), *_counted(text, days), *_named(text, now), *_months(text, now)]
    return chosen(found)


def _make(text: str, start: int, end: int, values: list[Stretch]) -> Reading:
    return Reading("range", start, end, text[start:end], distinct(values))


def _pairs(text: str, days: list[Reading]) -> Iterator[Reading]:
    flat = flatten(text)
    for first, last in pairwise(days):
        between = flat[first.end : last.start]
        joined = _TO.fullmatch(between) or (_AND.fullmatch(between) and flat[: first.start].endswith("between "))
        if joined:
            yield _make(text, first.start, last.end, _ordered(_in_year_of(first, last), last))


def _in_year_of(first: Reading, last: Reading) -> Reading:
    """Return a first day said without its year in the year that the last day was said with, or the one before."""
    if not _YEAR.search(last.words) or _YEAR.search(first.words) or not _MONTH_SAID.search(flatten(first.words)):
        return first
    values = []
    for end in last.values:
        years = (int(end[:4]), int(end[:4]) - 1)
        values += [day for year in years if (day := f"{year}{first.values[0][4:]}") < end][:1] if first.values else []
    return Reading(first.kind, first.start, first.end, first.words, distinct(values))


def _ordered(first: Reading, last: Reading) -> list[Stretch]:
    """Return the pairs in which the last day is the first of its kind after the first day."""
    pairs = []
    for start in first.values:
        after = [end for end in last.values if end > start]
        if not after and re.match(r"(?:on )?(?:the )?\d", flatten(last.words)) and not start.startswith("-"):
            after = [_rolled(start, end) for end in last.values if not end.startswith("-")]
            after = [end for end in after if parse_day(end) is not None]
        pairs += [(start, min(after))] if after else []
    return pairs


def _rolled(start: str, end: str) -> str:
    """Return a day of the month said without its month, moved on to the first such day after `start`."""
    year, month = shift_month(date.fromisoformat(start), 0 if end[8:] > start[8:] else 1)
    return f"{year:04}-{month:02}-{end[8:]}"


def _lists(text: str, now: str) -> Iterator[Reading]:
    """Read "5 to 8 October" and "October 5-8"."""
    flat = flatten(text)
    for form in (_DAYS_MONTH, _MONTH_DAYS):
        for match in form.finditer(flat):
            if "and" in flat[match.end("first") : match.start("last")] and not flat[: match.start()].endswith(
                "between "
            ):
                continue
            yield _make(text, match.start(), match.end(), _in_month(match, now))


def _in_month(match: re.Match[str], now: str) -> list[Stretch]:
    tail = f" {match['month']}" + (f" {match['year']}" if match["year"] else "")
    first, last = (
        [each.values for each in single_days(_number(match[name]) + tail, now)] for name in ("first", "last")
    )
    return (
        [(start, end) for start, end in zip(first[0], last[0], strict=False) if start < end] if first and last else []
    )


def _number(words: str) -> str:
    return words if words.isdigit() else str(ordinal(words))


def _counted(text: str, days: list[Reading]) -> Iterator[Reading]:
    """Read "three nights from the 5th", "the 5th for three nights"."""
    flat = flatten(text)
    for length in lengths(text):
        if length.unit not in _STEPS or not isinstance(length.values[0], int):
            continue
        for day in days:
            if day.start >= length.end and _FROM.fullmatch(flat[length.end : day.start]):
                yield _make(text, length.start, day.end, _spread(day, length))
            elif day.end <= length.start and _FOR.fullmatch(flat[day.end : length.start]):
                yield _make(text, day.start, length.end, _spread(day, length))


def _spread(day: Reading, length: Reading) -> list[Stretch]:
    count = length.values[0] * _STEPS[length.unit] - (1 if length.unit == "day" else 0)
    if count > 3660:
        return []
    known = [(start, parse_day(start)) for start in day.values]
    return [(start, (first + timedelta(days=count)).isoformat()) for start, first in known if first is not None]


def _named(text: str, now: str) -> Iterator[Reading]:
    today = parse_day(now)
    for match in _PERIOD.finditer(flatten(text)):
        if today is None or (match["how"] == "the" and match["what"] != "weekend"):
            continue
        values = _period(match["how"], match["what"], today)
        yield _make(text, match.start(), match.end(), values)


def _period(how: str, what: str, today: date) -> list[Stretch]:
    shift = {"next": 1, "last": -1}.get(how, 0)
    if what == "year":
        return [(f"{today.year + shift}-01-01", f"{today.year + shift}-12-31")]
    if what == "month":
        return [_month(*shift_month(today, shift))]
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * shift)
    if what == "week":
        return [(monday.isoformat(), (monday + timedelta(days=6)).isoformat())]
    sunday = (monday + timedelta(days=6)).isoformat()
    return [((monday + timedelta(days=first)).isoformat(), sunday) for first in (5, 4)]


def _month(year: int, month: int) -> Stretch:
    first = date(year, month, 1)
    after = date(*shift_month(first, 1), 1)
    return first.isoformat(), (after - timedelta(days=1)).isoformat()


def _months(text: str, now: str) -> Iterator[Reading]:
    today = parse_day(now)
    for match in _IN_MONTH.finditer(flatten(text)):
        start, month = match.start("at"), month_number(match["month"])
        if match["year"]:
            yield _make(text, start, match.end(), [_month(int(match["year"]), month)])
        elif today is not None:
            yield _make(text, start, match.end(), [_month(nearest_month(month, today), month)])
