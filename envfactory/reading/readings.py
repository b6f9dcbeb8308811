"""Everything a message says that a program can hold it to, each with its place and all its possible denotations.

Written without knowledge of who words messages: an auditor asks it whether a date or an amount "has exactly one
denotation", a searcher fills parameters from it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from envfactory.reading.amounts import money, numbers
from envfactory.reading.clock import clock_times, lengths
from envfactory.reading.dates import single_days
from envfactory.reading.language import comparisons, expressions
from envfactory.reading.periods import stretches
from envfactory.reading.spans import Reading, chosen, distinct, flatten, pattern

_STAMP = pattern(r"(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:z\b|\+00:?00)?(?![\w:])")
_BETWEEN = re.compile(
    r" ?,? ?(?:at|around|about|from|by|before|after|until|till|on|of|,|\(|the)?(?: the| about| around)? ?\(?"
)
# "9 on Friday" is a time; "8 until 13 April" are two days.
_BARELY = re.compile(r",? ?(?:on |this |)")
_TIME_TO = re.compile(r" ?(?:-|to|and|until|till) ?")


def read(text: str, now: str = "") -> list[Reading]:
    """Return the readings of a text in order of place; those of the innermost kinds do not overlap.

    Comparisons ("under €50") overlap the value that they bound.
    """
    return list(_read(text, now))


@lru_cache(maxsize=512)
def _read(text: str, now: str) -> tuple[Reading, ...]:
    days, times = single_days(text, now), clock_times(text)
    spans = stretches(text, now)
    firm = [*_stamps(text), *spans, *_dated(text, days, times), *_time_ranges(text, times)]
    values = chosen([*firm, *days, *times, *money(text), *lengths(text), *numbers(text)])
    return tuple(
        sorted(
            [*values, *comparisons(text, values), *expressions(text, values)], key=lambda each: (each.start, each.end)
        )
    )


def _stamps(text: str) -> list[Reading]:
    return [
        Reading("datetime", each.start(), each.end(), text[each.start() : each.end()], (f"{each[1]}T{each[2]}",))
        for each in _STAMP.finditer(flatten(text))
    ]


def _dated(text: str, days: list[Reading], times: list[Reading]) -> list[Reading]:
    """Join a day and a time that stand side by side: "on Friday at 15:00", "3 pm on the 5th"."""
    flat, joined = flatten(text), []
    for day in days:
        for time in times:
            first, last = (day, time) if day.start < time.start else (time, day)
            form = _BETWEEN if re.search(r"[:m]|noon|midnight|clock", time.words.lower()) or time is last else _BARELY
            if first.end <= last.start and form.fullmatch(flat[first.end : last.start]):
                values = distinct(f"{date}T{clock}" for date in day.values for clock in time.values)
                joined.append(Reading("datetime", first.start, last.end, text[first.start : last.end], values))
    return joined


def _time_ranges(text: str, times: list[Reading]) -> list[Reading]:
    flat, joined = flatten(text), []
    for first, last in pairwise(times):
        if _TIME_TO.fullmatch(flat[first.end : last.start]):
            values = distinct((start, end) for start in first.values for end in last.values if start < end)
            joined.append(Reading("time_range", first.start, last.end, text[first.start : last.end], values))
    return joined
