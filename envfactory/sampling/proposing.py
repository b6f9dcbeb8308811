"""Arguments a person could want a call with: proposed from what the data holds, kept only if executing them says so.

A proposal is drawn around the person and the rows in play: their own booking, the extras of its hotel, the city it is in,
the dates and the party already spoken of. Round and everyday values come first, those of stored cases where they fail.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from envfactory.bench.inputs.world import Place, World
from envfactory.bench.sql.queries import Origin
from envfactory.dependencies.lineage import canonical
from envfactory.environments.cases import Case
from envfactory.sampling.bounds import bounded
from envfactory.sampling.inventing import ENDS, Inventor, Wish
from envfactory.sampling.views import EnvironmentView, Slot, ToolView

_NAMES = ("name", "title")
_ITS_OWN = 0.6
_ANCHORED = 0.9  # how often a look-up for a call takes what a thing of the call has
_FILTER = 0.1  # how often a search is narrowed by a number that is not the party's


class Proposer:
    """Draws arguments for the tools of one environment."""

    def __init__(self, view: EnvironmentView) -> None:
        self._view = view
        self._cases = _accepted(view.cases.cases)
        self._numbers = {name: _numbers(given) for name, given in self._cases.items()}
        self._orders: dict[tuple[str, frozenset[str]], list[Slot]] = {}

    def propose(self, tool: ToolView, world: World, wish: Wish, rng: random.Random, count: int) -> list[dict[str, Any]]:
        """Return up to `count` different proposals, everyday ones before those after stored cases."""
        found: dict[bytes, dict[str, Any]] = {}
        draw = _Draw(self._view, tool, world, wish, rng, self._numbers.get(tool.name, {}))
        slots = self._ordered(tool, frozenset(wish.fixed))
        for turn in range(count * 2):
            arguments = draw.arguments(slots, self._base(tool, rng) if turn >= count else None)
            if arguments is not None:
                found.setdefault(msgspec.json.encode(arguments, order="sorted"), arguments)
        return list(found.values())[: count + count // 2]

    def _base(self, tool: ToolView, rng: random.Random) -> Mapping[str, Any] | None:
        stored = self._cases.get(tool.name)
        return rng.choice(stored) if stored else None

    def _ordered(self, tool: ToolView, fixed: frozenset[str]) -> list[Slot]:
        """Return a tool's slots in the order in which values are drawn for them."""
        place = tool.name, fixed
        if place not in self._orders:
            self._orders[place] = sorted(tool.slots.values(), key=lambda slot: self._order(slot, fixed))
        return self._orders[place]

    def _order(self, slot: Slot, fixed: frozenset[str]) -> tuple[int, int]:
        """Keys first, the fixed and the person's own before others; ends of intervals after their starts."""
        if slot.role == "person":
            return 0, 0
        if slot.role == "key":
            table = canonical(slot.column, self._view.schema)[0] if slot.column is not None else ""
            owned = slot.column is not None and self._view.owner(table) is not None
            return 1, 0 if slot.name in fixed else 1 if owned else 2
        return 2, int(slot.name.startswith(ENDS) or any(word in slot.name for word in ENDS))


class _Draw(Inventor):
    """Proposals for one tool in one state, made one after another."""

    def arguments(self, slots: Iterable[Slot], base: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return the arguments in the tool's order, or None where a required one has no value to draw.

        `slots` are the tool's, in the order in which they are drawn; `base` are those of a stored case.
        """
        self.begin(base)
        for slot in slots:
            if slot.required or self._wanted(slot):
                value = self._value(slot)
                if value is None and slot.required:
                    return None
                if value is not None and not self._goes_without_saying(slot, value):
                    self._given[slot.name] = value
        self._keep_party()
        return {name: self._given[name] for name in self._tool.slots if name in self._given}

    def _goes_without_saying(self, slot: Slot, value: Any) -> bool:
        """Tell whether an optional value is what happens anyhow, or none of something."""
        if slot.required or slot.name in self._wish.fixed:
            return False
        usual = value == slot.parameter.default and slot.name not in self._tool.party
        return usual or (slot.role == "count" and value == 0)

    def _keep_party(self) -> None:
        """Let those who are counted apart (adults, children) come to the party in play."""
        first, *others = [name for name in self._tool.party if name in self._given] or [""]
        apart = sum(self._given[name] for name in others)
        if self._wish.party is None or not apart:
            return
        least = self._tool.slots[first].parameter.minimum or 1
        if self._wish.party - apart >= least:
            self._given[first] = self._wish.party - apart
            return
        for name in others:
            if not self._tool.slots[name].required and name not in self._wish.fixed:
                del self._given[name]

    def _wanted(self, slot: Slot) -> bool:
        """Tell whether an optional parameter is given this time."""
        if slot.name in self._wish.fixed:
            return True
        if self._tool.kind == "read" and (slot.role == "key" or self._tool.verb == "detail"):
            return False
        if slot.role in ("paging", "text", "contact"):
            return slot.role == "text" and slot.column is not None and self._rng.random() < 0.25
        if self._wish.party is not None and slot.name in self._tool.party:
            return self._is_party(slot)
        if slot.name in self._wish.values and self._tool.kind == "read":
            return self._rng.random() < 0.5
        if self._tool.kind == "read":
            return self._rng.random() < (_FILTER if slot.role == "count" else 0.2)
        return self._rng.random() < (0.15 if slot.role == "count" else 0.3)

    def _list(self, slot: Slot) -> list[Any] | None:
        """Return a few different items, as many as a person would name."""
        least = max(1, slot.parameter.min_items or 0)
        count = min(max(least, 2), slot.parameter.max_items or 2)
        found: list[Any] = []
        for place in range(count * 3):
            value = self._value(slot.item(place))
            if value is not None and value not in found:
                found.append(value)
        return found[:count] if len(found) >= least else None

    def _value(self, slot: Slot) -> Any:
        if slot.many and slot.name not in self._wish.fixed:
            return self._list(slot)
        if slot.name in self._wish.fixed:
            value = self._wish.fixed[slot.name]
            if slot.column is not None:
                self._take(slot.column, value)
            return value
        if slot.role in ("person", "contact"):
            return self._personal(slot)
        if slot.role == "key":
            return self._key(slot)
        return self._plain(slot)

    def _personal(self, slot: Slot) -> Any:
        key = self._view.person_key
        if slot.role == "person" and key is not None:
            return self._wish.person.get(key[1])
        return self._wish.person.get(slot.column[1]) if slot.column else None

    def _table(self, column: Origin) -> str:
        return canonical(column, self._view.schema)[0]

    def _key(self, slot: Slot) -> Any:
        if slot.column is None:
            return None
        table, name = canonical(slot.column, self._view.schema)
        named = self._named(slot.name, table, name) or self._linked(slot.name, table, name)
        taken = set(map(str, self._given.values()))
        for rows in (named, self._rows(table), self._world.rows(table)):
            rows = [row for row in rows if str(row[name]) not in taken] if taken else rows
            if rows:
                break
        else:
            return None
        known = [row for row in rows if self._is_named(row)] if self._spoken else []
        row = self._rng.choice(known if known and self._rng.random() < _ANCHORED else rows)
        self._enter(Place(table, row))
        return row[name]

    def _is_named(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row is called as something that was spoken of: the country of the quote."""
        return any(row.get(name) in self._spoken for name in _NAMES)

    def _named(self, parameter: str, table: str, key: str) -> list[dict[str, Any]]:
        """Return the row that a row in play refers to by a column named like the parameter: a route's `origin_id`."""
        for place in self._nearby():
            target = self._view.schema.target(place.table, parameter)
            if target == (table, key) and place.row.get(parameter) is not None and self._rng.random() < 0.92:
                return self._world.where(table, key, place.row[parameter])
        return []

    def _linked(self, parameter: str, table: str, key: str) -> list[dict[str, Any]]:
        """Return the rows that go with a key given before: the ports that a route joins to this one."""
        for name, value in self._given.items():
            for other in self._view.joining(name, parameter, (table, key)) if isinstance(value, str | int) else ():
                rows = self._world.where(other, name, value)
                if rows and self._rng.random() < 0.9:
                    row = self._rng.choice(rows)
                    self._enter(Place(other, row))
                    return self._world.where(table, key, row[parameter])
        return []

    def _rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows that a key may name: the person's own, those that go with what is in play, or any."""
        owner = self._view.owner(table)
        person = self._view.person_key
        everything = self._world.rows(table)
        if owner and person and self._rng.random() < 0.85:
            mine = self._world.where(table, owner, self._wish.person.get(person[1]))
            if mine:
                return mine
        if self._places and self._rng.random() < 0.85:
            near = self._world.related(table, self._nearby())
            if near:
                return near
        stored = self._base_row(table)
        return stored or everything

    def _base_row(self, table: str) -> list[dict[str, Any]]:
        for slot in self._tool.slots.values():
            if slot.name in self._base and slot.column and self._table(slot.column) == table:
                return self._world.where(table, canonical(slot.column, self._view.schema)[1], self._base[slot.name])
        return []

    def _take(self, column: Origin, value: Any) -> None:
        """Put the row that a key names (the rows that a list of keys names) among those in play."""
        table, name = canonical(column, self._view.schema)
        for each in value if isinstance(value, list) else [value]:
            self._enter(*(Place(table, row) for row in self._world.where(table, name, each)[:1]))

    def _is_party(self, slot: Slot) -> bool:
        """Tell whether a parameter is the size of the party: where several count people, the first."""
        return next((name for name in self._tool.party), None) == slot.name

    def _plain(self, slot: Slot) -> Any:
        """Return a value that a person says."""
        near = self._near(slot)
        if near is None and self._tool.kind == "read":
            near = self._of_the_thing(slot)
        if near is not None:
            return near
        if self._is_party(slot) and self._wish.party is not None:
            return bounded(slot, self._wish.party)
        if slot.name in self._wish.values and self._rng.random() < 0.9:
            return self._wish.values[slot.name]
        measured = slot.role == "count" and self._is_measure(slot)
        usual = slot.role != "money" and not measured
        if slot.name in self._base and slot.required and usual and self._rng.random() < 0.8:
            return self._base[slot.name]
        made = self._made(slot)
        return made if made is not None else self._base.get(slot.name)

    def _of_the_thing(self, slot: Slot) -> Any:
        """Return what the thing in play has under a parameter's own name: its pickup, its direction."""
        for place in self._wish.rows:
            value = place.row.get(slot.name)
            if value is not None and self._rng.random() < (_ANCHORED if self._wish.rows[1:] else _ITS_OWN):
                return value if slot.role != "flag" else bool(value)
        return None

    def _near(self, slot: Slot) -> Any:
        """Return the value that a row in play has in the column a parameter takes values of."""
        if slot.column is None or (slot.role in ("date", "moment") and not self._places):
            return None
        for place in self._nearby():
            if place.table == slot.column[0] and self._rng.random() < 0.95:
                return place.row.get(slot.column[1])
        for place in self._places[:2]:
            below = self._world.children(place, slot.column[0]) if slot.column[0] in self._view.schema.tables else []
            if below and self._rng.random() < 0.8:
                return self._rng.choice(below).get(slot.column[1])
        rows = self._world.rows(slot.column[0])
        return self._rng.choice(rows).get(slot.column[1]) if rows and slot.name not in self._wish.values else None


def _numbers(stored: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Return the numbers that cases give to each parameter, ascending: the upper ones are those of real things."""
    found: dict[str, set[int]] = {}
    for given in stored:
        for name, value in given.items():
            if isinstance(value, int) and not isinstance(value, bool):
                found.setdefault(name, set()).add(value)
    return {name: sorted(values) for name, values in found.items()}


def _accepted(cases: Iterable[Case]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for case in cases:
        if case.expect.status == "ok":
            found.setdefault(case.tool, []).append(case.arguments)
    return found
