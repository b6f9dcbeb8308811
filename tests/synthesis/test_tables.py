"""Schemas to tables and SQL: keys, references, checks, and what contradicts itself."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from envfactory.errors import DesignError
from envfactory.synthesis.ddl import literal, schema_sql
from envfactory.synthesis.tables import read_tables
from tests.synthesis.documents import Change, schema, workshop


def database(*changes: Change) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.executescript(schema_sql(read_tables(workshop(*changes))))
    return db


def test_tables_come_in_the_order_of_their_references() -> None:
    tables = read_tables(workshop())

    assert list(tables) == ["customers", "bikes", "parts", "jobs", "job_parts"]
    assert tables["jobs"].references() == {"bike_id": "bikes", "helper_id": "customers"}


def test_prefixes_are_stated_or_made_from_the_noun_and_never_the_same() -> None:
    tables = read_tables(workshop())

    assert {table.name: table.prefix for table in tables.values()} == {
        "customers": "cu", "bikes": "bk", "parts": "pr", "jobs": "jb", "job_parts": "jp",
    }  # fmt: skip


def test_sql_reads_as_a_person_would_write_it() -> None:
    sql = schema_sql(read_tables(workshop()))

    assert sql[sql.index("CREATE TABLE bikes") : sql.index("CREATE TABLE parts")] == (
        "CREATE TABLE bikes (\n"
        "  id TEXT PRIMARY KEY,\n"
        "  customer_id TEXT NOT NULL REFERENCES customers (id),\n"
        "  weight REAL NOT NULL CHECK (weight <= 60 AND weight > 0),\n"
        "  colour TEXT NOT NULL CHECK (colour IN ('red', 'blue')),\n"
        "  gears INTEGER CHECK (gears >= 1),\n"
        "  frame_number TEXT,\n"
        "  tags TEXT NOT NULL CHECK (json_valid(tags)),\n"
        "  electric INTEGER NOT NULL CHECK (electric IN (0, 1)),\n"
        "  added_at TEXT NOT NULL CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', added_at, '+0 days') IS added_at),\n"
        "  UNIQUE (customer_id, frame_number),\n"
        "  CONSTRAINT light CHECK (weight < 50 OR gears > 1)\n"
        ") STRICT;\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("column", "value", "admitted"),
    [
        ("starts_on", "2026-02-28", True),
        ("starts_on", "2024-02-29", True),
        ("starts_on", "2026-02-31", False),
        ("starts_on", "2026-2-3", False),
        ("starts_on", "2026-02-28T00:00:00Z", False),
        ("starts_on", "now", False),
        ("opened_at", "2026-02-28T23:59:59Z", True),
        ("opened_at", "2026-02-28T24:00:00Z", False),
        ("opened_at", "2026-02-31T10:00:00Z", False),
        ("opened_at", "2026-02-28 10:00:00", False),
        ("state", "lost", False),
        ("fee_cents", -1, False),
        ("closed_at", None, True),
        ("bike_id", None, False),
    ],
)
def test_checks_admit_only_what_the_schema_says(column: str, value: Any, admitted: bool) -> None:
    db = database()
    job = {"id": "j", "bike_id": "b", "state": "open", "fee_cents": 0}
    row = {**job, "starts_on": "2026-05-12", "opened_at": "2026-05-12T08:00:00Z", column: value}
    statement = f"INSERT INTO jobs ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"

    try:
        db.execute(statement, list(row.values()))
    except sqlite3.DatabaseError:
        assert not admitted
    else:
        assert admitted


def test_a_composite_key_and_unique_columns_are_kept() -> None:
    db = database()
    db.execute("INSERT INTO job_parts VALUES ('j', 1, 1)")

    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*job_parts"):
        db.execute("INSERT INTO job_parts VALUES ('j', 1, 2)")


def test_a_name_refers_only_where_the_document_does_not_deny_it() -> None:
    denied = read_tables(
        workshop(lambda d: schema(d, "Bike")["properties"]["customer_id"].update({"x-env": {"references": None}}))
    )

    assert denied["bikes"].references() == {}


def rename_table(name: str) -> Change:
    return lambda document: schema(document, "Part")["x-env"].update(table=name)


def set_property(table: str, name: str, value: dict[str, Any]) -> Change:
    return lambda document: schema(document, table)["properties"].update({name: value})


def refer_to(table: str, kind: str) -> Change:
    return set_property("Part", "maker", {"type": kind, "x-env": {"references": table}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename_table("bikes"), "two schemas are the table bikes"),
        (rename_table("order"), "order is a word of SQL"),
        (set_property("Part", "group", {"type": "string"}), "group is a word of SQL"),
        (refer_to("makers", "string"), "makers, which is no table"),
        (refer_to("customers", "integer"), "key is of another type"),
        (refer_to("job_parts", "string"), "key has several columns"),
        (lambda d: schema(d, "Part")["x-env"].update(key=["code"]), "key names code"),
        (lambda d: schema(d, "Job")["x-env"]["lifecycle"].update(initial="new"), "speaks of 'new'"),
        (lambda d: schema(d, "Part")["x-env"].update(sede={}), "sede: Extra inputs are not permitted"),
        (lambda d: [each.pop("x-env", None) for each in d["components"]["schemas"].values()], "no schema is a table"),
    ],
)
def test_contradictions_are_named_with_their_place(change: Change, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        read_tables(workshop(change))


@pytest.mark.parametrize(
    ("value", "sql"),
    [(None, "NULL"), (True, "1"), (3, "3"), (0.5, "0.5"), ("it's", "'it''s'"), (["é"], "'[\"é\"]'")],
)
def test_literals(value: Any, sql: str) -> None:
    assert literal(value) == sql
