"""One slot in words: the value alone, or with the preposition and nouns its frame gives it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from envfactory.phrasing.frames import SlotFrame
from envfactory.phrasing.lexicon import counted, spaced, with_article
from envfactory.phrasing.spoken import (
    Bound,
    Day,
    clock_in_words,
    count_in_words,
    day_in_words,
    money_in_words,
    parse_day,
    parse_moment,
    stretch_in_words,
)
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, fill, join, say, text
from envfactory.tasks.model import Mention

PREPOSITIONS = frozenset(
    "in on at for from to with within under using by of until till after before over between into onto and or as give since "
    "about starting against towards per saying including that where without via dropping while give".split()
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?Z?")


def begins_with_preposition(phrase: str) -> bool:
    """Return whether a phrase starts with a word that already ties it to the sentence."""
    return phrase.split(" ")[0].lower() in PREPOSITIONS


# --- the value alone --------------------------------------------------------------------------------------------------


def value(telling: Telling, slot: SlotFrame, mention: Mention) -> Words:
    """Return a mention's value alone, without preposition; an article or unit where the slot's nouns need one."""
    say_it = _BY_ROLE.get(slot.role, _as_text)
    if slot.role in ("number", "count") and str(mention.value) in slot.values:
        return say(slot.values[str(mention.value)], mention.id)
    currency = _currency_said(telling, slot, mention) if slot.role == "money" else ""
    return say(say_it(telling, slot, mention), f"{mention.id} {currency}".strip())


def _currency_said(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    """Return the mention of the currency, where a parameter of its own gives it: the sum's words say it too."""
    tool = mention.slot.rpartition(".")[0]
    beside = [each for each in telling.left.values() if each.slot == f"{tool}.{slot.currency}"]
    return beside[0].id if beside and telling.take(beside[0]) else ""


def _as_count(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    number = int(mention.value)
    return f"{count_in_words(number, telling.manner)} {counted(number, slot.noun or 'piece')}"


def _as_money(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    environment = telling.environment(mention.environment)
    currency = (
        slot.currency if len(slot.currency) == 3 else _currency_beside(telling, slot, mention) or environment.currency
    )
    return money_in_words(int(mention.value), currency, telling.manner)


def _currency_beside(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    """Return the currency that another parameter of the same call gives, where the slot names one."""
    for call in telling.task.gold:
        if call.environment == mention.environment and mention.slot.startswith(f"{call.tool}.") and slot.currency:
            return str(call.arguments.get(slot.currency) or "")
    return ""


def _as_day(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    return day_of(telling, mention, bare=True).words


def day_of(telling: Telling, mention: Mention, *, bare: bool = False) -> Day:
    """Return the date of a mention in words (`bare`: to stand after a preposition)."""
    day = parse_day(mention.value) or date(2027, 1, 1)
    relative = mention.form in ("relative", "vague")
    return day_in_words(day, telling.today(mention.environment), relative, telling.manner, telling.rng, bare=bare)


def moment_of(telling: Telling, mention: Mention, *, bare: bool = False) -> Day:
    """Return a date-time in words: the day and the time of day (`bare`: to stand after a preposition)."""
    moment = parse_moment(mention.value)
    said = day_of(telling, mention, bare=bare)
    if moment is None:
        return said
    clock = clock_in_words(moment.hour, moment.minute, telling.manner, telling.rng, loosely=not telling.plain)
    if not bare and telling.chance(0.3) and said.preposition == "on" and "in the" not in clock:
        return Day(f"at {clock} on {said.words}", "")
    return Day(f"{said.words} at {clock}", said.preposition)


def _as_moment(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    return moment_of(telling, mention, bare=True).words


def _as_clock(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    return clock_of(telling, mention)


def clock_of(telling: Telling, mention: Mention) -> str:
    """Return a time of day in words."""
    parts = re.findall(r"\d+", str(mention.value))
    if len(parts) < 2:
        return str(mention.value)
    return clock_in_words(int(parts[0]), int(parts[1]), telling.manner, telling.rng, loosely=not telling.plain)


def _as_hour(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    return clock_in_words(int(mention.value) % 24, 0, telling.manner, telling.rng)


def _as_enum(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    said = slot.values.get(str(mention.value))
    return said if said is not None else readable(mention.value)


def _month_of(telling: Telling, mention: Mention) -> str:
    """Return a month (`2027-05`) in words, with its year where it is not one of the coming ones."""
    first = date.fromisoformat(f"{mention.value}-01")
    ahead = (first - telling.today(mention.environment)).days
    return f"{first:%B}" if -31 < ahead < 200 and not telling.plain else f"{first:%B %Y}"


def _as_boolean(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    said = slot.values.get(str(mention.value).lower())
    if said is not None:
        return said
    other = slot.values.get(str(not mention.value).lower())
    if other is not None:
        return f"not only {'the ones ' if other.startswith(('that ', 'where ')) else ''}{other}"
    words = re.sub(r"^(?:has|is|with|include|includes) ", "", spaced(slot.name))
    if words.endswith(" only") and mention.value:
        return f"{words.removesuffix(' only')} ones only"
    return f"with {words}" if mention.value else f"without {words}"


def _as_number(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    number = mention.value / slot.per if slot.per > 1 else mention.value
    if isinstance(number, float) and not number.is_integer():
        return f"{number:g}"
    return f"{int(number):,}" if abs(int(number)) >= 10_000 else str(int(number))


def _as_text(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    shown = slot.values.get(str(mention.value))
    if shown is not None:
        return shown
    return by_look(telling, slot, mention)


def by_look(telling: Telling, slot: SlotFrame, mention: Mention) -> str:
    raw = str(mention.value)
    if _MOMENT.match(raw):
        return moment_of(telling, mention, bare=True).words
    if _DATE.fullmatch(raw):
        return day_of(telling, mention).words
    if _MONTH.fullmatch(raw):
        return _month_of(telling, mention)
    if _CLOCK.fullmatch(raw):
        return clock_of(telling, mention)
    if isinstance(mention.value, bool):
        return _as_boolean(telling, slot, mention)
    if isinstance(mention.value, int | float):
        money = re.search(r"_(?:cents|pence|minor)$", slot.name)
        return _as_money(telling, slot, mention) if money else _as_number(telling, slot, mention)
    if slot.role == "free":
        return raw.rstrip(".")
    return raw if slot.role in ("text", "entity") else readable(raw)


_BY_ROLE = {
    "count": _as_count,
    "money": _as_money,
    "date": _as_day,
    "datetime": _as_moment,
    "time": _as_clock,
    "enum": _as_enum,
    "boolean": _as_boolean,
    "number": _as_number,
    "hour": _as_hour,
}


def readable(raw: Any) -> str:
    """Return an enum's value as words: `from_airport` becomes `from airport`."""
    return spaced(str(raw)) if re.fullmatch(r"[a-z0-9]+(?:[_-][a-z0-9]+)+", str(raw)) else str(raw)


# --- the value in its place -------------------------------------------------------------------------------------------


def phrase(telling: Telling, slot: SlotFrame, mention: Mention) -> Words:
    """Return a mention as an adjunct: with its frame's preposition, or the one its role takes."""
    if slot.role in ("date", "datetime"):
        return _dated(telling, slot, mention)
    said = value(telling, slot, mention)
    if (
        slot.role in ("enum", "boolean")
        and slot.values.get(str(mention.value).lower() if slot.role == "boolean" else str(mention.value))
        and not slot.phrase
    ):
        return said
    if slot.phrase:
        template = slot.phrase.replace("{v} o'clock", "{v}") if slot.role == "hour" else slot.phrase
        return fill(_agreeing(template, said), {"v": said})
    if slot.adjective:
        if telling.chance(0.5):
            return (*text("– just the "), *said, *text(" ones"))
        return (*text("that are "), *said)
    if slot.contact:
        return (*text("under "), *said)
    if slot.role == "free":
        return (*text("with the note “"), *said, *text("”"))
    if slot.role == "number":
        return (*text(", just "), *said) if mention.value == 1 else (*text(", "), *said, *text(" of them"))
    default = {"count": "for {v}", "money": "for {v}", "time": "at {v}", "hour": "from {v} on"}.get(slot.role, "{v}")
    return fill(default, {"v": said})


def _agreeing(template: str, said: Words) -> str:
    """Return the template with `a {v}` as `an {v}` where the value asks for it."""
    match = re.search(r"\ban? \{v\}", template)
    if not match or not said:
        return template
    article = with_article(said[0].text).split(" ")[0]
    return f"{template[: match.start()]}{article} {{v}}{template[match.end() :]}"


def _dated(telling: Telling, slot: SlotFrame, mention: Mention) -> Words:
    said = moment_of(telling, mention) if slot.role == "datetime" else day_of(telling, mention)
    words = say(said.words, mention.id)
    if slot.phrase and not slot.phrase.startswith("on {v}"):
        return fill(slot.phrase, {"v": words})
    return (*text(f"{said.preposition} ".lstrip()), *words)


def interval(telling: Telling, slot: SlotFrame, start: Mention | None, end: Mention | None, *, bare: bool) -> Words:
    """Return a stretch of days of which one end or both are said in this turn."""
    if start and end:
        first, last = _bound(start), _bound(end)
        if first and last:
            today = telling.today(start.environment)
            return stretch_in_words(first, last, slot.noun, slot.closed, today, telling.manner, telling.rng, bare=bare)
    said = start or end
    if said is None:
        return NOTHING
    day = day_of(telling, said, bare=True)
    if said is end:
        return (*text("" if bare else "until "), *say(day.words, said.id))
    return (
        *text("" if bare else f"{'from' if not slot.closed else day.preposition} ".lstrip()),
        *say(day.words, said.id),
    )


def _bound(mention: Mention) -> Bound | None:
    day = parse_day(mention.value)
    return Bound(day, mention.id, mention.form in ("relative", "vague")) if day else None


def span(telling: Telling, start: Mention | None, length: Mention | None, *, bare: bool) -> Words:
    """Return a time and how long it lasts: `on Friday at 10am for two hours`."""
    said: list[Words] = []
    if start:
        moment = moment_of(telling, start, bare=bare)
        said.append((*text("" if bare else f"{moment.preposition} ".lstrip()), *say(moment.words, start.id)))
    if length:
        said.append((*text("for "), *say(_length(telling, int(length.value)), length.id)))
    return join(said)


def _length(telling: Telling, minutes: int) -> str:
    if minutes == 30 and telling.chance(0.5):
        return "half an hour"
    if minutes % 60 == 0:
        hours = minutes // 60
        return "an hour" if hours == 1 else f"{count_in_words(hours, telling.manner)} hours"
    if minutes == 90 and telling.chance(0.5):
        return "an hour and a half"
    return f"{minutes} minutes"


def size(telling: Telling, mentions: list[Mention]) -> Words:
    """Return measures as `30 by 20 by 10 cm`."""
    said = [say(_as_number(telling, _PLAIN, each), each.id) for each in mentions]
    unit = "cm" if mentions and mentions[0].slot.endswith("_cm") else ""
    between = telling.rng.choice([" by ", " x "]) if not telling.plain else " by "
    words = join(said, between)
    return (*words, *text(f" {unit}".rstrip())) if words else NOTHING


_PLAIN = SlotFrame("number", "number")


def counts(telling: Telling, slots: list[tuple[SlotFrame, Mention]]) -> Words:
    """Return several counts of one party in one phrase: `for two adults and one child`."""
    said = [value(telling, slot, mention) for slot, mention in slots]
    same = _same_count(telling, slots)
    if same:
        said = [tuple(bit._replace(mention=f"{bit.mention} {same}") for bit in words) for words in said]
        return (*text("for "), *join(said[:-1], ", "), *text(" and " if len(said) > 1 else ""), *said[-1])
    if len(said) == 1 and slots[0][0].noun == "person" and telling.chance(0.35):
        number = count_in_words(int(slots[0][1].value), telling.manner)
        return (*text("for "), *say(number, slots[0][1].id))
    return (*text("for "), *join(said[:-1], ", "), *text(" and " if len(said) > 1 else ""), *said[-1])


def _same_count(telling: Telling, slots: list[tuple[SlotFrame, Mention]]) -> str:
    """Return another mention of the same number of people, which the same words say: rooms for two, two adults."""
    total = sum(int(mention.value) for _, mention in slots)
    if not all(slot.party for slot, _ in slots):
        return ""
    for mention in list(telling.left.values()):
        tool, _, parameter = mention.slot.rpartition(".")
        frame = telling.environment(mention.environment).tools.get(tool)
        slot = frame.slots.get(parameter) if frame else None
        if slot and slot.party and mention.value == total and telling.take(mention):
            return mention.id
    return ""
