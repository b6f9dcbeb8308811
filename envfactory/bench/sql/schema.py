"""What the database itself says of its schema: tables, columns, keys, references, enumerations.

Read from SQLite's catalogue through a session, so that it is what the tools will meet and not what a parser makes of
the text. Only the values of `CHECK (column IN (...))` are read from the text; SQLite does not tell them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from envfactory.sandbox.session import Session

_CATALOGUE = "FROM sqlite_schema m, {pragma} p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
_TABLES = (
    "SELECT m.name, m.type, m.sql, "
    "(SELECT l.strict FROM pragma_table_list(m.name) l WHERE l.schema = 'main') AS strict "
    "FROM sqlite_schema m WHERE m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY m.rowid"
)
_COLUMNS = f"SELECT m.name AS tbl, p.* {_CATALOGUE.format(pragma='pragma_table_xinfo(m.name)')} ORDER BY m.rowid, p.cid"
_REFERENCES = (
    f"SELECT m.name AS tbl, p.* {_CATALOGUE.format(pragma='pragma_foreign_key_list(m.name)')} "
    "ORDER BY m.rowid, p.id, p.seq"
)
_UNIQUES = (
    "SELECT m.name AS tbl, i.name AS idx, c.name AS col FROM sqlite_schema m, pragma_index_list(m.name) i, "
    "pragma_index_info(i.name) c WHERE m.type = 'table' AND i.\"unique\" AND NOT i.partial "
    "ORDER BY m.rowid, i.seq, c.seqno"
)
_ENUMERATION = re.compile(
    r"CHECK\s*\(\s*\"?(\w+)\"?\s+IN\s*\(((?:\s*(?:'(?:[^']|'')*'|-?\d+)\s*,?)+)\)\s*\)", re.IGNORECASE
)
_ITEM = re.compile(r"'((?:[^']|'')*)'|(-?\d+)")


@dataclass(frozen=True)
class Column:
    """One column. `type` is the declared one in capitals; `values` those its CHECK admits, if it lists them."""

    name: str
    type: str
    not_null: bool
    default: str | None = None
    values: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A foreign key: `columns` of the table refer to `to_columns` of `to_table`."""

    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True)
class TableFacts:
    """One table. `keys` are the column sets that identify a row: the primary key first, then the unique ones."""

    name: str
    sql: str
    strict: bool
    columns: dict[str, Column]
    primary_key: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Schema:
    """All tables by name; `others` are the schema's other objects as (type, name): triggers, views, indexes."""

    tables: dict[str, TableFacts]
    others: tuple[tuple[str, str], ...] = ()

    def column(self, table: str, column: str) -> Column | None:
        """Return a column, or None where there is none."""
        facts = self.tables.get(table)
        return facts.columns.get(column) if facts else None

    def named(self, column: str) -> list[str]:
        """Return the tables that have a column of this name."""
        return [name for name, facts in self.tables.items() if column in facts.columns]

    def target(self, table: str, column: str) -> tuple[str, str] | None:
        """Return the table and column that a single-column foreign key refers to."""
        return self._targets.get((table, column))

    @cached_property
    def _targets(self) -> dict[tuple[str, str], tuple[str, str]]:
        """The first single-column foreign key of each column."""
        return {
            (name, reference.columns[0]): (reference.to_table, reference.to_columns[0])
            for name, facts in self.tables.items()
            for reference in reversed(facts.references)
            if len(reference.columns) == 1
        }


def read_schema(session: Session) -> Schema:
    """Return the facts of the session's template image."""
    objects = session.query(_TABLES)
    columns, references, uniques = (_by_table(session.query(sql)) for sql in (_COLUMNS, _REFERENCES, _UNIQUES))
    keys = {row["name"]: _primary_key(columns.get(row["name"], [])) for row in objects if row["type"] == "table"}
    tables = {}
    for row in objects:
        name = row["name"]
        if row["type"] == "table":
            tables[name] = TableFacts(
                name=name,
                sql=row["sql"],
                strict=bool(row["strict"]),
                columns=_columns(columns.get(name, []), row["sql"]),
                primary_key=keys[name],
                keys=_keys(keys[name], columns.get(name, []), uniques.get(name, [])),
                references=_references(references.get(name, []), keys),
            )
    return Schema(tables, tuple((row["type"], row["name"]) for row in objects if row["type"] != "table"))


def _by_table(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["tbl"], []).append(row)
    return found


def _columns(rows: list[dict[str, Any]], sql: str) -> dict[str, Column]:
    values = {match[1]: _values(match[2]) for match in _ENUMERATION.finditer(sql)}
    return {
        row["name"]: Column(
            row["name"], row["type"].upper(), bool(row["notnull"]), row["dflt_value"], values.get(row["name"], ())
        )
        for row in rows
    }


def _values(text: str) -> tuple[str | int, ...]:
    return tuple(int(item[2]) if item[2] else item[1].replace("''", "'") for item in _ITEM.finditer(text))


def _primary_key(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(name for _, name in sorted((row["pk"], row["name"]) for row in rows if row["pk"]))


def _keys(
    primary: tuple[str, ...], columns: list[dict[str, Any]], uniques: list[dict[str, Any]]
) -> tuple[tuple[str, ...], ...]:
    not_null = {row["name"] for row in columns if row["notnull"]} | set(primary)
    indexes: dict[str, list[str]] = {}
    for row in uniques:
        indexes.setdefault(row["idx"], []).append(row["col"])
    found = [primary] if primary else []
    found += [tuple(names) for names in indexes.values() if set(names) <= not_null and set(names) != set(primary)]
    return tuple(found)


def _references(rows: list[dict[str, Any]], keys: dict[str, tuple[str, ...]]) -> tuple[Reference, ...]:
    grouped: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["id"], []).append(row)
    found = []
    for group in grouped.values():
        table = group[0]["table"]
        to = tuple(row["to"] for row in group)
        target = to if None not in to else keys.get(table, ())
        found.append(Reference(tuple(row["from"] for row in group), table, target))
    return tuple(found)
