"""Dates and stretches of days in words, with every day they can mean, seen from the day on which they were said.

A date without its year means the nearest one; where the last and the next are about as near it means both. Where the
day of speaking is not known, what is said is kept as it is (`--10-05`, `---05`), and what is relative means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from envfactory.reading.numerals import CARDINAL, ORDINAL, cardinal, ordinal
from envfactory.reading.spans import Reading, chosen, distinct, flatten, pattern

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "mon tue wed thu fri sat sun".split()
_NEAR = timedelta(days=60)
_FAR = timedelta(days=366)

MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b(?:\.(?= ?\d))?"
)
_WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
ANY_WEEKDAY = rf"(?:{_WEEKDAY}|(?:mon|tues?|wed|thurs?|thu|fri|sat|sun)\b\.?)"
_DAY = rf"(?P<day>{ORDINAL}|(?:3[01]|[12]\d|0?[1-9])\b)"
_YEAR = r"(?:,? (?P<year>(?:19|20)\d\d)\b)?"
_NOT_A_CLOCK = r"(?![:.]?\d| ?(?:am|pm|%)\b)"
# What may follow "the 5th" where it is a day; before any other word it counts something ("the 5th floor").
_AFTER_A_DAY = (
    r"(?= ?(?:$|[.,;:!?)\-/\"]|(?:to|until|till|til|through|thru|for|at|in|and|or|from|please|with|by|if|is|was|on"
    r"|instead"
    r"|then|too|as|because|onwards|but|when|so|that|would|will|morning|afternoon|evening|night|after|before|around|this"
    r"|next|if|not|rather|works|it|we|i|can|could|should|has|have|of (?:this|next|last|the) month)\b))"
)

Days = tuple[str, ...]
Reader = Callable[["re.Match[str]", date | None], Days]


def parse_day(text: str) -> date | None:
    """Return the date an ISO date or date-time begins with; None where it begins with none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


# --- a single day -----------------------------------------------------------------------------------------------------


def _day_number(words: str) -> int:
    return int(words) if words.isdigit() else ordinal(words)


def month_number(words: str) -> int:
    """Return the number of a month by the beginning of its name."""
    return _MONTHS.index(words[:3]) + 1


def _weekday_number(words: str) -> int:
    return _WEEKDAYS.index(words[:3])


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(days: Iterable[date | None]) -> Days:
    return distinct(day.isoformat() for day in days if day is not None)


def _nearest(candidates: Iterable[date | None], today: date) -> Days:
    """Return the candidate nearest to today, or all of a year either side where none is near; the coming one first."""
    known = sorted({day for day in candidates if day is not None and abs(day - today) <= _FAR})
    near = [day for day in known if abs(day - today) <= _NEAR]
    if near:
        return (min(near, key=lambda day: (abs(day - today), day < today)).isoformat(),)
    return tuple(day.isoformat() for day in sorted(known, key=lambda day: (day < today, day)))


def _in_year(year: str | None, month: int, day: int, today: date | None) -> Days:
    if year is not None:
        return _iso([_make(int(year) if len(year) == 4 else 2000 + int(year), month, day)])
    if _make(2000, month, day) is None:
        return ()
    if today is None:
        return (f"--{month:02}-{day:02}",)
    return _nearest((_make(today.year + shift, month, day) for shift in (-1, 0, 1)), today)


def _day_and_month(match: re.Match[str], today: date | None) -> Days:
    return _in_year(match["year"], month_number(match["month"]), _day_number(match["day"]), today)


def _iso_day(match: re.Match[str], today: date | None) -> Days:
    return _iso([_make(int(match[1]), int(match[2]), int(match[3]))])


def _numeric(match: re.Match[str], today: date | None) -> Days:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    if match["mark"] == ".":  # with dots the day comes first wherever dates are written so
        return _in_year(year, second, first, today)
    return distinct([*_in_year(year, second, first, today), *_in_year(year, first, second, today)])


def nearest_month(month: int, today: date) -> int:
    """Return the year in which a month said without its year lies: the coming one, unless it is the present month."""
    return today.year + (month < today.month)


def shift_month(today: date, months: int) -> tuple[int, int]:
    """Return year and month some months on."""
    at = today.year * 12 + today.month - 1 + months
    return at // 12, at % 12 + 1


def _day_of_month(match: re.Match[str], today: date | None) -> Days:
    day = _day_number(match["day"])
    if not 1 <= day <= 31:
        return ()
    if today is None:
        return (f"---{day:02}",)
    around = [_make(*shift_month(today, shift), day) for shift in (-2, -1, 0, 1, 2)]
    if match.groupdict().get("weekday"):
        wanted = _weekday_number(match["weekday"])
        return _nearest([each for each in around if each is not None and each.weekday() == wanted], today)
    known = [each for each in around if each is not None]
    coming, past = min(each for each in known if each >= today), max(each for each in known if each <= today)
    return _iso([coming, past] if today - past < coming - today else [coming])


def _weekday(match: re.Match[str], today: date | None) -> Days:
    if today is None:
        return ()
    ahead = (_weekday_number(match["weekday"]) - today.weekday()) % 7
    coming = today + timedelta(days=ahead or 7)
    if match["how"] == "last":
        return _iso([today - timedelta(days=(7 - ahead) % 7 or 7)])
    if match["later"]:
        return _iso([coming + timedelta(days=7)])
    if match["how"] == "next":
        return _iso([coming, coming + timedelta(days=7)])
    return _iso([coming] if ahead else [today, coming])


_WORDS = {"yesterday": -1, "day before yesterday": -2, "tomorrow": 1, "day after tomorrow": 2}


def _adverb(match: re.Match[str], today: date | None) -> Days:
    return _iso([today + timedelta(days=_WORDS.get(match["adverb"], 0))]) if today else ()


_LENGTHS = {"day": 1, "week": 7, "fortnight": 14}


def _count(words: str) -> int:
    return 1 if words in ("a", "an", "one") else int(cardinal(words))


def _ahead(match: re.Match[str], today: date | None) -> Days:
    if today is None:
        return ()
    days = _count(match["many"]) * _LENGTHS[match["length"]]
    return _iso([today + timedelta(days=-days if match["way"] == "ago" else days)]) if days < 4000 else ()


def _week_from(match: re.Match[str], today: date | None) -> Days:
    if today is None:
        return ()
    start = {"today": 0, "tomorrow": 1}.get(match["anchor"], -1)
    if start < 0:
        start = (_weekday_number(match["anchor"]) - today.weekday()) % 7 or 7
    return _iso([today + timedelta(days=start + 7)])


_MANY = rf"(?P<many>an?|{CARDINAL})"
_LENGTH = r"(?P<length>day|week|fortnight)s?\b"
_DAYS: list[tuple[re.Pattern[str], Reader]] = [
    (pattern(r"(\d{4})-(\d{2})-(\d{2})(?![\w-])"), _iso_day),
    (
        pattern(
            rf"(?:{ANY_WEEKDAY},? )?(?:the )?{_DAY}(?: of)?[ -](?P<month>{MONTH}){_YEAR}(?! (?:be|have|not|i|we|you)\b)"
        ),
        _day_and_month,
    ),
    (
        pattern(
            rf"(?:{ANY_WEEKDAY},? )?(?!(?:may|march) (?:first"
            rf"|second)\b)(?P<month>{MONTH}) ?(?:the )?{_DAY}{_NOT_A_CLOCK}{_YEAR}"
        ),
        _day_and_month,
    ),
    (
        pattern(
            r"(?!24/7\b)(?P<first>\d{1,2})(?P<mark>[/])(?P<second>\d{1,2})(?:/(?P<year>\d{4}|\d{2}))?(?![\w/%])(?!\.\d)"
        ),
        _numeric,
    ),
    (pattern(r"(?P<first>\d{1,2})(?P<mark>[.-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?![\w-])"), _numeric),
    (pattern(rf"(?P<weekday>{ANY_WEEKDAY}),? (?:the )?(?P<day>{ORDINAL})"), _day_of_month),
    (pattern(rf"(?:the )?(?P<day>\d{{1,2}}(?:st|nd|rd|th)){_AFTER_A_DAY}"), _day_of_month),
    (
        pattern(rf"(?:on|from|to|until|till|by|before|after) (?P<at>the (?P<day>{ORDINAL})){_AFTER_A_DAY}"),
        _day_of_month,
    ),
    (
        pattern(
            rf"(?:(?P<how>this coming|the coming|coming|this|next|last|the following) )?(?P<weekday>{_WEEKDAY})"
            r"(?P<later> week\b| after next\b)?"
        ),
        _weekday,
    ),
    (
        pattern(
            r"(?P<adverb>today|tonight|(?:this|later this|earlier this) (?:morning|afternoon|evening)"
            r"|tomorrow|yesterday|(?<=the )day (?:after tomorrow|before yesterday))\b"
        ),
        _adverb,
    ),
    (pattern(rf"(?P<way>in) {_MANY} {_LENGTH}(?:'?s? time\b)?"), _ahead),
    (pattern(rf"{_MANY} {_LENGTH} (?P<way>ago|from (?:now|today)|hence)\b"), _ahead),
    (pattern(rf"a week (?:from |on )?(?P<anchor>today|tomorrow|{_WEEKDAY})"), _week_from),
]


def single_days(text: str, now: str) -> list[Reading]:
    """Return every single day that a text mentions, with all the days it can mean."""
    flat, today = flatten(text), parse_day(now)
    return chosen(_readings(text, flat, today))


def _readings(text: str, flat: str, today: date | None) -> Iterator[Reading]:
    for form, reader in _DAYS:
        for match in form.finditer(flat):
            start = match.start("at" if "at" in form.groupindex else 0)
            yield Reading("date", start, match.end(), text[start : match.end()], reader(match, today))
