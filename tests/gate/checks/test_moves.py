"""Life cycles against what the contracts do: the row a call names, and no other."""

from typing import Any

from envfactory.bench.bench import Bench
from envfactory.gate.checks.moves import wrong_moves
from tests.gate import edits, harbour
from tests.support import LocalWorker


def test_the_boat_hire_keeps_its_life_cycle(bench: Bench) -> None:
    assert list(wrong_moves(bench)) == []


def test_a_move_out_of_a_last_state_is_told_with_its_call() -> None:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        tools["cancel_hire"]["steps"][2]["guard"] = "$hire.status IN ('pending', 'confirmed', 'completed')"

    with Bench(harbour.environment(contracts=edits.contracts(change)), LocalWorker) as wrong:
        told = list(wrong_moves(wrong))
    assert [item["tool"] for item in told] == ["cancel_hire"]
    assert "from completed to cancelled" in told[0]["message"]
