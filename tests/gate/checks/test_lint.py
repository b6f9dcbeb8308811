from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.environments.artefact import Environment
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.lint import lint
from tests.gate import edits, harbour
from tests.support import LocalWorker


def judged(environment: Environment) -> CheckResult:
    with Bench(environment, LocalWorker) as bench:
        return lint(bench)


def objections(**parts: Any) -> set[tuple[str, str]]:
    """Return (rule, tool) of each objection to the boat hire with some parts replaced."""
    return {(found["rule"], found.get("tool", "")) for found in judged(harbour.environment(**parts)).evidence}


def test_the_hand_written_environment_has_no_objections() -> None:
    result = judged(harbour.environment())
    assert result.status == "pass"
    assert result.measured == {"objections": 0, "rules": {}}


@pytest.mark.parametrize(
    ("tool", "old", "new", "rule"),
    [
        ("search_boats", "ORDER BY b.day_cents, b.id", "ORDER BY b.day_cents", "order"),
        ("search_boats", "b.berths >= :min_berths", "b.beds >= :min_berths", "sql"),
        ("search_boats", "limit=limit,", "", "sql"),
        ("get_boat", "*, boat_id: str)", "boat_id: str)", "signature"),
        ("get_boat", "*, boat_id: str)", "*, boat_id: int)", "signature"),
        ("get_boat", "*, boat_id: str)", "*, boat_id)", "signature"),
        ("get_boat", "*, boat_id: str)", "*, boat_id: str, more: bool)", "signature"),
        ("confirm_hire", "method: str)", "method: str = 'invoice')", "signature"),
        ("confirm_hire", '"METHOD_NOT_ALLOWED"', '"NOT_ALLOWED"', "codes"),
        (
            "add_gear",
            'raise ToolError("OUT_OF_STOCK", "There is not enough of it left.")',
            "quantity = item['free']",
            "codes",
        ),
        ("add_gear", 'ToolError("OUT_OF_STOCK"', 'ToolError(f"OUT_OF_{hire_id}"', "codes"),
        (
            "add_gear",
            'ToolError("OUT_OF_STOCK", "There is not enough of it left.")',
            'ValueError("none left")',
            "codes",
        ),
        ("add_gear", "SET free = free - :quantity", "SET free = free - :quantity, checked = date('now')", "clock"),
        ("cancel_hire", "else paid // 2", "else round(paid / 2)", "float"),
        ("cancel_hire", "else paid // 2", "else int(paid * 0.5)", "float"),
        ("rate_boat", "comment=comment", "comment=None", "ignored"),
    ],
)
def test_faults_of_code_are_named_by_rule_and_tool(tool: str, old: str, new: str, rule: str) -> None:
    found = objections(tools_source=edits.in_tool(tool, (old, new)))
    assert (rule, tool) in found


def test_a_public_helper_and_a_missing_tool_are_told() -> None:
    found = objections(tools_source=edits.code(("def get_boat(", "def show_boat(")))
    assert found == {("stray", ""), ("signature", "get_boat")}


@pytest.mark.parametrize("source", ["def get_boat(:", "def f():\n    return '\x00'", "(" * 500 + ")" * 500])
def test_source_that_cannot_be_read_is_one_objection(source: str) -> None:
    assert ("syntax", "") in objections(tools_source=source)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (
            "status TEXT NOT NULL CHECK (status IN ('ready', 'service')),",
            "status TEXT NOT NULL DEFAULT CURRENT_DATE,",
            "clock",
        ),
        ("  PRIMARY KEY (hire_id, gear_id)\n) STRICT", "  UNIQUE (hire_id, gear_id)\n) STRICT", "schema"),
        ("  country TEXT NOT NULL CHECK (length(country) = 2)\n) STRICT", "  country TEXT NOT NULL\n)", "schema"),
        (
            "REFERENCES harbours (id),\n  name TEXT NOT NULL,\n  stock",
            "REFERENCES harbours (country),\n  name TEXT,\n  stock",
            "schema",
        ),
        ("CREATE TABLE harbours", "CREATE VIEW all_boats AS SELECT 1;\nCREATE TABLE harbours", "schema"),
        ("CREATE TABLE harbours (", "CREATE TABLE harbours (,", "schema"),
    ],
)
def test_faults_of_the_schema_are_told(old: str, new: str, rule: str) -> None:
    assert rule in {found for found, _ in objections(schema_sql=edits.schema((old, new)))}


def _ref(tools: Any) -> None:
    tools["get_boat"]["parameters"]["boat_id"]["ref"] = "boats.number"


def _order(tools: Any) -> None:
    tools["get_boat"]["result"]["gear"]["rows"] = (
        "SELECT id AS gear_id FROM gear WHERE harbour_id = $boat.harbour_id ORDER BY name"
    )


def _column(tools: Any) -> None:
    tools["get_boat"]["result"]["berths"] = "$boat.beds"


def _effect_column(tools: Any) -> None:
    tools["confirm_hire"]["effects"][0]["set"] = {"state": "'confirmed'"}


def _effect_missing(tools: Any) -> None:
    del tools["rate_boat"]["effects"][0]["set"]["stars"]


def _clock(tools: Any) -> None:
    tools["book_boat"]["steps"][2]["guard"] = ":start_date >= date('now')"


def _first(tools: Any) -> None:
    tools["rate_boat"]["steps"][0]["row"] = (
        "SELECT h.* FROM hires h JOIN payments p ON p.hire_id = h.id WHERE p.method = 'card'"
    )


def _scalar(tools: Any) -> None:
    tools["compare_boats"]["result"]["cheapest_boat_id"] = "(SELECT id FROM boats ORDER BY day_cents LIMIT 1)"


def _expression(tools: Any) -> None:
    tools["book_boat"]["steps"][5]["guard"] = "$days <= = 14"


def _free_text(tools: Any) -> None:
    del tools["book_boat"]["parameters"]["start_date"]["format"]


def _lifecycle(tools: Any) -> None:
    tools[""]["lifecycles"][0]["transitions"]["sink_hire"] = [["pending", "cancelled"]]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_ref, "ref"),
        (_order, "order"),
        (_column, "column"),
        (_effect_column, "effect"),
        (_effect_missing, "effect"),
        (_clock, "clock"),
        (_first, "order"),
        (_scalar, "order"),
        (_expression, "sql"),
        (_free_text, "clock"),
        (_lifecycle, "schema"),
    ],
)
def test_faults_of_contracts_are_told(change: Any, rule: str) -> None:
    assert rule in {found for found, _ in objections(contracts=edits.contracts(change))}


def test_every_objection_says_where_and_how_to_mend_it() -> None:
    result = judged(edits.with_code(edits.in_tool("search_boats", ("ORDER BY b.day_cents, b.id", ""))))
    (found,) = result.evidence
    assert found["where"].startswith("tools.py:")
    assert "ORDER BY" in found["remedy"]
