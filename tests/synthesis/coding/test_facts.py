"""What is known of values without running anything."""

from __future__ import annotations

import pytest

from envfactory.environments.contract import Contract, Parameter
from envfactory.synthesis.coding.facts import Fact, parameter_fact, row_facts, table_facts
from envfactory.synthesis.coding.scope import Scope

SCHEMA = """
CREATE TABLE trips (
  id TEXT PRIMARY KEY, line TEXT NOT NULL, day TEXT NOT NULL CHECK (date(day, '+0 days') IS day),
  seats INTEGER, price REAL NOT NULL, note TEXT
) STRICT;
CREATE TABLE stops (trip TEXT, n INTEGER, PRIMARY KEY (trip, n)) STRICT;
CREATE TABLE free (id TEXT PRIMARY KEY, what);
CREATE TABLE odd (id TEXT PRIMARY KEY, what ANY) STRICT;
"""
TABLES = table_facts(SCHEMA)
KEY = Fact("text", nullable=False)


def test_only_strict_tables_of_known_types_are_trusted() -> None:
    assert {name for name, columns in TABLES.items() if columns} == {"trips", "stops"}


def test_columns_know_kind_nulls_and_whether_they_are_moments() -> None:
    assert TABLES["trips"]["day"] == Fact("text", nullable=False, temporal=True)
    assert TABLES["trips"]["seats"] == Fact("number", nullable=True)
    assert TABLES["stops"] == {"trip": KEY, "n": Fact("number", nullable=False)}


@pytest.mark.parametrize(
    ("parameter", "fact"),
    [
        (Parameter(type="string", required=True, format="date"), Fact("text", nullable=False, temporal=True)),
        (Parameter(type="integer", default=1), Fact("number", nullable=False)),
        (Parameter(type="boolean"), Fact("number", nullable=True)),
        (Parameter(type="array", required=True, items=Parameter(type="string")), None),
    ],
)
def test_parameters(parameter: Parameter, fact: Fact | None) -> None:
    assert parameter_fact(parameter) == fact


@pytest.mark.parametrize(
    ("select", "known"),
    [
        ("SELECT * FROM trips WHERE id = :id", set(TABLES["trips"])),
        ("SELECT t.*, s.n FROM trips t JOIN stops s ON s.trip = t.id", {*TABLES["trips"], "n"}),
        ("SELECT t.id, price * 2 AS twice, upper(note) AS loud FROM trips t", {"id", "twice", "loud"}),
        ("SELECT * FROM trips LEFT JOIN stops ON trip = id", set()),
        ("SELECT * FROM trips NATURAL JOIN stops", set()),
        ("SELECT * FROM free", set()),
        ("SELECT id FROM trips UNION SELECT 1", set()),
        ("WITH x AS (SELECT 1 AS id) SELECT * FROM x", set()),
        ("not sql at all", set()),
    ],
)
def test_columns_of_a_looked_up_row(select: str, known: set[str]) -> None:
    assert set(row_facts(select, TABLES)) == known


@pytest.mark.parametrize(
    ("expression", "fact"),
    [
        ("CAST(julianday(:to) - julianday($trip.day) AS INTEGER)", Fact("number", nullable=False)),
        ("julianday(:note)", Fact("number", nullable=True)),
        ("$trip.seats * 2", Fact("number", nullable=True)),
        ("$trip.price * 2", Fact("number", nullable=False)),
        ("$trip.price / 2", Fact("number", nullable=True)),
        ("COALESCE($trip.seats, 0)", Fact("number", nullable=False)),
        ("(SELECT COUNT(*) FROM stops)", Fact("number", nullable=False)),
        ("(SELECT COUNT(*) FROM stops GROUP BY trip)", Fact("number", nullable=True)),
        ("(SELECT (SELECT COUNT(*) FROM stops) FROM trips)", Fact("number", nullable=True)),
        ("(SELECT SUM(n) FROM stops)", Fact("number", nullable=True)),
        ("(SELECT COALESCE(SUM(n), 0) FROM stops)", Fact("number", nullable=False)),
        ("(SELECT n FROM stops)", None),
        ("CASE WHEN :to > :note THEN 1 ELSE 2 END", Fact("number", nullable=False)),
        ("CASE WHEN :to > :note THEN 1 END", Fact("number", nullable=True)),
        ("CASE WHEN :to > :note THEN 1 ELSE 'a' END", None),
        ("$trip.line || :to", Fact("text", nullable=False)),
        ("$trip.line IS NULL", Fact("number", nullable=False)),
        ("$trip.seats IN (1, NULL)", Fact("number", nullable=True)),
        ("json_extract(:note, '$.a')", None),
    ],
)
def test_derived_values(expression: str, fact: Fact | None) -> None:
    scope = Scope(CONTRACT)
    scope.add_row("trip", row_facts("SELECT * FROM trips", TABLES), optional=False)

    scope.add_value("derived", expression)

    assert scope.fact("derived") == fact


def test_an_optional_row_can_be_missing_whole() -> None:
    scope = Scope(CONTRACT)

    scope.add_row("trip", row_facts("SELECT * FROM trips", TABLES), optional=True)

    assert scope.fact("trip__line") == Fact("text", nullable=True)
    assert scope.python("trip__line") == 'trip.get("line")'


CONTRACT = Contract.model_validate(
    {
        "name": "ask",
        "kind": "read",
        "description": "Ask.",
        "parameters": {"to": {"type": "string", "required": True, "format": "date"}, "note": {"type": "string"}},
        "result": {"to": ":to"},
    }
)
