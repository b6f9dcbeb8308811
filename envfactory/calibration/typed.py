"""Typed parameters filled from what was said: each value used once, by the words that stand with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from envfactory.calibration.hearing import Said, hear_part
from envfactory.calibration.offered import Parameter, Tool
from envfactory.calibration.vocabulary import STOP, root, roots, same, tokens
from envfactory.reading.match import stem
from envfactory.reading.spans import Reading
from envfactory.reading.words import find

_LANGUAGES = {
    "english": "en",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "dutch": "nl",
    "czech": "cs",
}
_END = re.compile(r"(?:^|_)(?:to|end|ends|until|out|checkout|return|last|finish|due|before|by)(?:_|$)|check_out|return")
_FROM = re.compile(r"(?:^|_)(?:origin|from|departure|source|start|pickup)(?:_|$)")
_TO = re.compile(r"(?:^|_)(?:destination|to|arrival|dropoff|recipient|country|payee)(?:_|$)")
_FREE = re.compile(r"note|comment|reason|description|message|instruction|contents|sign|text|wish|reference|purpose")
_SKIPPED = frozenset({"limit", "page", "offset", "cursor"})
_SCALES = {
    "g": {"kg": 1000, "kilos": 1000, "kilo": 1000},
    "minutes": {"hour": 60, "minute": 1},
    "cm": {"m": 100, "metre": 100},
}
_HAVING = re.compile(r"\b(?:i|i've|we|we've|have|i'm|we're|did|am|we are|'ve)(?: been)? $")
_HEADS = frozenset(map(root, "person party seat places portions quantity attendees copies".split()))
_ADJECTIVES = {
    name: re.compile(rf" ?\w* (?:{words})\b")
    for name, words in (("height", "high|tall"), ("length", "long"), ("width", "wide|across"))
}
_FROM_PART = re.compile(r"\bfrom (?:my|the) .+?(?= (?:to|into|onto) |[.?!,]|$)")
_TO_PART = re.compile(r"\b(?:to|into|onto) (?:my|the) .+?(?= from |[.?!,]|$)")
_CODE = re.compile(r"number|code|iban|serial|reference")
_YEARS = re.compile(r"year|since|after|before|until")
_FOR_SOME = re.compile(r"\b(?:for|be|of) $")
_COUNTED = re.compile(r" [a-z]+s\b")
_ALONE = re.compile(r"\b(?:just me|only me|by myself|on my own|myself|alone|for me\b(?! and))")
_TOGETHER = re.compile(
    r"\b(?:me and my|my (?:wife|husband|partner|girlfriend|boyfriend|mum|dad|mother|father|sister|brother|son"
    r"|daughter|friend) and (?:i|me)|(?:two|both) of us)\b"
)
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ]{6,}\d")


def fill_typed(tool: Tool, said: Said) -> dict[str, Any]:
    """Return values for the parameters of a tool that words can give (not for ids)."""
    return dict(_filled(tool, said))


@lru_cache(maxsize=1024)
def _filled(tool: Tool, said: Said) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    found |= _days(tool, said)
    found |= _moments(tool, said)
    found |= _numbers(tool, said)
    for parameter in tool.parameters:
        if parameter.name not in found and parameter.name not in _SKIPPED:
            value = _single(parameter, said)
            if value is not None:
                found[parameter.name] = value
    return found | _texts(tool, said)


def _single(parameter: Parameter, said: Said) -> Any:
    if parameter.sort == "enum":
        return enum_value(parameter, said)
    if parameter.sort == "boolean":
        return _flag(parameter, said)
    if parameter.sort == "contact":
        match = _CONTACT.search(said.text)
        return match.group().replace(" ", "") if match else None
    if parameter.sort == "list":
        return _listed(parameter, said)
    return None


def _of_sort(tool: Tool, *sorts: str) -> list[Parameter]:
    return [each for each in tool.parameters if each.sort in sorts and each.name not in _SKIPPED]


# --- days and moments -------------------------------------------------------------------------------------------------


def _days(tool: Tool, said: Said) -> dict[str, Any]:
    wanted = _of_sort(tool, "date")
    days = said.days
    if not wanted or not days:
        return {}
    if len(wanted) == 1:
        late = _END.search(wanted[0].name) is not None or len(days) == 1
        return {wanted[0].name: days[-1] if late else days[0]}
    if len(days) == 1:
        return _counted(wanted, days[0], said)
    stretch = next((each.values[0] for each in said.of("range") if each.values), tuple(days[:2]))
    return {wanted[0].name: stretch[0], wanted[1].name: stretch[1]}


def _counted(wanted: list[Parameter], first: str, said: Said) -> dict[str, Any]:
    """Return a stretch from its first day and its length; the day alone where no length is said."""
    length = next((each for each in said.of("duration") if each.unit in ("night", "day", "week")), None)
    if length is None:
        last = _END.search(wanted[1].name) is not None and not _END.search(wanted[0].name)
        return {wanted[0].name: first} | ({wanted[1].name: first} if last and wanted[1].required else {})
    days = int(length.values[0]) * (7 if length.unit == "week" else 1)
    return {wanted[0].name: first, wanted[1].name: (date.fromisoformat(first) + timedelta(days=days)).isoformat()}


def _moments(tool: Tool, said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {}
    moments = said.moments or [f"{day}T{likely(said.times)}" for day in said.days[-1:] if said.times]
    if moments:
        for parameter, moment in zip(_of_sort(tool, "datetime"), _likely_moments(moments), strict=False):
            found[parameter.name] = f"{moment}:00Z"
    for parameter in _of_sort(tool, "time"):
        if said.times:
            found[parameter.name] = likely(said.times)
    return found


def _likely_moments(moments: list[str]) -> list[str]:
    """Return one moment for each day, at the likeliest of its times."""
    days = list(dict.fromkeys(each[:10] for each in moments))
    return [f"{day}T{likely([each[11:16] for each in moments if each[:10] == day])}" for day in days]


def likely(times: list[str]) -> str:
    """Return the first of some times, or the one of the same face of the clock that is by day."""
    first = times[0]
    later = f"{(int(first[:2]) + 12) % 24:02}{first[2:]}"
    return later if "00:00" < first < "07:00" and later in times else first


# --- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(tool: Tool, said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {}
    used: set[int] = set()
    for parameter in _of_sort(tool, "money"):
        if said.sums:
            found[parameter.name] = said.sums[min(len(found), len(said.sums) - 1)]
    wanted = _of_sort(tool, "integer", "number")
    readings = said.of("number", "duration", "percent")
    for reader in (_measured, _counts, _year):
        for parameter in wanted:
            reading = None if parameter.name in found else reader(parameter, readings, used, said)
            if reading is not None:
                used.add(reading.start)
                found[parameter.name] = _scaled(parameter, reading)
    left = [each for each in readings if each.start not in used]
    return found | _unnamed(wanted, found, left) | _party(wanted, found, left, said)


def _unnamed(wanted: list[Parameter], found: Mapping[str, Any], left: list[Reading]) -> dict[str, Any]:
    """Give what is required, and for which no number was named, the numbers that count nothing else."""
    rest = [each for each in left if not _belongs(each, wanted)]
    missing = [each for each in wanted if each.required and each.name not in found]
    return {each.name: _scaled(each, reading) for each, reading in zip(missing, rest, strict=False)}


def _year(parameter: Parameter, readings: list[Reading], used: set[int], said: Said) -> Reading | None:
    """Return a year, for a parameter that takes one: "published in 1997 or later"."""
    years = (each for each in readings if each.start not in used and 1900 < each.values[0] < 2100)
    return next(years, None) if _YEARS.search(parameter.name) else None


def _measured(parameter: Parameter, readings: list[Reading], used: set[int], said: Said) -> Reading | None:
    """Return the number said with the adjective of a parameter: "19 decimetres high" for `height`."""
    form = next((form for name, form in _ADJECTIVES.items() if name in parameter.name), None)
    return next(
        (each for each in readings if form and each.start not in used and form.match(said.flat, each.end)), None
    )


def _counts(parameter: Parameter, readings: list[Reading], used: set[int], said: Said) -> Reading | None:
    """Return the number whose noun the parameter's name or description has."""
    names = set(parameter.words) | set(roots(parameter.name.replace("_", " ")))
    for known in (names, parameter.description_words):
        for each in readings:
            if each.start not in used and root(each.unit) in known and each.unit:
                return each
    scale = _scale(parameter)
    return next((each for each in readings if each.start not in used and each.unit in scale), None)


def _scale(parameter: Parameter) -> dict[str, int]:
    """Return how many of a parameter's unit other units are."""
    return next((units for name, units in _SCALES.items() if parameter.name.split("_")[-1] == name), {})


def _belongs(reading: Reading, wanted: list[Parameter]) -> bool:
    """Whether a number counts something no parameter of the tool is about (nights, where dates are wanted)."""
    return reading.kind == "duration" and not any("minute" in each.name or "day" in each.name for each in wanted)


def _scaled(parameter: Parameter, reading: Reading) -> Any:
    scale = _scale(parameter)
    value = reading.values[0] * scale.get(reading.unit, 1)
    return round(value) if parameter.sort == "integer" else value


def _party(wanted: list[Parameter], found: Mapping[str, Any], left: list[Reading], said: Said) -> dict[str, Any]:
    """Read the size of a party: a number of people, or of nothing in particular ("for four"), or who is in it."""
    people = next((each for each in wanted if _HEADS & set(each.words) and each.name not in found), None)
    if people is None or any(_HEADS & set(each.words) for each in wanted if each.name in found):
        return {}
    for each in left:
        if root(each.unit) == "person" or (
            _FOR_SOME.search(said.flat[: each.start]) and not _COUNTED.match(said.flat[each.end :])
        ):
            return {people.name: each.values[0]}
    if _ALONE.search(said.flat):
        return {people.name: 1}
    return {people.name: 2} if _TOGETHER.search(said.flat) else {}


# --- words ------------------------------------------------------------------------------------------------------------


def enum_value(parameter: Parameter, said: Said) -> Any:
    """Return the value whose words were said; the longest where several were."""
    best: tuple[float, Any] | None = None
    for value in parameter.schema.get("enum", []):
        score = _enum_score(str(value), said)
        if score > 0 and (best is None or score > best[0]):
            best = (score, value)
    return best[1] if best else None


@lru_cache(maxsize=2048)
def _enum_score(value: str, said: Said) -> float:
    plain = value.replace("_", " ")
    if said.negates(plain):
        return 0.0
    articles = re.sub(r"\b(?:the|a|an|my|our) ", "", said.flat)
    place = find(articles, plain) if len(value) > 2 else None
    if place is not None:
        return (
            0.0 if plain.split()[0].endswith("ed") and _HAVING.search(articles[: place[0]]) else 2.0 + len(value) / 100
        )
    if len(value) == 2:
        return float(value in {_LANGUAGES.get(word) for word in said.tokens})
    wanted = [same(stem(word)) for word in tokens(plain) if word not in STOP]
    common = [
        word
        for word in wanted
        if (word in said.stems or root(word) in said.root_set) and not (word.endswith("ed") and len(wanted) == 1)
    ]
    return len(common) / len(wanted) if wanted and len(common) * 2 >= len(wanted) else 0.0


def _flag(parameter: Parameter, said: Said) -> bool | None:
    """Return a flag whose name, or two words of whose description, were said; False where they were negated."""
    named = {word for word in roots(parameter.name.replace("_", " ")) if word not in ("only", "has")}
    described = {word for word in parameter.description_words if len(word) > 4} & said.root_set
    if not (named and named <= said.root_set) and len(described) < 2:
        return None
    hits = named | described
    return not any(set(roots(str(each.values[0]))) & hits for each in said.of("negation"))


def _listed(parameter: Parameter, said: Said) -> Any:
    inner = Parameter(parameter.name, parameter.schema.get("items", {}), required=False)
    values = [value for value in inner.schema.get("enum", []) if _enum_score(str(value), said) >= 1]
    return values or None


def _texts(tool: Tool, said: Said) -> dict[str, Any]:
    """Fill names: each name once, to the parameter whose role its preposition fits best."""
    wanted = [each for each in _of_sort(tool, "text") if not _FREE.search(each.name) or each.required]
    wanted.sort(key=lambda each: "pattern" not in each.schema)
    found: dict[str, Any] = {}
    taken = {str(value).lower() for each in _of_sort(tool, "enum") if (value := enum_value(each, said)) is not None}
    left = [(name, preposition) for name, preposition in said.names if name.lower() not in taken]
    for parameter in wanted:
        scored = [
            (_role(parameter, preposition) + 3 * ("pattern" in parameter.schema), -at, name)
            for at, (name, preposition) in enumerate(left)
            if re.search(str(parameter.schema.get("pattern", "")), name)
            if not _CODE.search(parameter.name) or any(map(str.isdigit, name)) or name.isupper()
        ]
        if scored and (best := max(scored))[0] > (0 if parameter.required else 1):
            found[parameter.name] = best[2]
            left = [(name, preposition) for name, preposition in left if name != best[2]]
    return found


def any_name(said: Said) -> str | None:
    """Return the first name said."""
    return next((name for name, _ in said.names), None)


def has_role(parameter: Parameter, said: Said) -> bool:
    """Whether a name was said in the role of a parameter: "to Palma" for `destination_id`."""
    wanted = "from" if _FROM.search(parameter.name) else "to" if _TO.search(parameter.name) else ""
    return any(preposition == wanted for _, preposition in said.names if wanted)


def role_words(parameter: Parameter, said: Said) -> Said | None:
    """Return the words that tell where from or where to, for a parameter that takes one of them."""
    wanted = "from" if _FROM.search(parameter.name) else "to" if _TO.search(parameter.name) else ""
    named = [name for name, preposition in said.names if preposition == wanted] if wanted else []
    if named:
        return hear_part(f"{wanted} {named[0]}", said.now)
    if wanted and parameter.name.startswith(wanted):
        part = _FROM_PART.search(said.text) if wanted == "from" else _TO_PART.search(said.text)
        if part:
            return hear_part(part.group(), said.now)
    others = [name for name, preposition in said.names if preposition in ("from", "to")] if wanted else []
    if not others:
        return None
    text = said.text
    for name in others:
        text = text.replace(name, "")
    return hear_part(text, said.now)


def _role(parameter: Parameter, preposition: str) -> int:
    """Return how well the preposition before a name fits what a parameter takes."""
    name = parameter.name
    if _FROM.search(name):
        return {"from": 4, "at": 2}.get(preposition, 1)
    if _TO.search(name):
        return {"to": 4, "for": 3, "in": 2}.get(preposition, 1)
    if re.search(r"city|town|place|area|location|station|airport|port|region|branch|district", name):
        return {"in": 4, "at": 3, "to": 3, "from": 3, "near": 3, "for": 2, "of": 2}.get(preposition, 0)
    if re.search(r"author|artist|instructor|by", name):
        return {"by": 4, "with": 3}.get(preposition, 0)
    if re.search(r"title|name|code|number|query|word|keyword|cuisine", name):
        return {"called": 4, "named": 4, "titled": 4, "": 3, "for": 3, "of": 3, "on": 3}.get(preposition, 2)
    return 2 if parameter.required else 1
