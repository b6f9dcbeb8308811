from typing import Any

import pytest

from envfactory.gate.checks.load import load
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged


def seed(**changed: Any) -> dict[str, Any]:
    return {**harbour.seed_rows(), **changed}


def test_the_boat_hire_loads() -> None:
    result = judged(load, harbour.environment())
    assert result.status == "pass"
    assert result.measured == {"tables": 8, "rows": 85, "invariants": 7, "faults": 0}


def test_a_row_that_refers_to_nothing_is_named() -> None:
    rows = [{**row, "harbour_id": "hb_atlantis"} for row in harbour.seed_rows()["boats"]]
    result = judged(load, harbour.environment(seed_rows=seed(boats=rows)))
    assert result.status == "fail"
    assert "harbours" in result.evidence[0]["message"]


def test_a_row_against_a_check_is_named() -> None:
    rows = [{**row, "kind": "submarine"} for row in harbour.seed_rows()["boats"]]
    result = judged(load, harbour.environment(seed_rows=seed(boats=rows)))
    assert "row 1 of boats" in result.evidence[0]["message"]


def test_a_broken_invariant_is_named() -> None:
    rows = [{**row, "total_cents": row["total_cents"] + 1} for row in harbour.seed_rows()["hires"]]
    result = judged(load, harbour.environment(seed_rows=seed(hires=rows)))
    assert {item.get("invariant") for item in result.evidence} >= {"totals", "paid"}


@pytest.mark.parametrize(
    ("source", "message"),
    [("def search_boats(:", "SyntaxError"), ("import os", "may not import os"), ("x = 1", "no function search_boats")],
)
def test_code_that_does_not_load_is_told_why(source: str, message: str) -> None:
    result = judged(load, harbour.environment(tools_source=source))
    assert (result.status, result.evidence[0]["part"]) == ("fail", "tools.py")
    assert message in result.evidence[0]["message"]


def test_a_schema_that_does_not_load_is_told_why() -> None:
    result = judged(
        load, harbour.environment(schema_sql=edits.schema(("CREATE TABLE boats (", "CREATE TABLE boats (+")))
    )
    assert (result.status, result.evidence[0]["part"]) == ("fail", "contracts, schema and seed")


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("harbours", lambda rows: rows[:0], "no row"),
        ("customers", lambda rows: [{**row, "name": "A", "licence": 1, "club": 1} for row in rows], "same"),
    ],
)
def test_a_trivial_seed_fails(table: str, change: Any, message: str) -> None:
    result = judged(load, harbour.environment(seed_rows=seed(**{table: change(harbour.seed_rows()[table])})))
    assert result.status == "fail"
    assert message == "no row" or message in result.evidence[0]["message"]
