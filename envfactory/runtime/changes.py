"""What a call changed, row by row, recorded by temporary triggers while it happens.

A change is `{"table", "op": "insert"|"update"|"delete", "key": [...], "before": {...}, "after": {...}}`: all columns
for an insert or delete, only the changed ones for an update. Changes are net (a row inserted and deleted again is no
change) and sorted by table and key, so two lists are equal exactly when the changes are.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

Change = dict[str, Any]
Values = tuple[Any, ...]
LOG = "_changes"


class Table(NamedTuple):
    """A table's columns in order, those of its primary key, and where these stand among the columns."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    places: tuple[int, ...]


def read_tables(db: sqlite3.Connection | sqlite3.Cursor) -> dict[str, Table]:
    """Return the tables of the main database by name; rows of `db` are dicts."""
    names = db.execute(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    ).fetchall()
    tables = {}
    for name in (row["name"] for row in names):
        info = db.execute("SELECT name, pk FROM pragma_table_info(:table) ORDER BY cid", {"table": name}).fetchall()
        columns = tuple(row["name"] for row in info)
        key = tuple(column for _, column in sorted((row["pk"], row["name"]) for row in info if row["pk"]))
        tables[name] = Table(name, columns, key, tuple(columns.index(column) for column in key))
    return tables


class ChangeLog:
    """Records changes of a connection; `mark` starts afresh, `net` tells what changed since."""

    def __init__(self, db: sqlite3.Connection, tables: dict[str, Table]) -> None:
        self._db = db
        self._plain = db.cursor()
        self._plain.row_factory = None
        self._tables = tables
        width = max((len(table.columns) for table in tables.values()), default=0)
        self._width = width
        slots = "".join(f", o{i}, n{i}" for i in range(width))
        db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {LOG} (seq INTEGER PRIMARY KEY, tbl, op{slots})")
        for table in tables.values():
            self._watch(table)
        columns = ["tbl", "op", *(f"o{i}" for i in range(width)), *(f"n{i}" for i in range(width))]
        self._read = f"SELECT {', '.join(columns)} FROM temp.{LOG} ORDER BY seq"

    def _watch(self, table: Table) -> None:
        old = [(f"o{i}", f'OLD."{column}"') for i, column in enumerate(table.columns)]
        new = [(f"n{i}", f'NEW."{column}"') for i, column in enumerate(table.columns)]
        for op, slots in (("insert", new), ("update", old + new), ("delete", old)):
            names, values = zip(*slots, strict=True)
            self._db.execute(
                f'CREATE TEMP TRIGGER IF NOT EXISTS "_log_{table.name}_{op}" AFTER {op} ON main."{table.name}" BEGIN '
                f"INSERT INTO {LOG} (tbl, op, {', '.join(names)}) VALUES ('{table.name}', '{op}', {', '.join(values)}); END"
            )

    def mark(self) -> None:
        """Forget what was recorded so far."""
        self._plain.execute(f"DELETE FROM temp.{LOG}")

    def net(self) -> list[Change]:
        """Return the net changes since the last mark."""
        # The connection's count of changes will not do: it lags behind a write whose cursor the tool has kept open.
        if self._plain.execute(f"SELECT 1 FROM temp.{LOG} LIMIT 1").fetchone() is None:
            return []  # most calls write nothing, and a row of the log is wide
        rows: dict[tuple[str, str], tuple[Table, Values | None, Values | None]] = {}
        for values in self._plain.execute(self._read).fetchall():
            table = self._tables[values[0]]
            size = len(table.columns)
            old = values[2 : 2 + size] if values[1] != "insert" else None
            new = values[2 + self._width : 2 + self._width + size] if values[1] != "delete" else None
            _record(rows, table, old, new)
        found = [_change(table, before, after) for table, before, after in rows.values() if before != after]
        return sorted(found, key=lambda change: (change["table"], repr(change["key"])))


Rows = dict[Table, set[Values]]


def read_rows(db: sqlite3.Connection) -> Rows:
    """Return all rows of a database by table; rows of `db` are plain tuples."""
    named = db.cursor()
    named.row_factory = lambda cursor, values: dict(zip([part[0] for part in cursor.description], values, strict=True))
    tables = read_tables(named)
    return {table: set(db.execute(f'SELECT * FROM main."{name}"')) for name, table in tables.items()}


def difference(before: Rows, after: Rows) -> list[Change]:
    """Return the net changes between two states, in the form of `ChangeLog.net`; ValueError where the tables differ.

    Tables are STRICT, so a column holds one storage class and equal values are the same value.
    """
    if list(before) != list(after):
        raise ValueError("the states have different tables")
    found: list[Change] = []
    for table, rows in before.items():
        gone, come = rows - after[table], after[table] - rows
        old = {repr(_key(table, row)): row for row in gone}
        new = {repr(_key(table, row)): row for row in come}
        found += [_change(table, old.get(key), new.get(key)) for key in {**old, **new}]
    return sorted(found, key=lambda change: (change["table"], repr(change["key"])))


def _key(table: Table, values: Values) -> list[Any]:
    return [values[place] for place in table.places]


def _record(rows: dict[Any, Any], table: Table, old: Values | None, new: Values | None) -> None:
    """Fold one logged change into the net ones; an update of the key is a delete and an insert."""
    if old is not None and new is not None and _key(table, old) != _key(table, new):
        _record(rows, table, old, None)
        _record(rows, table, None, new)
        return
    place = (table.name, repr(_key(table, old if old is not None else new or ())))
    first = rows[place][1] if place in rows else old
    rows[place] = (table, first, new)


def _change(table: Table, before: Values | None, after: Values | None) -> Change:
    key = _key(table, after if after is not None else before or ())
    if before is None or after is None:
        side, values = ("after", after) if before is None else ("before", before)
        row = dict(zip(table.columns, values or (), strict=True))
        return {"table": table.name, "op": "insert" if before is None else "delete", "key": key, side: row}
    moved = [
        i for i, column in enumerate(table.columns) if before[i] != after[i] or type(before[i]) is not type(after[i])
    ]
    return {
        "table": table.name,
        "op": "update",
        "key": key,
        "before": {table.columns[i]: before[i] for i in moved},
        "after": {table.columns[i]: after[i] for i in moved},
    }
