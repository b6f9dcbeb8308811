import pytest

from envfactory.gate.checks.isolated import isolated
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged

CLAIMS = {"a module that ran behaves as one freshly loaded", "a read shows this episode's state and no other's"}


def test_the_boat_hire_is_isolated() -> None:
    result = judged(isolated, harbour.environment())
    assert (result.status, result.measured["claims"]) == ("pass", 30)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "    hire = _own_hire(context, hire_id, customer_id)\n    gear",
            "    known = get_hire.__dict__\n    if hire_id not in known:\n"
            "        known[hire_id] = _own_hire(context, hire_id, customer_id)\n    hire = known[hire_id]\n    gear",
        ),
        (
            '    hire_id = context.new_id("hi")',
            '    book_boat.count = getattr(book_boat, "count", 0) + 1\n    hire_id = f"hi_{book_boat.count}"',
        ),
    ],
)
def test_state_kept_on_a_function_is_found(old: str, new: str) -> None:
    result = judged(isolated, harbour.environment(tools_source=edits.code((old, new))))
    assert result.status == "fail"
    assert {item["claim"] for item in result.evidence} & CLAIMS
