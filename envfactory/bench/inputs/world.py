"""The rows that arguments are drawn from: the seed, what set-up calls changed laid over it, and who belongs to whom.

Arguments that fit each other come from rows that do: a hire with its own customer, gear of the harbour where the boat
lies. Foreign keys say which rows those are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from envfactory.bench.sql.schema import Schema

Row = dict[str, Any]
_KEPT = 2_000  # answers about what is related
_FAR = 3  # foreign keys are followed this many steps up


class Place(NamedTuple):
    """A row with its table."""

    table: str
    row: Row


class _Line(NamedTuple):
    """A row's parents, and the row with all that its foreign keys lead to."""

    parents: tuple[Place, ...]
    ancestry: tuple[Place, ...]


class _Table:
    """Rows by key, with indexes made when first asked for."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.by_key = dict(rows)
        self.rows = list(self.by_key.values())
        self._indexes: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]] = {}

    def where(self, columns: tuple[str, ...], values: tuple[Any, ...]) -> list[Row]:
        if columns not in self._indexes:
            index: dict[tuple[Any, ...], list[Row]] = {}
            for row in self.rows:
                index.setdefault(tuple(row[column] for column in columns), []).append(row)
            self._indexes[columns] = index
        return self._indexes[columns].get(values, [])


class World:
    """See the module's docstring. A world does not change; `after` gives the next one."""

    def __init__(self, schema: Schema, tables: Mapping[str, list[Row]]) -> None:
        self.schema = schema
        self._lines: dict[tuple[str, int], _Line] = {}
        self._related: dict[tuple[str, tuple[int, ...]], tuple[tuple[Place, ...], list[Row]]] = {}  # with what it is of
        self._tables = {name: _Table({self._key(name, row): row for row in rows}) for name, rows in tables.items()}

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none where there is no such table."""
        found = self._tables.get(table)
        return found.rows if found else []

    def where(self, table: str, column: str, value: Any) -> list[Row]:
        """Return the rows whose column has this value."""
        found = self._tables.get(table)
        return found.where((column,), (value,)) if found and column in self.schema.tables[table].columns else []

    def after(self, changes: Iterable[Mapping[str, Any]]) -> World:
        """Return the world with a call's changes made."""
        moved: dict[str, dict[str, Row]] = {}
        for change in changes:
            rows = moved.setdefault(change["table"], dict(self._tables[change["table"]].by_key))
            key = repr(list(change["key"]))
            if change["op"] == "delete":
                rows.pop(key, None)
            else:
                rows[key] = {**rows.get(key, {}), **change["after"]}
        if not moved:
            return self
        twin = World(self.schema, {})
        twin._tables = {**self._tables, **{name: _Table(rows) for name, rows in moved.items()}}
        return twin

    def changed(self, changes: Iterable[Mapping[str, Any]]) -> list[Place]:
        """Return the rows that changes (made already) inserted or updated, inserted ones first."""
        ordered = sorted(changes, key=lambda change: change["op"] != "insert")
        found = (
            (change["table"], self._tables[change["table"]].by_key.get(repr(list(change["key"])))) for change in ordered
        )
        return [Place(table, row) for table, row in found if row is not None]

    def ancestry(self, place: Place) -> tuple[Place, ...]:
        """Return a row and those its foreign keys lead to, nearest first."""
        return self._line(place).ancestry

    def _line(self, place: Place) -> _Line:
        mark = place.table, id(place.row)
        known = self._lines.get(mark)
        if known is None:  # what is kept holds its row, so that no other row has the same id
            known = self._lines[mark] = self._traced(place)
        return known

    def _traced(self, place: Place) -> _Line:
        parents = self._parents(place)
        found, level = [place], [place]
        for depth in range(_FAR):
            above = [parents if depth == 0 else self._parents(child) for child in level]
            level = [parent for group in above for parent in group if parent not in found]
            found += level
        return _Line(tuple(parents), tuple(found))

    def children(self, place: Place, table: str) -> list[Row]:
        """Return the rows of `table` that refer to a row."""
        found = []
        for reference in self.schema.tables[table].references:
            if reference.to_table == place.table:
                found += self._tables[table].where(reference.columns, tuple(place.row[c] for c in reference.to_columns))
        return found

    def related(self, table: str, context: Iterable[Place]) -> list[Row]:
        """Return the rows of `table` that have most to do with the rows of a context (none if nothing has)."""
        held = tuple(context)
        mark = table, tuple([id(place.row) for place in held])
        known = self._related.get(mark)
        if known is None:
            if len(self._related) >= _KEPT:
                self._related.clear()
            known = self._related[mark] = held, self._nearest(table, held)
        return known[1]

    def _nearest(self, table: str, context: Iterable[Place]) -> list[Row]:
        scores: dict[int, int] = {}
        rows: dict[int, Row] = {}
        for place in context:
            for row in self._near(table, place):
                rows[id(row)] = row
                scores[id(row)] = scores.get(id(row), 0) + 1
        best = max(scores.values(), default=0)
        return [row for mark, row in rows.items() if scores[mark] == best]

    def _near(self, table: str, place: Place) -> list[Row]:
        if table not in self._tables:
            return []
        if place.table == table:
            return [place.row]
        parents = [row for to, row in self._line(place).parents if to == table]
        return parents or self.children(place, table)

    def _parents(self, place: Place) -> list[Place]:
        found = []
        for reference in self.schema.tables[place.table].references:
            values = tuple(place.row[column] for column in reference.columns)
            if reference.to_table in self._tables:
                rows = self._tables[reference.to_table].where(reference.to_columns, values)
                found += [Place(reference.to_table, row) for row in rows]
        return found

    def _key(self, table: str, row: Row) -> str:
        facts = self.schema.tables[table]
        return repr([row[column] for column in facts.primary_key or facts.columns])
