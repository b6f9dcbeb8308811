"""Arguments a person could want a call with: proposed from what the data holds, kept only if executing them says so.

A proposal is drawn around the person and the rows in play: their own booking, the extras of its hotel, the city it is in,
the dates and the party already spoken of. Round and everyday values come first, those of stored cases where they fail.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from envfactory.bench.inputs.world import Place, World
from envfactory.bench.sql.queries import Origin
from envfactory.dependencies.lineage import canonical
from envfactory.environments.cases import Case
from envfactory.sampling.bounds import STAMP, bounded, parsed, shaped
from envfactory.sampling.views import EnvironmentView, Slot, ToolView

_MANY = 60
_ITS_OWN = 0.6
_ANCHORED = 0.9  # how often a look-up for a call takes what a thing of the call has
_AS_STORED = 0.7  # how often a measure is taken from a stored case: how long cars are, no draw knows
_FILTER = 0.1  # how often a search is narrowed by a number that is not the party's
_HOURS = (7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18)
_ROUND = (5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 150, 200, 250, 300, 400, 500, 800, 1000)
_STARTS = ("check_in", "from", "start", "arriv", "pickup", "first", "depart", "opens")
_ENDS = ("check_out", "to_", "until", "end", "return", "leav", "last", "departure", "back")


@dataclass(frozen=True)
class Wish:
    """What a proposal must hold to: arguments fixed by name, values already in play, rows spoken of, the party.

    `amounts` are what was shown to be open: what somebody would pay.
    """

    person: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Place, ...] = ()
    party: int | None = None
    amounts: tuple[int, ...] = ()


class Proposer:
    """Draws arguments for the tools of one environment."""

    def __init__(self, view: EnvironmentView) -> None:
        self._view = view
        self._cases = _accepted(view.cases.cases)

    def propose(self, tool: ToolView, world: World, wish: Wish, rng: random.Random, count: int) -> list[dict[str, Any]]:
        """Return up to `count` different proposals, everyday ones before those after stored cases."""
        found: dict[str, dict[str, Any]] = {}
        for turn in range(count * 2):
            arguments = self._draw(tool, world, wish, rng, self._base(tool, rng) if turn >= count else None)
            if arguments is not None:
                found.setdefault(json.dumps(arguments, sort_keys=True), arguments)
        return list(found.values())[: count + count // 2]

    def _base(self, tool: ToolView, rng: random.Random) -> Mapping[str, Any] | None:
        stored = self._cases.get(tool.name)
        return rng.choice(stored) if stored else None

    def _draw(
        self, tool: ToolView, world: World, wish: Wish, rng: random.Random, base: Mapping[str, Any] | None
    ) -> dict[str, Any] | None:
        draw = _Draw(self._view, tool, world, wish, rng, base)
        return draw.arguments()


class _Draw:
    """One proposal in the making."""

    def __init__(
        self,
        view: EnvironmentView,
        tool: ToolView,
        world: World,
        wish: Wish,
        rng: random.Random,
        base: Mapping[str, Any] | None,
    ) -> None:
        self._view, self._tool, self._world, self._wish, self._rng = view, tool, world, wish, rng
        self._base = base or {}
        self._given: dict[str, Any] = {}
        self._places: list[Place] = list(wish.rows)

    def arguments(self) -> dict[str, Any] | None:
        """Return the arguments in the tool's order, or None where a required one has no value to draw."""
        slots = sorted(self._tool.slots.values(), key=self._order)
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

    def _order(self, slot: Slot) -> tuple[int, int]:
        """Keys first, the fixed and the person's own before others; ends of intervals after their starts."""
        if slot.role == "person":
            return 0, 0
        if slot.role == "key":
            owned = slot.column is not None and self._view.owner(self._table(slot.column)) is not None
            return 1, 0 if slot.name in self._wish.fixed else 1 if owned else 2
        return 2, int(slot.name.startswith(_ENDS) or any(word in slot.name for word in _ENDS))

    def _wanted(self, slot: Slot) -> bool:
        """Tell whether an optional parameter is given this time."""
        if slot.name in self._wish.fixed:
            return True
        if slot.role == "key" and self._tool.kind == "read":
            return False
        if slot.role in ("paging", "text", "contact"):
            return slot.role == "text" and slot.column is not None and self._rng.random() < 0.25
        if self._wish.party is not None and slot.name in self._tool.party:
            return self._is_party(slot)
        if slot.name in self._wish.values and self._tool.kind == "read":
            return self._rng.random() < 0.5
        if self._tool.kind == "read":
            return self._rng.random() < (_FILTER if slot.role == "count" else 0.2)
        return self._rng.random() < 0.3

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
                self._enter(slot.column, value)
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
            rows = [row for row in rows if str(row[name]) not in taken]
            if rows:
                break
        else:
            return None
        row = self._rng.choice(rows)
        self._places.insert(0, Place(table, row))
        return row[name]

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
            for other, facts in self._view.schema.tables.items():
                joins = {name, parameter} <= set(facts.columns) and self._view.schema.target(other, parameter) == (
                    table,
                    key,
                )
                rows = self._world.where(other, name, value) if joins and isinstance(value, str | int) else []
                if rows and self._rng.random() < 0.9:
                    row = self._rng.choice(rows)
                    self._places.insert(0, Place(other, row))
                    return self._world.where(table, key, row[parameter])
        return []

    def _rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows that a key may name: the person's own, those that go with what is in play, or any."""
        owner = self._view.owner(table)
        person = self._view.person_key
        everything = self._world.rows(table)
        if owner and person and self._rng.random() < 0.85:
            mine = [row for row in everything if row.get(owner) == self._wish.person.get(person[1])]
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

    def _nearby(self) -> list[Place]:
        return [near for place in self._places[:3] for near in self._world.ancestry(place)[:6]]

    def _enter(self, column: Origin, value: Any) -> None:
        """Put the row that a key names (the rows that a list of keys names) among those in play."""
        table, name = canonical(column, self._view.schema)
        for each in value if isinstance(value, list) else [value]:
            self._places[:0] = [Place(table, row) for row in self._world.where(table, name, each)[:1]]

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
        if slot.name in self._base and slot.required and slot.role != "money" and self._rng.random() < 0.8:
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

    def _made(self, slot: Slot) -> Any:
        parameter = slot.parameter
        if slot.role == "choice":
            return self._rng.choice(parameter.enum or [None])
        if slot.role == "flag":
            return True if not slot.required else self._rng.random() < 0.7
        if slot.role == "count":
            return self._count(slot)
        if slot.role == "money":
            return self._money(slot)
        if slot.role in ("date", "moment", "time"):
            return self._when(slot)
        return self._text(slot)

    def _count(self, slot: Slot) -> int:
        if slot.name == "age":
            return bounded(slot, self._rng.randint(24, 69))
        if slot.name.endswith("hour"):
            return bounded(slot, self._rng.choice(_HOURS))
        seen = [value for value in self._seen(slot) if isinstance(value, int) and not isinstance(value, bool)]
        if seen and max(seen) > 20 and self._rng.random() < 0.6:
            return bounded(slot, self._rng.choice(seen))
        low, high = slot.parameter.minimum or 0, slot.parameter.maximum or 9
        if high >= _MANY and slot.name in self._base and self._rng.random() < _AS_STORED:
            return bounded(slot, int(self._base[slot.name]))
        if high < _MANY:
            return bounded(slot, self._rng.choice((1, 1, 2, 2, 2, 3, 4)))
        middle = (max(low, 1) * high) ** 0.5 * self._rng.choice((0.3, 0.5, 0.7, 1, 1, 1.4))
        step = 10 ** max(0, len(str(int(middle))) - 1)
        return bounded(slot, max(1, round(middle / step * 2)) * step // 2 if step > 1 else round(middle))

    def _money(self, slot: Slot) -> int:
        if self._wish.amounts and self._tool.verb == "pay" and self._rng.random() < 0.7:
            return bounded(slot, self._rng.choice(self._wish.amounts))
        seen = sorted(value for value in self._seen(slot) if isinstance(value, int) and value > 0)
        if seen and self._rng.random() < 0.5:
            value = self._rng.choice(seen)
            return bounded(slot, max(100, round(value / 500) * 500))
        return bounded(slot, self._rng.choice(_ROUND) * 100)

    def _seen(self, slot: Slot) -> list[Any]:
        """Return the values that the columns a parameter has to do with hold, those of the tool's own table if it can."""
        own = [each for each in slot.related if each[0] == self._tool.subject]
        return [row.get(column) for table, column in (own or slot.related)[:2] for row in self._world.rows(table)[:60]]

    def _when(self, slot: Slot) -> str | None:
        now = datetime.strptime(self._view.now, STAMP)
        start = self._start_of(slot)
        if start is not None:
            return shaped(slot, start + timedelta(days=self._rng.choice((1, 2, 2, 3, 3, 4, 5, 7))))
        seen = [value for value in self._seen(slot) if isinstance(value, str) and value[:10] >= self._view.now[:10]]
        if seen and self._rng.random() < 0.6:
            return shaped(slot, parsed(self._rng.choice(seen), now))
        if self._places and self._rng.random() < 0.6:
            near = [
                value
                for place in self._places[:2]
                for value in place.row.values()
                if isinstance(value, str) and len(value) >= 10 and value[:4].isdigit() and value[4:5] == "-"
            ]
            if near:
                return shaped(
                    slot, parsed(self._rng.choice(near), now) + timedelta(days=self._rng.choice((-1, 0, 1, 2)))
                )
        day = now + timedelta(days=self._rng.choice((0, 1, 1, 2, 3, 4, 5, 6, 7, 9, 12, 14, 21)))
        hour, minute = self._rng.choice((8, 9, 10, 11, 13, 14, 15, 16, 18, 19)), self._rng.choice((0, 0, 30, 15))
        return shaped(slot, day.replace(hour=hour, minute=minute, second=0))

    def _start_of(self, slot: Slot) -> datetime | None:
        """Return the start of the interval whose end a parameter is."""
        if not any(word in slot.name for word in _ENDS):
            return None
        for name, value in self._given.items():
            if name != slot.name and name.startswith(_STARTS) and isinstance(value, str) and value[4:5] == "-":
                return parsed(value, None)
        return None

    def _text(self, slot: Slot) -> str | None:
        if slot.name in self._base:
            return str(self._base[slot.name])
        seen = [value for value in self._seen(slot) if isinstance(value, str) and value]
        return self._rng.choice(seen) if seen else None


def _accepted(cases: Iterable[Case]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for case in cases:
        if case.expect.status == "ok":
            found.setdefault(case.tool, []).append(case.arguments)
    return found
