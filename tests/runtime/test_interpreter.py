"""Contracts as they run: which codes are told, in what order, and what one statement takes together."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from envfactory.runtime.context import Context
from envfactory.runtime.episode import DictRows
from envfactory.runtime.interpreter import PreparedContract, Refusal

# Two guards stand side by side; the sum rests on the double before it; the last guard rests on both.
STEPS = [
    {"guard": ":n > 0", "else": "NOT_POSITIVE"},
    {"guard": ":n < 10", "else": "TOO_MANY"},
    {"let": "double", "value": ":n * 2"},
    {"let": "sum", "value": "$double + 1"},
    {"guard": "$sum <> 7 AND $double <> 40", "else": "UNLUCKY"},
    {"let": "row", "row": "SELECT :n AS v WHERE :n <> 5", "else": "GONE"},
    {"guard": "$row.v <> 30", "else": "THIRTY"},
]


def called(n: int, result: Any = "$sum") -> Any:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = DictRows()
    contract = PreparedContract({"name": "add", "steps": STEPS, "effects": [], "result": result})
    return contract(Context(db, "2026-03-01T09:00:00", 0), {"n": n})


def test_a_value_may_rest_on_the_one_before_it() -> None:
    assert called(4) == 9


@pytest.mark.parametrize(
    ("n", "codes"),
    [
        (0, ["NOT_POSITIVE"]),
        (3, ["UNLUCKY"]),
        (20, ["TOO_MANY", "UNLUCKY"]),
        (30, ["TOO_MANY", "THIRTY"]),
        (5, ["GONE"]),  # and nothing of the guard about the row that is not there
    ],
)
def test_every_failing_code_is_told_in_order(n: int, codes: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        called(n)
    assert refused.value.codes == codes


def test_fields_come_in_the_order_of_the_template_whatever_they_are() -> None:
    template = {"sum": "$sum", "even": {"boolean": ":n % 2 = 0"}, "rows": {"rows": "SELECT 1 AS one"}, "n": ":n"}
    assert list(called(4, template).items()) == [("sum", 9), ("even", True), ("rows", [{"one": 1}]), ("n", 4)]
