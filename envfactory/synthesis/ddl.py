"""schema.sql from the table model: STRICT tables as a person would write them.

Dates are checked with a modifier that does nothing (`date(x, '+0 days')`), because plain `date('2026-02-31')` gives its
argument back unchanged on the SQLite versions in use; the modifier makes it count the day.
"""

from __future__ import annotations

import json
import textwrap
from typing import Any

from envfactory.synthesis.tables import Column, Table, Tables

_TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "json": "TEXT"}
_COMMENT_WIDTH = 115


def schema_sql(tables: Tables) -> str:
    """Return the CREATE TABLE statements of all tables, in their order."""
    return "\n".join(_create(table, tables) for table in tables.values())


def literal(value: Any) -> str:
    """Return a value as an SQL literal: booleans as 0 and 1, lists and objects as JSON text."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "'" + text.replace("'", "''") + "'"


def facts(column: Column) -> str:
    """Return the condition every value of a column meets by its schema; empty where there is none."""
    conditions = [*_enumerated(column), *_bounded(column), *_formatted(column)]
    return " AND ".join(conditions)


def _create(table: Table, tables: Tables) -> str:
    comment = textwrap.wrap(table.description, _COMMENT_WIDTH)
    lines = [_column_line(column, table, tables) for column in table.columns.values()]
    if len(table.key) > 1:
        lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    lines += [f"UNIQUE ({', '.join(columns)})" for columns in table.unique]
    lines += [f"CONSTRAINT {name} CHECK ({condition})" for name, condition in table.checks.items()]
    body = ",\n".join(f"  {line}" for line in lines)
    head = "".join(f"-- {line}\n" for line in comment)
    return f"{head}CREATE TABLE {table.name} (\n{body}\n) STRICT;\n{_indexes(table)}"


def _indexes(table: Table) -> str:
    """An index on every reference that no key leads with: rows are found by their parents all the time."""
    led = {table.key[0], *(columns[0] for columns in table.unique)}
    led |= {column.name for column in table.columns.values() if column.unique}
    wanted = [column.name for column in table.columns.values() if column.references and column.name not in led]
    return "".join(f"CREATE INDEX {table.name}_by_{name} ON {table.name} ({name});\n" for name in wanted)


def _column_line(column: Column, table: Table, tables: Tables) -> str:
    parts = [column.name, _TYPES[column.type]]
    if table.key == (column.name,):
        parts.append("PRIMARY KEY")
    elif not column.nullable or column.name in table.key:
        parts.append("NOT NULL")
    if column.unique and table.key != (column.name,):
        parts.append("UNIQUE")
    if column.references:
        parts.append(f"REFERENCES {column.references} ({tables[column.references].key[0]})")
    if condition := facts(column):
        parts.append(f"CHECK ({condition})")
    return " ".join(parts)


def _enumerated(column: Column) -> list[str]:
    if column.type == "boolean":
        return [f"{column.name} IN (0, 1)"]
    return [f"{column.name} IN ({', '.join(map(literal, column.enum))})"] if column.enum else []


def _bounded(column: Column) -> list[str]:
    if column.type not in ("integer", "number"):
        return []
    name, low, high = column.name, column.minimum, column.maximum
    found = []
    if low is not None and high is not None:
        found.append(f"{name} BETWEEN {literal(low)} AND {literal(high)}")
    else:
        found += [f"{name} >= {literal(low)}"] if low is not None else []
        found += [f"{name} <= {literal(high)}"] if high is not None else []
    found += [f"{name} > {literal(column.above)}"] if column.above is not None else []
    found += [f"{name} < {literal(column.below)}"] if column.below is not None else []
    return found


def _formatted(column: Column) -> list[str]:
    name = column.name
    if column.type == "json":
        return [f"json_valid({name})"]
    if column.type != "string":
        return []
    if column.format == "date":
        return [f"date({name}, '+0 days') IS {name}"]
    if column.format == "date-time":
        return [f"strftime('%Y-%m-%dT%H:%M:%SZ', {name}, '+0 days') IS {name}"]
    return []
