"""Times of day and lengths of time in words, with every time they can mean: "at five" is 05:00 or 17:00."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from envfactory.reading.numerals import CARDINAL, cardinal
from envfactory.reading.spans import Reading, chosen, distinct, flatten, pattern

Times = tuple[str, ...]
_HALF_DAY = r"(?P<half>a\.?m\b\.?|p\.?m\b\.?)"
_HOUR_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HOUR = rf"(?P<hour>{_HOUR_WORD}\b|\d{{1,2}}(?!\d|:))"
_PART = (
    r"(?P<part> ?,? (?:in the|this|tomorrow|that) (?:early )?(?:morning|afternoon|evening)| (?:at night|tonight)\b)?"
)
_STEP = r"(?P<step>half|a quarter|quarter|five|ten|twenty[- ]five|twenty|\d{1,2})"
# After a bare hour ("at five") nothing may come that the number could count.
_NO_NOUN = (
    r"(?= ?(?:$|[.,;:!?)/\"-]|(?:on|to|until|till|for|from|at|in|and|or|please|with|if|is|was|instead|then|too|as"
    r"|because"
    r"|but|when|so|that|would|will|tomorrow|today|tonight|this|next|not|rather|works|onwards|sharp|latest|earliest"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b))"
)
_CLOCK = pattern(
    rf"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?:z\b|(?![\w:])(?: ?{_HALF_DAY})?){_PART}"
)
_GLUED = pattern(r"(?P<hour>[01]?\d|2[0-3])h(?P<minute>[0-5]\d)\b")
_HALVED = pattern(rf"(?P<hour>1[0-2]|0?[1-9])(?:[.:](?P<minute>[0-5]\d))? ?{_HALF_DAY}")
_HALVED_WORD = pattern(rf"(?P<hour>{_HOUR_WORD}) ?{_HALF_DAY}")
_PAST = pattern(rf"{_STEP} (?:minutes? )?(?P<side>past|to) {_HOUR}(?: o'?clock\b)?(?: ?{_HALF_DAY})?{_PART}")
_HALF_HOUR = pattern(rf"(?:at|by|around|about|before|after) (?P<at>half (?P<hour>{_HOUR_WORD}))\b{_PART}")
_NAMED = pattern(r"(?P<named>noon|midday|midnight)\b")
_OCLOCK = pattern(rf"{_HOUR} o'?clock\b{_PART}")
_BARE = pattern(
    rf"(?:at|by|around|before|after|until|till|about|from|between) (?:about |around )?"
    rf"(?P<at>(?P<hour>{_HOUR_WORD}\b|(?:1[0-2]|[1-9])(?![\d:./%-]|st|nd|rd|th))(?P<part> (?:in the (?:morning"
    rf"|afternoon|evening)|at night|tonight))?)"
    rf"{_NO_NOUN}"
)
_IN_PART = pattern(rf"{_HOUR}(?P<part> in the (?:early )?(?:morning|afternoon|evening)| at night)\b")
_FIRST_OF_TWO = pattern(
    r"(?P<hour>1[0-2]|0?[1-9])(?=(?: ?- ?| to | until | and )(?:1[0-2]|[1-9])(?::[0-5]\d)? ?[ap]\.?m\b)"
)
_FORMS = [_CLOCK, _GLUED, _HALVED, _HALVED_WORD, _PAST, _HALF_HOUR, _NAMED, _OCLOCK, _BARE, _IN_PART, _FIRST_OF_TWO]
_STEPS = {"half": 30, "a quarter": 15, "quarter": 15}
_AFTERNOON = ("afternoon", "evening", "tonight", "night")


def clock_times(text: str) -> list[Reading]:
    """Return every time of day that a text mentions, with all the times it can mean."""
    return _inherit(chosen(_times(text)), text)


def _times(text: str) -> Iterator[Reading]:
    for form in _FORMS:
        for match in form.finditer(flatten(text)):
            start = match.start("at" if "at" in form.groupindex else 0)
            yield Reading("time", start, match.end(), text[start : match.end()], _denote(match))


def _denote(match: re.Match[str]) -> Times:
    said = match.groupdict()
    if said.get("named"):
        return ("00:00",) if said["named"] == "midnight" else ("12:00",)
    hour, minute = int(cardinal(said["hour"])), int(said.get("minute") or 0)
    half = _half(said)
    in_full = len(said["hour"]) == 2 and (said["hour"][0] == "0" or (hour == 12 and match.re is _CLOCK))
    hours = _hours(hour, half, in_full=in_full)
    if match.re is _HALF_HOUR:
        minute = 30
    if match.re is _PAST:
        step = _STEPS.get(said["step"]) or int(cardinal(said["step"]))
        minute = step if said["side"] == "past" else -step
    return distinct(_format(each * 60 + minute) for each in hours)


def _half(said: dict[str, str | None]) -> str:
    if said.get("half"):
        return (said["half"] or "")[0] + "m"
    part = said.get("part") or ""
    if "morning" in part:
        return "am"
    return "pm" if any(word in part for word in _AFTERNOON) else ""


def _hours(hour: int, half: str, *, in_full: bool) -> list[int]:
    """Return the hours of the day that an hour said can be."""
    if half and hour <= 12:
        return [hour % 12 + (12 if half == "pm" else 0)]
    if hour > 12 or hour == 0 or in_full:
        return [hour % 24]
    return [hour % 24, (hour + 12) % 24]


def _format(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


_TO = re.compile(r" ?(?:-|to|and|until|till|or) ?(?:at |around |about )?")


def _inherit(times: list[Reading], text: str) -> list[Reading]:
    """Let the first of two times take its half of the day from the second: "between 3 and 5 pm"."""
    flat, found = flatten(text), list(times)
    for at, (first, second) in enumerate(pairwise(times)):
        linked = _TO.fullmatch(flat[first.end : second.start])
        if linked and not first.definite and second.definite and second.words[-1:].lower() in "m.":
            half = second.values[0] >= "12:00"
            values = tuple(value for value in first.values if (value >= "12:00") == half) or first.values
            found[at] = Reading("time", first.start, first.end, first.words, values)
    return found


# --- lengths of time --------------------------------------------------------------------------------------------------

_UNITS = {"m": "minute", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour"}
_UNIT = r"(?P<unit>nights?|days?|weeks?|fortnights?|months?|years?|hours?|hrs?|h|minutes?|mins?|m)\b"
_LENGTH = pattern(
    rf"(?:(?P<many>{CARDINAL})(?P<half> and a half)?[ -]?|(?P<one>an?|another|one more) ){_UNIT}(?! (?:ago|hence"
    rf"|from (?:now|today)))(?P<tail> and a half\b)?"
)
_COMPOSITE = pattern(
    rf"(?:(?P<hours>{CARDINAL})|an?) ?(?:hours?|hrs?|h)\b,?(?: and)? ?(?P<minutes>{CARDINAL})(?: ?(?:minutes?|mins?"
    rf"|m)\b)?"
)
_HALF_AN_HOUR = pattern(r"half an hour\b|(?P<three>three quarters of an hour)\b|(?P<one>a quarter of an hour)\b")


def lengths(text: str) -> list[Reading]:
    """Return every length of time that a text mentions: its number, with the unit (`night`, `day`, `minute` and so on)."""
    return chosen(_lengths(text))


def _lengths(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for match in _LENGTH.finditer(flat):
        many = 1 if match["one"] else cardinal(match["many"])
        many += 0.5 if match["half"] or match["tail"] else 0
        said = match["unit"]
        yield _length(text, match, many, _UNITS.get(said) or said.removesuffix("s"))
    for match in _COMPOSITE.finditer(flat):
        hours = cardinal(match["hours"]) if match["hours"] else 1
        yield _length(text, match, hours * 60 + cardinal(match["minutes"]), "minute")
    for match in _HALF_AN_HOUR.finditer(flat):
        yield _length(text, match, 45 if match["three"] else 15 if match["one"] else 30, "minute")


def _length(text: str, match: re.Match[str], many: float, unit: str) -> Reading:
    value = int(many) if many == int(many) else many
    return Reading("duration", match.start(), match.end(), text[match.start() : match.end()], (value,), unit)
