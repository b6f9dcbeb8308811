"""Fills the tables one after the other, each from what its seed notes say (docs/extension.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from envfactory.environments.contract import Contracts, Insert
from envfactory.errors import DesignError
from envfactory.synthesis.annotations import SeedNotes
from envfactory.synthesis.seed.bench import Row, SeedBench, mentioned_tables
from envfactory.synthesis.seed.draws import stream
from envfactory.synthesis.seed.reference_data import fields, records
from envfactory.synthesis.seed.rows import RowMaker
from envfactory.synthesis.tables import Table, Tables

_ATTEMPTS = 40
_USUAL_COUNT, _CHILD_COUNT = 12, 24
_LARGEST = 4  # a draw from all cities takes from this many times as many of the largest


def fill_tables(tables: Tables, contracts: Contracts, bench: SeedBench, seed: int, remarks: list[str]) -> None:
    """Insert every table's rows, but for those that come from played calls."""
    played = any(table.seed and table.seed.calls for table in tables.values())
    made_by_tools = {effect.insert for tool in contracts.tools for effect in tool.effects if isinstance(effect, Insert)}
    for table in in_order(tables):
        notes = table.seed
        if notes is None:
            left_to_tools = played and table.name in made_by_tools
            notes = SeedNotes(count=0 if left_to_tools else _CHILD_COUNT if table.references() else _USUAL_COUNT)
        _Filling(table, tables, bench, seed, contracts.now, remarks).fill(notes)


def in_order(tables: Tables) -> list[Table]:
    """The tables, each after those it refers to and those its SQL mentions; the document's order otherwise."""
    waiting = dict(tables)
    ordered: list[Table] = []
    while waiting:
        ready = [name for name, table in waiting.items() if not _needs(table, tables) & (set(waiting) - {name})]
        if not ready:  # a circle: what only the SQL mentions has to wait
            ready = [
                name
                for name, table in waiting.items()
                if not set(table.references().values()) & (set(waiting) - {name})
            ]
        ordered.append(waiting.pop(ready[0] if ready else next(iter(waiting))))
    return ordered


def _needs(table: Table, tables: Tables) -> set[str]:
    sql = [column.seed.sql for column in table.columns.values() if column.seed and column.seed.sql]
    sql += table.seed.selects if table.seed else []
    return set(table.references().values()) | {name for text in sql for name in mentioned_tables(text, tables)}


class _Filling:
    """The filling of one table."""

    def __init__(self, table: Table, tables: Tables, bench: SeedBench, seed: int, now: str, remarks: list[str]) -> None:
        self._table, self._bench, self._seed, self._remarks = table, bench, seed, remarks
        self._place = f"seed of {table.name}"
        self._maker = RowMaker(table, lambda name: bench.keys(name, tables[name].key[0]), seed=seed, now=now)
        self._made = 0

    def fill(self, notes: SeedNotes) -> None:
        """Insert the rows of all sources: literal, dataset, SELECT, then generated ones up to the count."""
        self._insert(notes.rows, self._named)
        if notes.dataset:
            self._insert(self._records(notes), self._named)
        for select in notes.selects:
            self._insert(self._bench.select(select, self._place), self._named)
        missing = (notes.count or 0) - (0 if notes.dataset else self._made)
        if missing > 0 and not notes.dataset:
            self._insert([{}] * missing, self._dropped)

    def _records(self, notes: SeedNotes) -> list[Row]:
        dataset = notes.dataset or ""
        found = records(dataset, notes.where, place=self._place)
        named = notes.columns or {name: name for name in self._table.columns if name in fields(dataset)}
        wrong = [field for field in named.values() if field not in fields(dataset)]
        if wrong or not named:
            offered = ", ".join(fields(dataset))
            raise DesignError(
                f"{self._place}: {dataset} has no {wrong[0] if wrong else 'such column'}",
                remedy=f"its fields: {offered}",
            )
        if notes.count is not None and notes.count < len(found):
            pool = found[: max(notes.count * _LARGEST, notes.count)] if dataset == "cities" else found
            found = stream(self._seed, self._table.name, "dataset").sample(pool, notes.count)
        return [{column: record[field] for column, field in named.items()} for record in found]

    def _insert(self, given: Sequence[Row], fault: Callable[[int, Row, str], None]) -> None:
        """Insert rows; those refused are drawn anew where something in them is generated, and then left to `fault`."""
        for row in given:
            self._check_columns(row)
        waiting = list(enumerate(given, self._made))
        self._made += len(given)
        errors: dict[int, str] = {}
        for attempt in range(_ATTEMPTS):
            refused = []
            for chunk in self._chunks(waiting):
                refused += self._try(chunk, attempt, errors)
            waiting = [item for item in refused if set(item[1]) < set(self._table.columns)]
            for index, row in [item for item in refused if item not in waiting]:
                fault(index, row, errors[index])
            if not waiting:
                return
        for index, row in waiting:
            fault(index, row, errors[index])

    def _chunks(self, waiting: list[tuple[int, Row]]) -> list[list[tuple[int, Row]]]:
        """All at once, but where a table refers to itself: there later rows refer to earlier ones."""
        size = len(waiting)
        if self._table.name in self._table.references().values():
            size = max(size // 4, 1)
        return [waiting[start : start + size] for start in range(0, len(waiting), max(size, 1))]

    def _try(self, items: list[tuple[int, Row]], attempt: int, errors: dict[int, str]) -> list[tuple[int, Row]]:
        rows = [self._maker.complete(index, given, attempt) for index, given in items]
        computed = self._maker.computed
        found: list[str | None] = []
        for row, given in zip(rows, (given for _, given in items), strict=True):
            found += (
                self._bench.insert(self._table.name, [row], [each for each in computed if each[0] not in given])
                if computed
                else []
            )
        if not computed:
            found = self._bench.insert(self._table.name, rows, [])
        refused = []
        for item, row, error in zip(items, rows, found, strict=True):
            if error is None:
                self._maker.keep(row)
            else:
                errors[item[0]] = error
                refused.append(item)
        return refused

    def _check_columns(self, row: Row) -> None:
        unknown = [name for name in row if name not in self._table.columns]
        if unknown:
            raise DesignError(
                f"{self._place}: {self._table.name} has no column {unknown[0]}",
                remedy=f"its columns: {', '.join(self._table.columns)}",
            )

    def _named(self, index: int, row: Row, error: str) -> None:
        shown: dict[str, Any] = {name: row[name] for name in list(row)[:4]}
        raise DesignError(f"{self._place}, row {index + 1} {shown}: {error}", remedy="make the row meet the schema")

    def _dropped(self, index: int, _row: Row, error: str) -> None:
        self._remarks.append(f"{self._place}: row {index + 1} could not be generated ({error})")
