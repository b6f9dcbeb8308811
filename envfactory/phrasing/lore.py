"""What an assistant has seen so far, and what it therefore calls things: names for the keys that calls and results carry.

A key is named by the row it came in: its name column, or the visible properties by which its entity is told apart ("your
ride to the Old Town"). What was never seen has no name here; then the entity's noun must do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from envfactory.environments.contract import Contracts
from envfactory.phrasing import stating
from envfactory.phrasing.lexicon import singular, spaced
from envfactory.tasks.model import GoldCall, Profile

Seen = Mapping[str, Any]
_NAMING = ("name", "title", "label", "number")
_SHORT = re.compile(r"[A-Z]{2,4}")  # of a kind of thing: "the SUV"
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def tables_by_field(contracts: Contracts) -> dict[str, str]:
    """Return which table's key each name of a parameter or result field holds (`area_id`: `areas`)."""
    found: dict[str, str] = {}
    for tool in contracts.tools:
        for name, parameter in tool.parameters.items():
            table, _, column = (parameter.ref or "").partition(".")
            if column == "id" and name.endswith("_id"):
                found.setdefault(name, table)
    for table in contracts.entities:
        found.setdefault(f"{_stem(table)}_id", table)
    return found


def words_by_code(contracts: Contracts) -> dict[tuple[str, Any], str]:
    """Return what the tools' slots call the codes of a parameter, by its name and the code."""
    found: dict[tuple[str, Any], str] = {}
    for tool in contracts.tools:
        for name, slot in tool.frames.get("slots", {}).items():
            values = slot.get("values") if isinstance(slot, dict) else None
            for code, said in (values or {}).items():
                found.setdefault((name, code), str(said))
    return found


class _Key:
    """Contracts as a key of what is derived from them: they do not change, so being the same ones is enough."""

    def __init__(self, contracts: Contracts) -> None:
        self.contracts = contracts

    def __hash__(self) -> int:
        return id(self.contracts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.contracts is other.contracts


@lru_cache(maxsize=64)
def _derived(key: _Key) -> tuple[Mapping[str, str], Mapping[tuple[str, Any], str]]:
    """Return the tables by field and the words by code of contracts: a `Lore` is made for every call."""
    return tables_by_field(key.contracts), words_by_code(key.contracts)


def dicts_of(value: Any) -> Iterator[Seen]:
    """Yield every object in a result, outer ones first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from dicts_of(item)


@dataclass
class Lore:
    """What calls and results in one environment have shown. What a row is by itself counts before what others say of it."""

    contracts: Contracts
    own: frozenset[Any] = frozenset()
    """What is known of the signed-in person (key, name): what is somebody else's is not called "your"."""
    tables: Mapping[str, str] = field(init=False)
    words: Mapping[tuple[str, Any], str] = field(init=False)
    """How the slots of the tools say a code: `language`, `en` is "English"."""
    _rows: dict[tuple[str, Any], dict[str, Any]] = field(default_factory=dict)
    _names: dict[tuple[str, Any], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables, self.words = _derived(_Key(self.contracts))

    def see(self, call: GoldCall) -> None:
        """Take in what a call gave and what it answered."""
        if call.outcome != "ok":
            return
        self.own |= self._told_of_me(call)
        for shown in dicts_of(call.result):
            self._keep(_flat(shown))
        self._keep({**_flat(call.arguments), **_flat(call.result)})

    def row(self, table: str, key: Any) -> Seen:
        """Return what is known of a row."""
        return self._rows.get((table, key), {})

    def noun(self, table: str) -> str:
        """Return what a row of a table is called."""
        nouns = self._entity(table).get("noun") or []
        return str(nouns[0]) if nouns else singular(spaced(table))

    def is_owned(self, table: str) -> bool:
        """Whether the rows of a table are somebody's (bookings, not rooms)."""
        return bool(self._entity(table).get("owner"))

    def whose(self, table: str, row: Seen | None = None) -> str:
        """Return the noun of a table with its determiner: `your booking`, `the hotel`, `the leave of Ann Lee`."""
        owner = str(self._entity(table).get("owner") or "")
        name = (row or {}).get(owner.removesuffix("_id"))
        told = {value for value in ((row or {}).get(owner), name) if value is not None}
        if owner and (not told or not self.own or told & self.own):
            return f"your {self.noun(table)}"
        return f"the {self.noun(table)} of {name}" if owner and isinstance(name, str) else f"the {self.noun(table)}"

    def name(self, table: str, key: Any) -> str:
        """Return the name of a row, with the article it needs; empty where it was never seen."""
        own = self._names.get((table, key), "")
        if own:
            return own if (own[:1].isupper() and not _SHORT.fullmatch(own)) or own[:1].isdigit() else f"the {own}"
        return self._told_apart(table, self.row(table, key))

    def calls_it(self, table: str, key: Any) -> str:
        """Return the name of a row or, where it has none, its noun ("your booking")."""
        return self.name(table, key) or self.whose(table, self.row(table, key))

    def handle(self, table: str, key: Any) -> str:
        """Return what tells a row apart, without the noun: `in Ghent from Friday 5 March`, or its own name."""
        name = self.name(table, key)
        parts = re.fullmatch(rf"(?:your|the) (?:(.+) )?{re.escape(self.noun(table))}(?: (.+))?", name)
        return " ".join(filter(None, parts.groups())) if parts and any(parts.groups()) else name

    def _entity(self, table: str) -> Mapping[str, Any]:
        return self.contracts.entities.get(table, {})

    def _told_of_me(self, call: GoldCall) -> frozenset[Any]:
        """Return the person's key, where a call was made with what their profile says."""
        principal = self.contracts.principal
        found: set[Any] = set()
        for name, source in call.sources.items():
            if source.kind == "profile":
                found |= {call.arguments.get(name)} if self.tables.get(name) == principal else set()
                found |= {value for field_, value in _flat(call.result).items() if self.tables.get(field_) == principal}
        return frozenset(found)

    def _keep(self, shown: Seen) -> None:
        main = next((name for name in shown if name in self.tables), "")
        for name, key in shown.items():
            table = self.tables.get(name)
            if table is None or not isinstance(key, str | int):
                continue
            row = self._rows.setdefault((table, key), {})
            row.update(shown if name == main else {each: shown[each] for each in shown.keys() - row.keys()})
            said = _named(table, name, self._entity(table), shown, own=name == main)
            if said and (name == main or (table, key) not in self._names):
                self._names[table, key] = said

    def _told_apart(self, table: str, row: Seen) -> str:
        """Return a row by the properties it is known by, one of place or name and one of time: `your ride to …`."""
        said: dict[bool, tuple[str, str]] = {}
        for handle in self._entity(table).get("identify") or []:
            path, _, preposition = str(handle).partition(":")
            value = _visible(path, row, titled=not self._entity(table).get("name"))
            if value is not None:
                spoken = self.words.get((path.rpartition(".")[2], value)) or _said(
                    value, preposition, self.contracts.now
                )
                said.setdefault(bool(_DATED.match(str(value))), (preposition, spoken))
        before = " ".join(spoken for preposition, spoken in said.values() if preposition == "pre")
        after = [_bound(*said[dated]) for dated in sorted(said) if said[dated][0] != "pre"]
        phrase = " ".join(after)
        if phrase.startswith("the ") or not said:
            return phrase
        whose = self.whose(table, row)
        if before:
            return re.sub(r"^(your|the) ", rf"\1 {before.removeprefix('The ')} ", f"{whose} {phrase}").rstrip()
        return f"{self.noun(table)} {phrase}" if phrase[0].isupper() else f"{whose} {phrase}"


def lore_of(
    contracts: Mapping[str, Contracts], calls: Sequence[GoldCall], profiles: Sequence[Profile] = ()
) -> dict[str, Lore]:
    """Return what was seen in each environment after the calls; `profiles` say who is signed in."""
    own = {each.environment: frozenset(each.columns.values()) for each in profiles}
    lores = {name: Lore(each, own.get(name, frozenset())) for name, each in contracts.items()}
    for call in calls:
        if call.environment in lores:
            lores[call.environment].see(call)
    return lores


def _stem(table: str) -> str:
    return singular(spaced(table)).replace(" ", "_")


def _flat(value: Any) -> dict[str, Any]:
    """Return the plain fields of an object."""
    if not isinstance(value, dict):
        return {}
    return {name: each for name, each in value.items() if not isinstance(each, dict | list) and each is not None}


def _named(table: str, key: str, entity: Mapping[str, Any], shown: Seen, *, own: bool) -> str:
    """Return the name that an object gives to the row whose key stands in its field `key`.

    The object of the row itself has it under the name column; another one under the name of what it is (`hotel`).
    """
    column = str(entity.get("name") or "")
    if entity and not column:
        return ""
    stem = key.removesuffix("_id")
    nouns = [str(noun).replace(" ", "_") for noun in entity.get("noun") or []]
    names = [f"{stem}_name", f"{stem}_title", stem, _stem(table), *nouns, stem.partition("_")[0]]
    for name in [*([column, *_NAMING] if own else []), *names]:
        value = shown.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _visible(path: str, row: Seen, *, titled: bool) -> Any:
    """Return the value of a property such as `room_type.hotel.city` in a row that shows it by some shorter name.

    A title that a row shows is its own, unless such rows have none: then it is that of what the path leads to.
    """
    parts = path.split(".")
    names = ["_".join(parts[-2:]), parts[-1]]
    if parts[-1] in _NAMING and len(parts) > 1:
        names = ["_".join(parts[-2:]), parts[-2], *(["title"] if titled and parts[-1] == "title" else [])]
    return next((row[name] for name in names if isinstance(row.get(name), str | int)), None)


def _bound(preposition: str, spoken: str) -> str:
    """Return a value with its preposition, or in the template that stands for one: "with 3 classes left"."""
    return preposition.replace("{v}", spoken) if "{v}" in preposition else f"{preposition} {spoken}".strip()


def _said(value: Any, preposition: str, now: str) -> str:
    text = str(value)
    return stating.day(text, now) if preposition == "on" and _DATED.match(text) else stating.plain(value, now)
