"""What a stretch of the person's words gives to a solver: typed values, names, roots, and how well a row fits them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from envfactory.calibration.vocabulary import acts_of, root, roots, same, tokens
from envfactory.reading.match import stem
from envfactory.reading.polarity import affirms
from envfactory.reading.readings import read
from envfactory.reading.spans import Reading, flatten
from envfactory.reading.words import find, squeezed

_WORD = r"[A-Z0-9][\w&-]*(?:\.\w+)*(?:['’](?!d\b|m\b|ll\b|re\b|ve\b)\w+)?"
_SMALL = r"of|the|de|la|le|du|di|do|da|dos|das|des|del|der|van|von|and|&|in|on|at|for|to|with|y|a"
_CAPITALISED = re.compile(rf"(?<![\w'’]){_WORD}(?:(?: (?:{_SMALL}))* (?!(?:I|It|We|That|This)['’ ]){_WORD})*")
_INNER = re.compile(r" (?:(in|to|at|for|on|with|from)(?: the| a)?|and) ")
_NOT_NAMES = frozenset(
    "i i'd i'm i've i'll could can please what which when where how hi hello hey thanks thank is are do does did the"
    " a an my our we"
    " we're we've we'd it it's that this would will let let's have has if and but or so ok okay yes no also show"
    " find book cancel"
    " get make change move switch check tell see list look give add put any there there's one actually right great"
    " sorry for from to"
    " in on at by just then after before as good morning afternoon evening quick could you never not only same need"
    " want oh ah someone somebody everyone my stop put have please thx hiya ideally one many cheers under monday"
    " tuesday wednesday thursday friday saturday sunday january february march april may june july august september"
    " october"
    " november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec am pm utc eur"
    " gbp usd".split()
)
_PREPOSITION = re.compile(
    r"(?:^|\W)(in|to|from|at|by|of|for|called|named|on|with|near|towards|titled|via|under|about)(?: the| a| my)?\W*$"
)


def _plain_name(part: str, begins: bool) -> str:
    """Return a run of capitalised words without what is no name at its ends; empty where nothing is left."""
    words = part.rstrip(".'’&-,").split(" ")
    while words and (
        words[0].lower().replace("’", "'") in _NOT_NAMES or words[0].islower() or (begins and acts_of(words[0].lower()))
    ):
        words = words[1:]
        begins = False
    while words and (words[-1].lower() in _NOT_NAMES or words[-1].islower()):
        words = words[:-1]
    name = re.sub(r"['’]s$", "", " ".join(words)).rstrip(".,")
    return "" if name.isdigit() else name


class Said:
    """Some words of the person, read once."""

    def __init__(self, text: str, now: str) -> None:
        self.text = text
        self.now = now
        self.fits: dict[tuple[str, Any, type], float] = {}  # of what stands in rows: the same are looked at often
        self._kinds: dict[tuple[str, ...], list[Reading]] = {}
        self._held: dict[str, bool] = {}

    @cached_property
    def flat(self) -> str:
        return flatten(self.text)

    @cached_property
    def readings(self) -> list[Reading]:
        return read(self.text, self.now)

    @cached_property
    def roots(self) -> list[str]:
        return roots(self.text)

    @cached_property
    def root_set(self) -> frozenset[str]:
        return frozenset(self.roots)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The words without plural endings, synonyms as one: what stored words are compared with."""
        return frozenset(same(stem(word)) for word in self.tokens)

    @cached_property
    def tokens(self) -> list[str]:
        return tokens(self.flat)

    def of(self, *kinds: str) -> list[Reading]:
        """Return the readings of some kinds."""
        if kinds not in self._kinds:
            self._kinds[kinds] = [each for each in self.readings if each.kind in kinds]
        return self._kinds[kinds]

    @cached_property
    def days(self) -> list[str]:
        """The days said, in order; the ends of stretches among them, the first meaning of each."""
        found: list[str] = []
        for each in self.of("date", "datetime", "range"):
            if each.values:
                value = each.values[0]
                found += list(value) if each.kind == "range" else [value[:10]]
        return list(dict.fromkeys(found))

    @cached_property
    def moments(self) -> list[str]:
        """The moments said (`YYYY-MM-DDTHH:MM`), every meaning of each."""
        return [value for each in self.of("datetime") for value in each.values]

    @cached_property
    def times(self) -> list[str]:
        """The times of day said, every meaning of each."""
        plain = [value for each in self.of("time") for value in each.values]
        ranges = [value for each in self.of("time_range") for pair in each.values for value in pair]
        return plain + ranges + [value[11:16] for value in self.moments]

    @cached_property
    def sums(self) -> list[int]:
        """The sums of money said, in minor units."""
        return [value for each in self.of("money") for value in each.values]

    @cached_property
    def rank(self) -> Reading | None:
        """The ranking said, if there is one."""
        return next(iter(self.of("superlative")), None)

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """What could be names, each with the preposition before it: quotations, then what is written with a capital."""
        quoted = [(str(each.values[0]), "called") for each in self.of("quoted")]
        found: list[tuple[str, str]] = []
        for match in _CAPITALISED.finditer(self._without_values):
            found += self._named(match)
        return quoted + found

    @cached_property
    def _without_values(self) -> str:
        """The text with a bar in place of each day, time or sum, so that no name runs over one."""
        text = self.text
        for each in self.of("date", "datetime", "range", "time", "time_range", "money", "quoted"):
            text = text[: each.start] + "|" * (each.end - each.start) + text[each.end :]
        return text

    def _named(self, match: re.Match[str]) -> Iterable[tuple[str, str]]:
        """Return the names in a run of capitalised words: its parts at prepositions, then the whole."""
        before = _PREPOSITION.search(flatten(self.text[: match.start()]))
        parts = _INNER.split(match.group().rstrip(".'’&-"))
        prepositions = [before[1] if before else "", *(each or "" for each in parts[1::2])]
        first = re.search(r"(?:^|[.!?\n:] ?)$", self.text[: match.start()]) is not None
        goes_on = first and " " not in parts[0] and re.match(r",? [a-z]", self.text[match.end() :]) is not None
        found = [
            "" if goes_on and at == 0 else _plain_name(part, first and at == 0) for at, part in enumerate(parts[::2])
        ]
        named = [(name, preposition) for name, preposition in zip(found, prepositions, strict=True) if name]
        whole = _plain_name(match.group(), first) if len(parts) > 1 and found[0] else ""
        return [*named, *([(whole, "whole")] if whole else [])]

    def holds(self, value: str) -> bool:
        """Whether a name or a stored word stands in what was said."""
        if value not in self._held:
            self._held[value] = find(self.text, value) is not None
        return self._held[value]

    def negates(self, value: str) -> bool:
        """Whether a name stands in what was said only to exclude it."""
        wanted = squeezed(value)
        return any(wanted in squeezed(str(each.values[0])) for each in self.of("negation"))


@lru_cache(maxsize=64)
def hear(text: str, now: str) -> Said:
    """Return the words of the person; a task's attempts hear the same ones."""
    return Said(text, now)


@lru_cache(maxsize=64)
def hear_part(text: str, now: str) -> Said:
    """Return some of the person's words, taken out of others: never the same as what `hear` returns."""
    return Said(text, now)


# --- rows -------------------------------------------------------------------------------------------------------------

_IDLE_FIELD = re.compile(r"(?:^|_)(?:id|ids)$")


def fit(row: Mapping[str, Any], said: Said) -> float:
    """Return how much of what was said a row answers to: the sum over its fields."""
    return sum(_field_fit(name, value, said) for name, value in row.items()) - _contradiction(row, said)


def _contradiction(row: Mapping[str, Any], said: Said) -> float:
    """Return what it costs a row that days were said and none of its own is one of them."""
    own = [value[:10] for value in row.values() if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}", value)]
    return 3.0 if own and said.days and not set(own) & set(said.days) else 0.0


def _field_fit(name: str, value: Any, said: Said) -> float:
    if value is None or value == "":
        return 0.0
    place = name, value, type(value)
    found = said.fits.get(place)
    if found is None:
        found = said.fits[place] = _value_fit(name, value, said)
    return found


def _value_fit(name: str, value: Any, said: Said) -> float:
    if isinstance(value, bool):
        return _flag_fit(name, value, said)
    if isinstance(value, int | float):
        return _number_fit(name, value, said)
    return _text_fit(name, value, said) if isinstance(value, str) else 0.0


def _flag_fit(name: str, value: bool, said: Said) -> float:
    words = roots(name.replace("_", " "))
    if not set(words) & said.root_set:
        return 0.0
    polarity = affirms(said.text, " ".join(tokens(name.replace("_", " "))))
    return 0.0 if polarity is None else (1.0 if polarity == value else -1.0)


def _number_fit(name: str, value: float, said: Said) -> float:
    if name.endswith("_cents"):
        return 3.0 if value and value in said.sums else 0.0
    words = frozenset(roots(name.replace("_", " ")))
    for each in said.of("number", "ordinal", "duration"):
        if each.values[0] == value:
            return 1.2 if words & {root(each.unit)} or words & said.root_set else 0.2
    return 2.0 if 1900 < value < 2100 and re.search(rf"\b{value}\b", said.flat) else 0.0


def _text_fit(name: str, value: str, said: Said) -> float:
    if re.match(r"\d{4}-\d{2}-\d{2}", value):
        return _day_fit(value, said)
    if re.fullmatch(r"\d{2}:\d{2}", value):
        return 3.0 if value in said.times else 0.0
    if len(value) > 60 or not re.search(r"\w", value):
        return 0.0
    if said.holds(value):
        size = len(squeezed(value))
        known = 0.6 if name in ("name", "title", "label", "city") else 0.0
        return (-4.0 if said.negates(value) else 1.0) * (4.0 + known + min(size, 20) / 10 if size > 2 else 0.5)
    if _IDLE_FIELD.search(name):
        return 0.0
    return _partial_fit(value, said)


def _partial_fit(value: str, said: Said) -> float:
    """Return how much of a name's words were said: "the tapas tour" for "Triana Tapas Evening"."""
    words = roots(value.replace("_", " "))
    common = [word for word in words if word in said.root_set]
    return 2.5 * len(common) / len(words) if common and len(words) <= 8 else 0.0


def _day_fit(value: str, said: Said) -> float:
    if len(value) == 10:
        return 3.0 if value in said.days else 0.0
    if value[:16] in said.moments:
        return 6.0
    day, time = value[:10] in said.days, value[11:16] in said.times
    return (3.0 if day else 0.0) + (2.0 if time and (day or not said.days) else 0.0)


# --- rankings ---------------------------------------------------------------------------------------------------------

_BY_WORDS: dict[str, tuple[str, ...]] = {
    "price": ("cents", "price", "fare", "total", "cost", "fee", "amount", "rate", "premium", "bid"),
    "time": (
        "at",
        "on",
        "starts",
        "departs",
        "time",
        "date",
        "day",
        "due",
        "opens",
        "leaves",
        "year",
        "created",
        "from",
    ),
    "duration": ("minutes", "duration", "hours", "days", "nights", "length", "eta"),
    "size": (
        "seats",
        "size",
        "capacity",
        "area",
        "bedrooms",
        "guests",
        "places",
        "weight",
        "litres",
        "bags",
        "free",
        "left",
        "max",
        "balance",
    ),
    "distance": ("distance", "km", "metres", "miles", "minutes"),
    "rating": ("rating", "stars", "score", "reviews"),
}


def rank_field(rank: Reading, rows: list[Mapping[str, Any]]) -> str | None:
    """Return the field by which a ranking orders rows: one that differs between them and that its words can mean."""
    by = (*_BY_WORDS.get(rank.unit, ()), *tokens(rank.unit))
    best: tuple[float, str] | None = None
    for name in rows[0] if rows else ():
        values = [row.get(name) for row in rows]
        if not all(isinstance(value, int | float | str) and not isinstance(value, bool) for value in values):
            continue
        words = name.lower().split("_")
        score = max((len(by) - by.index(word) for word in words if word in by), default=0) + (
            len(set(map(str, values))) > 1
        )
        if score > 1 and (best is None or score > best[0]) and (rank.unit == "time") == _is_moment(values[0]):
            best = (score, name)
    return best[1] if best else None


def _is_moment(value: Any) -> bool:
    return (isinstance(value, str) and re.match(r"\d{4}-\d{2}|\d{2}:\d{2}", value) is not None) or (
        isinstance(value, int) and 1900 < value < 2100
    )


def within_bounds(row: Mapping[str, Any], said: Said) -> bool:
    """Whether a row keeps the bounds that were said, as far as it has a field of their kind."""
    return not any(_breaks(row, op, value, each) for each in said.of("comparison") for op, value in each.values[:1])


def _breaks(row: Mapping[str, Any], op: str, value: Any, bound: Reading) -> bool:
    if isinstance(value, int | float) and len(bound.unit) == 3 and bound.unit.isupper():
        fields = [each for name, each in row.items() if name.endswith("_cents") and isinstance(each, int)]
        return bool(fields) and all(not _compares(each, op, value) for each in fields)
    if isinstance(value, str):
        moments = [each for each in row.values() if isinstance(each, str) and re.match(r"\d{4}-\d\d-\d\dT", each)]
        times = [each[11:16] if len(value) == 5 else each[: len(value)] for each in moments]
        return bool(times) and all(not _compares(each, op, value) for each in times[:1])
    return False


def _compares(one: Any, op: str, other: Any) -> bool:
    if op in ("le", "lt"):
        return bool(one <= other) if op == "le" else bool(one < other)
    if op in ("ge", "gt"):
        return bool(one >= other) if op == "ge" else bool(one > other)
    return True
