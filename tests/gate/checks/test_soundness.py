from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.gate.checks.soundness import contract_sound
from envfactory.gate.checks.wrongwrites import wrong_writes
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged


def without_invariants(*names: str) -> Any:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        tools[""]["invariants"] = [item for item in tools[""]["invariants"] if item["name"] not in names]

    return harbour.environment(contracts=edits.contracts(change))


def test_the_boat_hire_is_sound() -> None:
    result = judged(contract_sound, harbour.environment())
    assert result.status == "pass"
    assert result.measured["written"] == ["boats", "gear", "hire_gear", "hires", "payments", "ratings"]


def test_a_contract_can_be_wrong_in_many_ways(bench: Bench) -> None:
    ways = {
        (wrong.table, wrong.how) for wrong in wrong_writes(bench.contracts.tool("confirm_hire"), bench.inputs.schema)
    }
    assert {
        ("hires", "update dropped"),
        ("payments", "insert done twice"),
        ("payments", "amount_cents = ($hire.total_cents) + 1"),
    } <= ways
    assert ("hires", "status = 'cancelled'") in ways


def test_a_written_table_that_nothing_guards_is_told() -> None:
    environment = without_invariants("stock", "totals", "paid", "refunds", "ratings_add_up", "no_overlap", "crew_fits")
    result = judged(contract_sound, environment)
    assert result.status == "fail"
    assert {"message": "there are no invariants", "part": "contracts.json"} in result.evidence


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tool: tool.pop("source"), "names no operation"),
        (
            lambda tool: (tool["source"].pop("citation"), tool["steps"][1].pop("cite")),
            "the guard of NOT_YOUR_HIRE cites nothing",
        ),
    ],
)
def test_a_rule_without_a_source_is_told(change: Any, message: str) -> None:
    contracts = edits.contracts(lambda tools: change(tools["get_hire"]))
    result = judged(contract_sound, harbour.environment(contracts=contracts))
    assert result.status == "fail"
    assert message in result.evidence[0]["message"]
