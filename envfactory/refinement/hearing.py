"""What the words of one mention mean to a reader who did not write them, held against what they ought to mean.

Each kind of value has its own way of being heard. A verdict is None where the words at the mention's span say exactly its
denotation, else one word (`missing`, `ambiguous`, `contradicted`) and what was heard instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from envfactory.environments.contract import Contracts, Parameter
from envfactory.reading.match import find_names
from envfactory.reading.polarity import affirms
from envfactory.reading.readings import read
from envfactory.reading.spans import Reading, flatten
from envfactory.reading.words import contains
from envfactory.tasks.model import Mention

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?Z?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_MONTH = re.compile(r"\d{4}-\d{2}")
_ALONE = re.compile(r"\b(?:a|an|one|me|myself|my|just me|on my own|single|i|another)\b")
_TWO = re.compile(
    r"\b(?:both|couple|pair|two|(?:me|my \w+|us) and (?:me|my|the) ?\w*|\w+ and (?:i|me)|the two of us)\b"
)
_NONE = re.compile(r"\b(?:no|none|without|zero|nobody)\b")
_POINTING = re.compile(
    r"\b(?:it|its|that|this|those|these|them|they|the|my|same|one|there|then|what i|which i|i've just|i just)\b"
)
_MINOR = re.compile(r"_(?:cents|pence|minor|minor_units)$")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "night": 1440, "week": 10080}
_TOPICS = {
    "price": (
        "cent",
        "price",
        "cost",
        "fee",
        "rate",
        "total",
        "amount",
        "fare",
        "premium",
        "deposit",
        "tariff",
        "money",
    ),
    "time": (
        "at",
        "day",
        "date",
        "time",
        "start",
        "depart",
        "arriv",
        "leav",
        "from",
        "begin",
        "end",
        "due",
        "night",
        "created",
    ),
    "duration": ("minute", "hour", "duration", "length", "day", "week", "time"),
    "size": ("size", "seat", "capacity", "litre", "place", "left", "available", "spaces", "guests", "people"),
    "distance": ("distance", "km", "metre", "walk"),
    "rating": ("star", "rating", "score", "review"),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """Why a mention's words do not say its value: `kind` and what they say instead."""

    kind: str
    detail: str


@dataclass(frozen=True)
class Ear:
    """A reader of one text: when it was said, what the environment's document says of its values, what else is said."""

    text: str
    now: str
    contracts: Contracts
    mentions: Sequence[Mention]
    earlier: Sequence[Mention] = ()

    @property
    def readings(self) -> list[Reading]:
        """All readings of the text."""
        return read(self.text, self.now)

    def words(self, mention: Mention) -> str:
        """The words at a mention's span."""
        start, end = mention.span or (0, 0)
        return self.text[start:end]

    def at(self, mention: Mention, *kinds: str) -> list[Reading]:
        """Return the readings of some kinds that share a character with a mention's span."""
        start, end = mention.span or (0, 0)
        return [each for each in self.readings if each.kind in kinds and each.start < end and start < each.end]

    def hear(self, mention: Mention) -> Heard | None:
        """Return what is wrong with a mention's words, None where they say its value and nothing else."""
        if mention.form == "profile":
            return None
        if mention.span is None or not self.words(mention).strip():
            return Heard("missing", "no words stand for it")
        if mention.span[1] > len(self.text):
            return Heard("missing", "its span lies outside the text")
        if mention.form == "ranked":
            return _ranking(self, mention)
        if mention.form == "referred":
            return None if _POINTING.search(flatten(self.words(mention))) else Heard("missing", "nothing points back")
        if mention.form == "vague" and _is_number(mention.value):
            return _bound(self, mention)
        return _HEARERS[kind_of(self, mention)](self, mention)


def parameter_of(ear: Ear, mention: Mention) -> Parameter | None:
    """Return the parameter a mention is about, where its slot is one."""
    tool, _, name = mention.slot.partition(".")
    known = {each.name: each for each in ear.contracts.tools}
    return known[tool].parameters.get(name.split(".")[0].split("[")[0]) if tool in known else None


def kind_of(ear: Ear, mention: Mention) -> str:
    """Return how a value is heard: by its look, and by what the contracts say of its slot."""
    value = mention.value
    if isinstance(value, bool):
        return "flag"
    parameter = parameter_of(ear, mention)
    if isinstance(value, int | float):
        return "money" if _is_money(ear, mention, parameter) else "number"
    raw = str(value)
    looks = {"moment": _MOMENT, "day": _DAY, "clock": _CLOCK, "month": _MONTH}
    look = next((name for name, form in looks.items() if form.fullmatch(raw)), None)
    return look or "text"


def _is_money(ear: Ear, mention: Mention, parameter: Parameter | None) -> bool:
    return bool(_MINOR.search(mention.slot)) or "money" in document_slot(ear, mention)


def document_slot(ear: Ear, mention: Mention) -> Mapping[str, Any]:
    """Return what the environment's document says of the words for a slot (data, not code of the wording)."""
    tool, _, name = mention.slot.partition(".")
    frames = next((each.frames for each in ear.contracts.tools if each.name == tool), {})
    found = (frames.get("slots") or {}).get(name)
    return found if isinstance(found, dict) else {}


def documented_words(ear: Ear, mention: Mention) -> dict[str, str]:
    """Return the document's words for the values of a slot, flags and choices alike."""
    said = document_slot(ear, mention)
    words = {str(key): str(each) for key, each in said.items() if isinstance(each, str)}
    words |= {str(key): str(each) for key, each in (said.get("values") or {}).items()}
    table, _, column = mention.slot.partition(".")
    flag = (ear.contracts.entities.get(table, {}).get("flag") or {}).get(column)
    if isinstance(flag, dict):
        words["true"] = " ".join(str(each) for each in flag.values())
    return words


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- days and times ---------------------------------------------------------------------------------------------------


def _day(ear: Ear, mention: Mention) -> Heard | None:
    wanted = str(mention.value)[:10]
    dated = ear.at(mention, "date", "range", "datetime")
    for reading in dated:
        if wanted in _days(reading):
            return None if reading.definite else Heard("ambiguous", f"{reading.words} can be {list(reading.values)}")
    if dated:
        return Heard("contradicted", f"{dated[0].words} is {list(dated[0].values)}")
    lengths = ear.at(mention, "duration", "number")
    if any(_ends(ear, mention, each, wanted) for each in lengths):
        return None
    weekday = flatten(ear.words(mention))
    return Heard("missing", f"no day in {weekday!r}")


def _days(reading: Reading) -> set[str]:
    """Return every day that a reading may mean; both ends of a range."""
    days: set[str] = set()
    for value in reading.values:
        days |= {str(each)[:10] for each in (value if isinstance(value, tuple | list) else (value,))}
    return days


def _ends(ear: Ear, mention: Mention, length: Reading, wanted: str) -> bool:
    """Tell whether a length counted from another day that is said comes to the wanted day."""
    others = [each for each in [*ear.mentions, *ear.earlier] if each.id != mention.id and _DAY.match(str(each.value))]
    if not length.unit.startswith(("day", "night", "week")):
        return False
    for other in others:
        distance = (date.fromisoformat(wanted) - date.fromisoformat(str(other.value)[:10])).days
        weekly = 7 if length.unit.startswith("week") else 1
        if any(_is_number(each) and distance in (each * weekly, each * weekly - 1) for each in length.values):
            return True
    return False


def _moment(ear: Ear, mention: Mention) -> Heard | None:
    wanted = str(mention.value)[:16].replace(" ", "T")
    for reading in ear.at(mention, "datetime"):
        if wanted in reading.values:
            clear = reading.definite or _in_24_hours(reading, wanted[11:])
            return None if clear else Heard("ambiguous", f"{reading.words} can be {list(reading.values)}")
    times = ear.at(mention, "time", "datetime")
    clock = next((each for each in times if wanted[11:] in {str(value)[-5:] for value in each.values}), None)
    if clock is None:
        day_only = _day(ear, mention) is None and wanted.endswith("00:00")
        return None if day_only else Heard("missing", f"no time in {ear.words(mention)!r}")
    if not clock.definite and clock.kind == "time" and not _in_24_hours(clock, wanted[11:]):
        return Heard("ambiguous", f"{clock.words} can be {list(clock.values)}")
    said = {day for each in ear.readings if each.kind in ("date", "datetime", "range") for day in _days(each)}
    known = said or {str(each.value)[:10] for each in ear.earlier if _DAY.match(str(each.value))}
    return None if wanted[:10] in known else Heard("missing", f"{ear.words(mention)!r} does not say the day")


def _in_24_hours(reading: Reading, wanted: str) -> bool:
    """Tell whether words give a time of one day alone in the form with four digits: `11:54` is before noon."""
    days = {str(each)[:10] for each in reading.values}
    return wanted in reading.words and (reading.kind == "time" or len(days) == 1)


def _clock(ear: Ear, mention: Mention) -> Heard | None:
    wanted = f"{str(mention.value)[:5]:0>5}"
    for reading in ear.at(mention, "time", "datetime", "time_range"):
        values = {
            str(each)[-5:] for value in reading.values for each in (value if isinstance(value, tuple) else (value,))
        }
        if wanted in values:
            return (
                None
                if reading.definite or _in_24_hours(reading, wanted)
                else Heard("ambiguous", f"{reading.words} can be {sorted(values)}")
            )
    return Heard("missing", f"no time of day in {ear.words(mention)!r}")


def _month(ear: Ear, mention: Mention) -> Heard | None:
    first = date.fromisoformat(f"{mention.value}-01")
    return None if f"{first:%B}".lower() in flatten(ear.words(mention)) else Heard("missing", "no month")


# --- sums and numbers -------------------------------------------------------------------------------------------------


def _money(ear: Ear, mention: Mention) -> Heard | None:
    sums = ear.at(mention, "money")
    if any(mention.value in each.values for each in sums):
        return None
    if sums:
        return Heard("contradicted", f"{sums[0].words} is {list(sums[0].values)}")
    return Heard("missing", f"no sum in {ear.words(mention)!r}")


def _number(ear: Ear, mention: Mention) -> Heard | None:
    counted = ear.at(mention, "number", "duration", "percent", "ordinal")
    if any(
        _is_number(value) and value * factor == mention.value
        for each in counted
        for value, factor in _in_units(each, mention)
    ):
        return None
    per = document_slot(ear, mention).get("per") or 1
    if any(_is_number(value) and value * per == mention.value for each in counted for value in each.values):
        return None
    if "hour" in mention.slot and _clock(ear, mention.model_copy(update={"value": f"{mention.value:02}:00"})) is None:
        return None
    words = flatten(ear.words(mention))
    if (mention.value == 1 and _ALONE.search(words)) or (mention.value == 2 and _TWO.search(words)):
        return None
    if mention.value == 0 and _NONE.search(words):
        return None
    if _said_by_document(ear, mention):
        return None
    if counted:
        return Heard("contradicted", f"{counted[0].words} is {list(counted[0].values)}")
    return Heard("missing", f"no number in {ear.words(mention)!r}")


def _in_units(reading: Reading, mention: Mention) -> list[tuple[Any, int]]:
    """Return a length's values with the factor that brings them to the unit that the slot counts in."""
    slot = mention.slot.rpartition(".")[2]
    counted = next((size for unit, size in _MINUTES.items() if unit in slot), None)
    said = next((size for unit, size in _MINUTES.items() if reading.unit.startswith(unit)), None)
    if counted is None or said is None or said % counted:
        return []
    return [(value, said // counted) for value in reading.values]


def _bound(ear: Ear, mention: Mention) -> Heard | None:
    for reading in ear.at(mention, "comparison"):
        pairs = [each for each in reading.values if isinstance(each, tuple)]
        if any(op in ("le", "lt") and value == mention.value for op, value in pairs):
            return None
    return Heard("missing", f"no upper bound in {ear.words(mention)!r}")


# --- names, choices, flags --------------------------------------------------------------------------------------------


def _text(ear: Ear, mention: Mention) -> Heard | None:
    words, value = ear.words(mention), str(mention.value)
    if (
        contains(words, value)
        or contains(words, value.replace("_", " "))
        or find_names(words, [value.replace("_", " ")])
    ):
        return _rival_choice(ear, mention)
    if _said_by_document(ear, mention) or contains(words, f"{value}s"):
        return _rival_choice(ear, mention)
    if any(value in each.unit.split("/") for each in ear.at(mention, "money")):
        return None  # the currency of a sum
    return Heard("missing", f"{value!r} is not in {words!r}")


def _said_by_document(ear: Ear, mention: Mention) -> bool:
    said = documented_words(ear, mention).get(
        str(mention.value).lower() if isinstance(mention.value, bool) else str(mention.value)
    )
    return bool(said) and contains(ear.words(mention), str(said).removeprefix("and "))


def _rival_choice(ear: Ear, mention: Mention) -> Heard | None:
    """Return what contradicts a choice: another value of the same enum within its own words."""
    parameter = parameter_of(ear, mention)
    for other in (parameter.enum or ()) if parameter else ():
        name = str(other).replace("_", " ")
        if other != mention.value and name not in str(mention.value) and contains(ear.words(mention), name):
            return Heard("ambiguous", f"{ear.words(mention)!r} says {name!r} too")
    return None


def _flag(ear: Ear, mention: Mention) -> Heard | None:
    if _said_by_document(ear, mention):
        return None
    words = ear.words(mention)
    topic = mention.slot.rpartition(".")[2].replace("_", " ")
    said = affirms(words, topic)
    if said is None:
        return Heard("missing", f"nothing about {topic} in {words!r}")
    return None if said == mention.value else Heard("contradicted", f"{words!r} says the opposite")


def ranking_words(ear: Ear, mention: Mention) -> list[str]:
    """Return the document's words for a ranking: its adjective, and the remarks that say the same."""
    table, _, field = mention.slot.partition(".")
    documented = (ear.contracts.entities.get(table, {}).get("rank") or {}).get(f"{field}:{mention.value}") or {}
    tails = documented.get("tail") or []
    return [str(each) for each in [documented.get("adj"), *(tails if isinstance(tails, list) else [tails])] if each]


def _ranking(ear: Ear, mention: Mention) -> Heard | None:
    field = mention.slot.partition(".")[2]
    readings = ear.at(mention, "superlative", "ordinal")
    for reading in readings:
        if reading.kind == "ordinal" or (mention.value in reading.values and about(field, reading.unit)):
            return None
    words = ear.words(mention)
    if any(contains(words, each) for each in ranking_words(ear, mention)):
        return None
    if readings:
        return Heard("contradicted", f"{readings[0].words} is {list(readings[0].values)} of {readings[0].unit}")
    return Heard("missing", f"no ranking in {words!r}")


def about(field: str, topic: str) -> bool:
    """Tell whether a superlative's topic (`price`) can be that of a field (`total_cents`)."""
    if not topic:
        return True
    return any(part in field for part in (*_TOPICS.get(topic, ()), topic[:5]))


_HEARERS: dict[str, Callable[[Ear, Mention], Heard | None]] = {
    "day": _day,
    "moment": _moment,
    "clock": _clock,
    "month": _month,
    "money": _money,
    "number": _number,
    "flag": _flag,
    "text": _text,
}
