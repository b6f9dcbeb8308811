import pytest

from envfactory.gate.checks.readonly import declared, read_only
from tests.gate import harbour
from tests.gate.checks.judging import judged, with_bug


def test_the_boat_hire_writes_what_it_declares() -> None:
    assert judged(read_only, harbour.environment()).status == "pass"


def test_declared_effects_by_table() -> None:
    assert declared(harbour.contracts().tool("cancel_hire")) == {
        "gear": ({"update"}, {"free"}),
        "hire_gear": ({"delete"}, set()),
        "hires": ({"update"}, {"status", "cancelled_at", "notes"}),
        "payments": ({"insert"}, set()),
    }


@pytest.mark.parametrize(
    ("tool", "old", "new"),
    [
        (
            "get_boat",
            "    if boat is None:",
            '    context.execute("UPDATE boats SET rating_count = 9 WHERE id = :id", id=boat_id)\n    if boat is None:',
        ),
        ("confirm_hire", "SET status = 'confirmed'", "SET status = 'confirmed', notes = 'paid'"),
        ("add_gear", "    return {", '    context.execute("DELETE FROM ratings")\n    return {'),
    ],
)
def test_an_undeclared_write_is_told(tool: str, old: str, new: str) -> None:
    result = with_bug(read_only, tool, old, new)
    assert (result.status, [item["tool"] for item in result.evidence]) == ("fail", [tool])
    assert result.evidence[0]["undeclared"]
