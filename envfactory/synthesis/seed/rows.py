"""Rows of one table: what is given stands, the other columns are generated so that they fit each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from envfactory.errors import DesignError
from envfactory.runtime.context import make_id
from envfactory.synthesis.seed import moments, naming
from envfactory.synthesis.seed.bench import Row, check_pure
from envfactory.synthesis.seed.draws import bench_seed, stream
from envfactory.synthesis.seed.people import person
from envfactory.synthesis.seed.values import Drawing, from_generator, natural
from envfactory.synthesis.tables import Column, Table

_NULL_SHARE = 0.3
_USUAL_DEFAULT = 0.6
_TRIES = 60


class RowMaker:
    """Makes rows of a table. `keys(table)` gives the key values that references may take."""

    def __init__(self, table: Table, keys: Callable[[str], list[Any]], *, seed: int, now: str) -> None:
        self._table = table
        self._keys = keys
        self._seed, self._now = seed, now
        self._taken: dict[str, set[Any]] = {
            column.name: set() for column in table.columns.values() if self._is_unique(column)
        }

    @property
    def computed(self) -> list[tuple[str, str]]:
        """The columns that are SQL over the row, with their expressions; evaluated last, where not given."""
        found = []
        for column in self._table.columns.values():
            if column.seed is not None and column.seed.sql is not None:
                check_pure(column.seed.sql, self._place(column))
                found.append((column.name, column.seed.sql))
        return found

    def complete(self, index: int, given: Mapping[str, Any], attempt: int = 0) -> Row:
        """Return a whole row but for computed columns; another attempt draws other values."""
        row = dict(given)
        computed = {name for name, _ in self.computed}
        for column in self._order():
            if column.name not in row and column.name not in computed:
                row[column.name] = self._distinct(column, index, attempt, row)
        return {name: row[name] for name in self._table.columns if name in row}

    def keep(self, row: Mapping[str, Any]) -> None:
        """Remember the unique values of a row that was accepted."""
        for name, taken in self._taken.items():
            taken.add(row.get(name))

    def _is_unique(self, column: Column) -> bool:
        return column.unique or self._table.key == (column.name,) or (column.name,) in self._table.unique

    def _order(self) -> list[Column]:
        """The columns, the state of the life cycle first, because times depend on it."""
        cycle = self._table.lifecycle
        return sorted(self._table.columns.values(), key=lambda column: cycle is None or column.name != cycle.column)

    def _place(self, column: Column) -> str:
        return f"seed of {self._table.name}.{column.name}"

    def _distinct(self, column: Column, index: int, attempt: int, row: Row) -> Any:
        taken = self._taken.get(column.name)
        if taken is None:
            return self._value(column, self._drawing(column, index, attempt, row))
        for number in range(_TRIES):
            value = self._value(column, self._drawing(column, index, attempt + number, row))
            if value is None or _hashable(value) not in taken:
                taken.add(_hashable(value))
                return value
        raise DesignError(
            f"{self._place(column)}: there are not enough different values",
            remedy="give it more values, or ask for fewer rows",
        )

    def _drawing(self, column: Column, index: int, attempt: int, row: Row) -> Drawing:
        name, locales = self._table.name, column.seed.locale if column.seed else []
        return Drawing(
            rng=stream(self._seed, name, index, column.name, attempt),
            clock=self._now,
            person=person(self._seed, name, index if attempt == 0 else f"{index}.{attempt}", locales),
            index=index + attempt,
            noun=self._table.noun,
            place=self._place(column),
            row=row,
        )

    def _value(self, column: Column, drawing: Drawing) -> Any:
        if column.seed is not None:
            return from_generator(column.seed, column, drawing)
        if column.references:
            return self._reference(column, drawing)
        if self._table.key == (column.name,):
            return self._key(column, drawing)
        if column.format in ("date", "date-time") and (moment := self._moment(column, drawing)) != "":
            return moment
        if column.default is not None and not self._varies(column, drawing):
            return column.default
        if column.nullable and drawing.rng.random() < _NULL_SHARE:
            return None
        return natural(column, drawing)

    def _varies(self, column: Column, drawing: Drawing) -> bool:
        """Whether a column takes other values than its default: states do, choices and flags do at times."""
        if self._table.lifecycle is not None and self._table.lifecycle.column == column.name:
            return True
        chosen = bool(column.enum) or column.type == "boolean"
        return chosen and not column.read_only and drawing.rng.random() >= _USUAL_DEFAULT

    def _key(self, column: Column, drawing: Drawing) -> Any:
        if column.type == "integer":
            return drawing.index + 1
        return (
            natural(column, drawing)
            if column.enum
            else make_id(bench_seed(self._seed), self._table.prefix, drawing.index + 1)
        )

    def _reference(self, column: Column, drawing: Drawing) -> Any:
        if column.nullable and drawing.rng.random() < _NULL_SHARE:
            return None
        keys = self._keys(column.references or "")
        if keys:
            return drawing.rng.choice(keys)
        if column.nullable:
            return None
        raise DesignError(
            f"{drawing.place}: {column.references} has no rows to refer to",
            remedy=f"give {column.references} seed data, or drop this one",
        )

    def _moment(self, column: Column, drawing: Drawing) -> str | None:
        """A time that fits the row's state and when the row came about; "" where the row says nothing of it."""
        state = self._table.lifecycle and drawing.row.get(self._table.lifecycle.column)
        stem = column.name.removesuffix("_at").removesuffix("_on")
        if (
            column.nullable
            and self._table.lifecycle is not None
            and stem in _words(self._table, self._table.lifecycle.column)
        ):
            if state != stem:
                return None
        elif column.nullable or not (column.read_only or naming.is_made(column.name)):
            return ""
        begun = next((str(value) for name, value in drawing.row.items() if name.startswith("created") and value), "")
        first = begun or moments.some_time(moments.day(drawing.clock, drawing.rng.randint(-90, -1)), drawing.rng)
        made = first if not begun else moments.between(first, drawing.clock, drawing.rng)
        return made if column.format == "date-time" else made[:10]


def _words(table: Table, column: str) -> set[Any]:
    return set(table.columns[column].enum)


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict) else value
