import pytest

from envfactory.bench.bench import Bench
from envfactory.gate.mutation.contract import contract_mutants


@pytest.mark.parametrize(
    ("tool", "kind", "place", "what"),
    [
        ("book_boat", "dropped-guard", "steps[5]", "without: $days <= 14"),
        ("book_boat", "boundary", "steps[5].guard", "$days <= 14 -> $days < 14"),
        ("book_boat", "wrong-code", "steps[5].else", "TOO_LONG -> BOAT_IN_SERVICE"),
        ("book_boat", "dropped-lookup", "steps[1]", "SELECT * FROM boats WHERE id = :boat_id may find nothing"),
        ("book_boat", "arithmetic", "steps[10].value", "$days * $boat.day_cents -> $days / $boat.day_cents"),
        ("book_boat", "dropped-effect", "effects[0]", "without: insert hires"),
        ("book_boat", "dropped-set", "effects[0].set", "hires.notes is not set"),
        ("cancel_hire", "dropped-condition", "effects[3]", "always, not when $refund_cents > 0"),
        ("cancel_hire", "dropped-where", "effects[1].where", "every row, not where hire_id = :hire_id"),
        ("confirm_hire", "dropped-field", "result", "no payment_id in the result"),
        ("add_gear", "default", "parameters.quantity.default", "default + 1"),
        ("book_boat", "parameter", "effects[0].set.start_date", ":start_date -> :end_date"),
    ],
)
def test_each_fault_is_made(bench: Bench, tool: str, kind: str, place: str, what: str) -> None:
    made = contract_mutants(bench.contracts.tool(tool), bench.inputs.schema)
    assert (kind, place, what) in {(mutant.kind, mutant.place, mutant.what) for mutant in made}


def test_a_mutant_shares_nothing_it_changes_with_the_true_contract(bench: Bench) -> None:
    first = contract_mutants(bench.contracts.tool("cancel_hire"), bench.inputs.schema)
    second = contract_mutants(bench.contracts.tool("cancel_hire"), bench.inputs.schema)
    assert first == second
    assert len({str(mutant.contract) for mutant in first}) == len(first)
