"""What singles a row out for a person: names, dates, places and rankings of what was shown, never keys.

A choice is kept only where the rows returned leave exactly one value; a ranking only by a strict margin.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envfactory.bench.sql.queries import Origin
from envfactory.sampling.paths import Record
from envfactory.sampling.views import EnvironmentView, ToolView, looks_like_code

_MOST = 3
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$")
_SUMS = ("_cents", "_minor")
_DEADLINES = ("_until", "ticketed_at", "paid_at", "booked_at", "cancelled_at")  # not when a thing is
_UNSAID = ("_id", "_at_utc", "created_at", "updated_at", "position", "version")


@dataclass(frozen=True)
class Mark:
    """A visible property of a row: field name, its value, and the `table.column` it is."""

    field: str
    value: Any
    slot: str


@dataclass(frozen=True)
class Choice:
    """Marks that rows must bear, and a ranking (field, order, slot) among those left."""

    marks: tuple[Mark, ...] = ()
    rank: tuple[str, str, str] | None = None


class Selector:
    """Finds choices in the results of one environment's tools."""

    def __init__(self, view: EnvironmentView) -> None:
        self._view = view

    def choices(
        self, tool: ToolView, everything: Sequence[Record], wanted: Record, field: str, rng: random.Random
    ) -> Iterator[Choice]:
        """Yield ways to single out `wanted` (by its `field`) among the records of a result, those best to say first."""
        rows = [each for each in everything if each.place == wanted.place and each.fields.get(field) is not None]
        if len({_plain(each.fields[field]) for each in rows}) <= 1:
            yield Choice(self._by_the_way(tool, wanted, field))
            return
        ranked = list(self._ranked(tool, rows, wanted, field))
        rng.shuffle(ranked)
        if ranked and rng.random() < 0.4:
            yield from ranked
        marks = self._marks(tool, wanted, field)
        words = [mark for mark in marks if not isinstance(mark.value, int)]
        yield from _combined(words, rows, field)
        yield from ranked
        yield from self._ranked_among(tool, rows, wanted, field, words)
        yield from _combined(marks, rows, field)

    def _ranked_among(
        self, tool: ToolView, rows: Sequence[Record], wanted: Record, field: str, marks: Sequence[Mark]
    ) -> Iterator[Choice]:
        for mark in marks:
            left = [each for each in rows if _bears(each, (mark,))]
            if len(left) < len(rows):
                for choice in self._ranked(tool, left, wanted, field):
                    yield Choice((mark,), choice.rank)

    def _ranked(self, tool: ToolView, rows: Sequence[Record], wanted: Record, field: str) -> Iterator[Choice]:
        for name, order, slot in self.rankings(tool, wanted, field):
            if strictly_first(rows, wanted, name, order, field):
                yield Choice((), (name, order, slot))

    def rankings(self, tool: ToolView, record: Record, field: str) -> Iterator[tuple[str, str, str]]:
        """Yield the fields of a record by which people rank what its `field` names, with the order and the slot."""
        _, key = self._shown(tool, record, field)
        for table in [key[0]] if key else self._tables(tool, record):
            for rule in self._view.entities.get(table, {}).get("rank", {}):
                name, _, order = str(rule).partition(":")
                if name in record.fields and order in ("min", "max"):
                    yield name, order, f"{table}.{name}"

    def _tables(self, tool: ToolView, record: Record) -> list[str]:
        """Return the tables whose rows a record shows, the one its first key names first."""
        found = [self._shown(tool, record, name) for name in record.fields]
        return list(dict.fromkeys(key[0] for _, key in found if key is not None and self._view.names_row(key)))

    def _shown(self, tool: ToolView, record: Record, name: str) -> tuple[Origin | None, Origin | None]:
        shown = tool.shown.get(f"{record.place}.{name}" if record.place else name)
        return (shown.column, shown.key) if shown else (None, None)

    def _by_the_way(self, tool: ToolView, record: Record, field: str) -> tuple[Mark, ...]:
        """Return what a thing is called though there is no other: its best mark, of what is only mentioned its name."""
        _, key = self._shown(tool, record, field)
        marks = self._marks(tool, record, field)
        if record.listed:
            return tuple(marks[:1])
        if key is None or key[0] in self._tables(tool, record)[:1]:
            return ()
        named = f"{key[0]}.{self._view.entities.get(key[0], {}).get('name', 'name')}"
        return tuple(
            mark for mark in marks if mark.slot == named or (mark.field == field and self.says(key, mark.value))
        )[:1]

    def says(self, key: Origin, value: Any) -> bool:
        """Tell whether people know a row by its key: a word, and not another one than its name (`swar` of "estate")."""
        if not is_word(value):
            return self._view.public(*key)  # a code printed on a leaflet
        name = self._view.entities.get(key[0], {}).get("name")
        known = [row.get(name) for row in self._view.world.rows(key[0]) if name and row.get(key[1]) == value]
        return all(isinstance(each, str) and _letters(value) in _letters(each) for each in known)

    def name_of(self, tool: ToolView, record: Record) -> str | None:
        """Return the field by which a row is called, None where it has none that can be said."""
        tables = self._tables(tool, record)
        fields = list(record.fields)
        marks = self._marks(
            tool, record, next((name for name in fields if name.endswith("id")), fields[0] if fields else "")
        )
        named = [f"{table}.{self._view.entities.get(table, {}).get('name', 'name')}" for table in tables]
        return next((mark.field for mark in marks if mark.slot in named), marks[0].field if marks else None)

    def day_of(self, tool: ToolView, record: Record) -> str | None:
        """Return the field of the day by which a person's own thing is known, None where it is not one's own."""
        tables = [table for table in self._tables(tool, record) if self._view.owner(table) is not None]
        for table in tables[:1]:
            liked = self._liked(table)
            for name, value in record.fields.items():
                column, _ = self._shown(tool, record, name)
                slot = f"{column[0]}.{column[1]}" if column else ""
                if isinstance(value, str) and _MOMENT.match(value) and (slot in liked or name in liked):
                    return name
        return None

    def _marks(self, tool: ToolView, record: Record, field: str) -> list[Mark]:
        """Return what can be said of a record, the words its frames prefer first.

        Where it shows two things of a kind (from and to), only what is called like the one meant is said of it.
        """
        _, key = self._shown(tool, record, field)
        table = key[0] if key else ""
        liked = self._liked(table)
        first = table in self._tables(tool, record)[:1]
        kind = [name for name in record.fields if key is not None and self._shown(tool, record, name)[1] == key]
        found: list[tuple[int, int, Mark]] = []
        for place, (name, value) in enumerate(record.fields.items()):
            column, shown_key = self._shown(tool, record, name)
            is_key = shown_key is not None and self._view.names_row(shown_key)
            said = (
                (name == field and self.says(shown_key, value))
                if is_key and shown_key
                else name != field and _sayable(name, value)
            )
            if not said:
                continue
            if not first and column is not None and column[0] != table and not is_key:
                continue
            if column is not None and column[0] == table and not _is_its(name, field, kind):
                continue
            if column is None and name.endswith(_SUMS) and not (first and self._is_ranked_by(table, name)):
                continue  # the price of a ride, or of a stay, is not that of the place it leads to
            slot = f"{column[0]}.{column[1]}" if column else f"{table or tool.subject or 'result'}.{name}"
            found.append((self._liking(liked, slot, name, value, table), place, Mark(name, value, slot)))
        return [mark for liking, _, mark in sorted(found, key=lambda each: each[:2]) if liking < 9]

    def _is_ranked_by(self, table: str, name: str) -> bool:
        ranks = self._view.entities.get(table, {}).get("rank", {})
        return not table or any(str(rule).partition(":")[0] == name for rule in ranks)

    def _liking(self, liked: Sequence[str], slot: str, name: str, value: Any, table: str) -> int:
        for place, each in enumerate(liked):
            if each in (slot, name):
                return min(place, 4)
        if isinstance(value, bool) or name.endswith(_DEADLINES):
            return 9
        if isinstance(value, str) and _MOMENT.match(value):
            return 6
        if isinstance(value, str):
            return 5 if slot.endswith((".name", ".title", ".city")) else 7
        return 8 if name.endswith(_SUMS) or isinstance(value, int) else 9

    def _liked(self, table: str) -> list[str]:
        """Return the slots and names by which people know the rows of a table: name, identify, within."""
        facts: Mapping[str, Any] = self._view.entities.get(table, {})
        paths = [facts.get("name"), *facts.get("identify", []), facts.get("within")]
        found: list[str] = []
        for path in paths:
            if isinstance(path, str):
                found += self._column(table, path.partition(":")[0])
        return found

    def _column(self, table: str, path: str) -> list[str]:
        """Return `table.column` of a path such as `room_type.hotel.city`, and the name by which results may show it."""
        steps = path.split(".")
        here = table
        for step in steps[:-1]:
            here = self._parent(here, step) or here
        last = steps[-1]
        parent = self._parent(here, last)
        if parent is not None:
            named = self._view.entities.get(parent, {}).get("name", "name")
            return [f"{parent}.{named}", last]
        return [f"{here}.{last}", *([last] if len(steps) == 1 else [steps[-2]] if last == "name" else [])]

    def _parent(self, table: str, step: str) -> str | None:
        facts = self._view.schema.tables.get(table)
        for reference in facts.references if facts else ():
            column = reference.columns[0]
            if column == step or column.removesuffix("_id") == step:
                return reference.to_table
        return None


def _combined(marks: Sequence[Mark], rows: Sequence[Record], field: str) -> Iterator[Choice]:
    """Yield the smallest sets of marks that leave one value of a field."""
    for size in range(1, _MOST + 1):
        for chosen in itertools.combinations(marks, size):
            if len({_plain(each.fields[field]) for each in rows if _bears(each, chosen)}) == 1:
                yield Choice(chosen)


def strictly_first(rows: Sequence[Record], wanted: Record, name: str, order: str, field: str) -> bool:
    """Tell whether a record stands first by a strict margin over every row with another value of `field`."""
    best = wanted.fields.get(name)
    others = [each.fields.get(name) for each in rows if each.fields.get(field) != wanted.fields.get(field)]
    known = [value for value in others if type(value) is type(best)]
    if best is None or len(known) != len(others) or not known:
        return False
    return bool(all(best < value for value in known) if order == "min" else all(best > value for value in known))


def still_singles_out(rows: Sequence[Record], wanted: Record, field: str, choice: Choice) -> bool:
    """Tell whether a choice made among earlier rows leaves the same value among the present ones."""
    left = [each for each in rows if each.place == wanted.place and _bears(each, choice.marks)]
    if choice.rank is not None:
        name, order, _ = choice.rank
        same = [each for each in left if each.fields.get(field) == wanted.fields[field]]
        return any(strictly_first(left, each, name, order, field) for each in same)
    return {_plain(each.fields.get(field)) for each in left} == {_plain(wanted.fields[field])}


def _bears(record: Record, marks: Sequence[Mark]) -> bool:
    return all(_plain(record.fields.get(mark.field)) == _plain(mark.value) for mark in marks)


def is_word(value: Any) -> bool:
    """Tell whether a key is a word that people say: `flexible`, `sedan`, but not `mbmr`."""
    plain = isinstance(value, str) and value.isalpha() and len(value) > 3 and value == value.lower()
    return plain and any(letter in "aeiou" for letter in value)


def _is_its(name: str, field: str, kind: Sequence[str]) -> bool:
    """Tell whether a property is that of the thing at `field`, of several things of a `kind` that a record shows."""
    if len(kind) < 2 or name.startswith(_stem(field)):
        return True
    return field == kind[0] and not any(name.startswith(_stem(each)) for each in kind[1:])


def _stem(field: str) -> str:
    """Return what the fields of one of two things of a kind begin with: `to_station_id`, `to_station`."""
    return field.removesuffix("_id")


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


def _sayable(name: str, value: Any) -> bool:
    if value is None or name.endswith(_UNSAID) or isinstance(value, float):
        return False
    if isinstance(value, str):
        return bool(value.strip()) and len(value) <= 60 and not looks_like_code(value)
    return True
