import pytest

from envfactory.gate.checks.referential import referential
from tests.gate import harbour
from tests.gate.checks.judging import judged, with_bug


def test_the_boat_hire_keeps_its_constraints() -> None:
    result = judged(referential, harbour.environment())
    assert result.status == "pass"
    assert result.measured["accepted"] > 100


@pytest.mark.parametrize(
    ("tool", "old", "new", "invariant"),
    [
        (
            "cancel_hire",
            "SET free = free + :quantity",
            "SET free = free + 0 * :quantity",
            "stock",
        ),
        (
            "add_gear",
            "SET free = free - :quantity WHERE id = :id",
            "SET free = free - :quantity * 0 WHERE id = :id",
            "stock",
        ),
        ("confirm_hire", 'amount_cents=hire["total_cents"]', "amount_cents=100", "paid"),
    ],
)
def test_a_broken_invariant_is_found_in_the_state(tool: str, old: str, new: str, invariant: str) -> None:
    result = with_bug(referential, tool, old, new)
    assert result.status == "fail"
    assert invariant in {item.get("invariant") for item in result.evidence}
