"""Arguments drawn so that they are likely to be accepted: rows that belong together, dates ahead and in order.

Every value is one the schema admits. What is likely is not certain: the oracle says what was accepted, and the search
in `climb` starts from here.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from envfactory.bench.inputs.facts import Leaf, ToolFacts
from envfactory.bench.inputs.values import DATE, bounds, plain_text, shift_date, shift_stamp
from envfactory.bench.inputs.world import Place, Row, World
from envfactory.environments.contract import Parameter

_GAPS = (1, 1, 2, 2, 3, 4, 7)
_AHEAD = (0, 1, 2, 3, 5, 8, 14, 21, 30, 60, -1, -7)
_SHARE_OPTIONAL = 0.4


class Draw:
    """One drawing of a tool's arguments. `context` gathers the rows that later values should fit."""

    def __init__(self, facts: ToolFacts, world: World, now: str, rng: random.Random) -> None:
        self.facts = facts
        self.world = world
        self.now = now
        self.rng = rng
        self.context: list[Place] = []
        self._dates: list[str] = []
        self._focus: list[Place] = []

    def arguments(self, *, focus: Iterable[Place] = (), given: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return arguments; `focus` are rows to prefer, `given` values to keep."""
        self._focus = list(focus)
        for place in self._focus:
            self._remember(place)
        found = dict(given or {})
        for name, parameter in self._ordered():
            if name in found:
                self._dates += [found[name]] if parameter.format in ("date", "date-time") and found[name] else []
            elif parameter.required or self.rng.random() < _SHARE_OPTIONAL:
                found[name] = self.value(name, parameter)
        names = self.facts.contract.parameters
        return {name: found[name] for name in names if name in found and found[name] is not None}

    def value(self, path: str, parameter: Parameter) -> Any:
        """Draw one value, of whatever type."""
        if parameter.type == "array" and parameter.items is not None:
            return self._array(path, parameter)
        if parameter.type == "object":
            fields = (parameter.properties or {}).items()
            return {
                name: self.value(f"{path}.{name}", field) for name, field in fields if field.required or self._coin(0.6)
            }
        leaf = self.facts.leaves[path]
        for _ in range(4):
            value = self._scalar(leaf)
            if leaf.admits(value):
                return value
        return self._fallback(leaf)

    def _ordered(self) -> list[tuple[str, Parameter]]:
        """Rows first, those with most foreign keys before those they lead to; dates in the contract's order."""
        return sorted(self.facts.contract.parameters.items(), key=lambda item: self._rank(item[1]))

    def _rank(self, parameter: Parameter) -> int:
        if not parameter.ref or parameter.ref.split(".")[0] not in self.world.schema.tables:
            return 1
        table = parameter.ref.split(".")[0]
        preferred = any(place.table == table for place in self._focus)
        return -len(self.world.schema.tables[table].references) - 100 * preferred - 10 * parameter.required

    def _array(self, path: str, parameter: Parameter) -> list[Any]:
        assert parameter.items is not None
        fewest = max(parameter.min_items or 0, 0 if self._coin(0.1) else 1)
        most = max(fewest, min(parameter.max_items or 3, fewest + 2))
        items: list[Any] = []
        for _ in range(3 * most):
            if len(items) >= self.rng.randint(fewest, most):
                break
            item = self.value(f"{path}[]", parameter.items)
            if item not in items or not parameter.unique_items:
                items.append(item)
        return items

    def _scalar(self, leaf: Leaf) -> Any:
        parameter = leaf.parameter
        if parameter.enum is not None:
            return self.rng.choice(parameter.enum)
        if parameter.type == "boolean":
            return self._coin(0.5)
        if parameter.ref:
            return self._reference(leaf)
        if parameter.format in ("date", "date-time"):
            return self._date(leaf)
        if parameter.type in ("integer", "number"):
            return self._number(leaf)
        return (
            self._from_columns(leaf)
            if leaf.columns and self._coin(0.8)
            else plain_text(parameter, self.rng.randrange(3))
        )

    def _reference(self, leaf: Leaf) -> Any:
        if not leaf.columns:
            return plain_text(leaf.parameter)
        table, column = leaf.columns[0]
        rows = self._preferred(table) or self.world.rows(table)
        if not rows:
            return plain_text(leaf.parameter)
        row = self.rng.choice(rows)
        self._remember(Place(table, row))
        return row[column]

    def _preferred(self, table: str) -> list[Row]:
        focused = [place.row for place in self._focus if place.table == table]
        if focused and self._coin(0.9):
            return focused
        return self.world.related(table, self.context) if self._coin(0.85) else []

    def _date(self, leaf: Leaf) -> Any:
        value = self._later(leaf) if self._dates and self._coin(0.85) else self._some_day(leaf)
        if isinstance(value, str):
            self._dates.append(value)
        return value

    def _later(self, leaf: Leaf) -> str | None:
        last, gap = self._dates[-1], self.rng.choice(_GAPS)
        if leaf.parameter.format == "date":
            return shift_date(last, gap)
        return shift_stamp(last if "T" in last else f"{last}T09:00:00Z", hours=gap)

    def _some_day(self, leaf: Leaf) -> Any:
        if leaf.columns and self._coin(0.6):
            value = self._from_columns(leaf)
            if isinstance(value, str) and DATE.match(value):
                return self._as_format(leaf, value)
        days = self.rng.choice(_AHEAD) if self._coin(0.7) else self.rng.randint(0, 120)
        return self._as_format(leaf, shift_date(self.now, days) or self.now[:10])

    @staticmethod
    def _as_format(leaf: Leaf, value: str) -> str:
        if leaf.parameter.format == "date":
            return value[:10]
        return value if len(value) > 10 else f"{value}T10:00:00Z"

    def _number(self, leaf: Leaf) -> Any:
        parameter = leaf.parameter
        low = 1 if parameter.minimum is None else parameter.minimum
        kind = self.rng.random()
        if kind < 0.35 and leaf.columns:
            value = self._from_columns(leaf)
            return value if isinstance(value, int | float) else low
        if kind < 0.85 or parameter.maximum is None:
            return low + self.rng.choice((0, 0, 1, 1, 2, 3))
        return self.rng.choice((parameter.maximum, int(low + (parameter.maximum - low) * self.rng.random())))

    def _from_columns(self, leaf: Leaf) -> Any:
        for table, column in leaf.columns:
            near = [
                place.row[column] for place in self.context if place.table == table and place.row[column] is not None
            ]
            if near and self._coin(0.8):
                return self.rng.choice(near)
        table, column = leaf.columns[0] if self._coin(0.7) else self.rng.choice(leaf.columns)
        rows = self._preferred(table) or self.world.rows(table)
        return self.rng.choice(rows)[column] if rows else None

    def _fallback(self, leaf: Leaf) -> Any:
        parameter = leaf.parameter
        stock = [row[column] for table, column in leaf.columns for row in self.world.rows(table)]
        tried = [parameter.default, *stock, *bounds(parameter), plain_text(parameter), self.now[:10], self.now]
        return next((value for value in tried if value is not None and leaf.admits(value)), None)

    def _remember(self, place: Place) -> None:
        self.context += [near for near in self.world.ancestry(place) if near not in self.context]

    def _coin(self, share: float) -> bool:
        return self.rng.random() < share
