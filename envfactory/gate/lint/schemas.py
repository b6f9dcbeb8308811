"""schema.sql: STRICT tables with primary keys, references that lead somewhere, nothing that acts by itself."""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.bench.sql.purity import impurities
from envfactory.bench.sql.schema import Schema, TableFacts
from envfactory.gate.lint.findings import Finding

FILE = "schema.sql"


def schema_findings(schema: Schema, text: str) -> Iterator[Finding]:
    """Yield every objection to the schema. `text` is schema.sql as it stands."""
    for impurity in impurities(text):
        yield Finding("clock", FILE, f"depends on {impurity}", "let the tools write times from the episode's clock")
    for kind, name in schema.others:
        if kind in ("trigger", "view"):
            yield Finding(
                "schema", f"{FILE} {name}", f"a {kind}", "state what happens in the contracts' effects and results"
            )
    for table in schema.tables.values():
        yield from _table(table, schema)


def _table(table: TableFacts, schema: Schema) -> Iterator[Finding]:
    where = f"{FILE} {table.name}"
    if not table.strict:
        yield Finding("schema", where, "not a STRICT table", "end CREATE TABLE with STRICT")
    if not table.primary_key:
        yield Finding("schema", where, "no primary key", "declare PRIMARY KEY")
    if "AUTOINCREMENT" in table.sql.upper():
        yield Finding(
            "schema", where, "AUTOINCREMENT keeps state outside the tables", "take ids from context.new_id(prefix)"
        )
    for column in table.primary_key:
        if not table.columns[column].not_null and table.columns[column].type == "ANY":
            yield Finding("schema", where, f"the key column {column} admits null", "declare it NOT NULL")
    for reference in table.references:
        yield from _reference(table, reference.columns, reference.to_table, reference.to_columns, schema)


def _reference(
    table: TableFacts, columns: tuple[str, ...], to: str, to_columns: tuple[str, ...], schema: Schema
) -> Iterator[Finding]:
    where, shown = f"{FILE} {table.name}", f"{', '.join(columns)} REFERENCES {to} ({', '.join(to_columns)})"
    target = schema.tables.get(to)
    if target is None:
        yield Finding("schema", where, f"{shown}: there is no table {to}", "refer to an existing table")
    elif not set(to_columns) <= set(target.columns) or not to_columns:
        yield Finding("schema", where, f"{shown}: there is no such column", "refer to the table's key")
    elif not any(set(key) == set(to_columns) for key in target.keys):
        yield Finding("schema", where, f"{shown}: not a key of {to}", "refer to a primary key or a UNIQUE column")
