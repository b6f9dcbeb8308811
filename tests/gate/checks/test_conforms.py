import pytest

from envfactory.gate.checks.conforms import conforms
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged, tools_named, with_bug

BUGS = [
    ("search_boats", "ORDER BY b.day_cents, b.id", "ORDER BY b.id"),
    ("search_boats", "end_date > :start_date)", "end_date >= :start_date)"),
    ("search_boats", "b.berths >= :min_berths", "b.berths > :min_berths"),
    ("find_customer", "WHERE email = :email", "WHERE email LIKE :email"),
    ("find_customer", "WHERE email = :email", "WHERE lower(email) = lower(:email)"),
    ("list_hires", "ORDER BY h.start_date DESC, h.id", "ORDER BY h.start_date, h.id"),
    ("book_boat", "if days > 14:", "if days > 15:"),
    ("book_boat", "if start_date < context.today:", "if start_date <= context.today:"),
    ("book_boat", "status <> 'cancelled' AND start_date", "status = 'confirmed' AND start_date"),
    ("confirm_hire", 'amount_cents=hire["total_cents"]', 'amount_cents=hire["total_cents"] // 100 * 100'),
    ("add_gear", 'if quantity > item["free"]:', 'if item["free"] < 1:'),
    ("cancel_hire", ">= 7 else", "> 7 else"),
    ("cancel_hire", "paid // 2", "-(-paid // 2)"),
    (
        "rate_boat",
        "WHERE h.boat_id = :boat_id",
        "WHERE h.boat_id = :boat_id AND h.status = 'completed' AND r.stars > 1",
    ),
]


def test_the_hand_written_code_conforms() -> None:
    result = judged(conforms, harbour.environment())
    assert result.status == "pass"
    assert sum(result.measured["inputs"].values()) > 3000


@pytest.mark.parametrize(("tool", "old", "new"), BUGS)
def test_a_bug_is_found_in_its_tool(tool: str, old: str, new: str) -> None:
    result = with_bug(conforms, tool, old, new)
    assert result.status == "fail"
    assert tools_named(result) >= {tool}


def test_evidence_is_small_and_says_where_things_differ() -> None:
    result = with_bug(conforms, "rate_boat", "stars=stars,", "stars=5,")
    assert result.evidence[0]["tool"] == "rate_boat"
    places = {item["at"]: (item["expected"], item["got"]) for item in result.evidence[0]["differs"]}
    stored = [pair for at, pair in places.items() if at.startswith("changes.insert ratings") and at.endswith(".stars")]
    assert stored[0][0] != stored[0][1] == 5


def test_another_order_of_guards_is_no_difference() -> None:
    late = (
        '    if start_date < context.today:\n        raise ToolError("DATE_IN_PAST", "The start lies in the past.")\n'
    )
    place = "    total_cents = days * boat"
    source = edits.in_tool("book_boat", (late, ""), (place, late + place))
    assert judged(conforms, harbour.environment(tools_source=source)).status == "pass"


def test_a_crash_is_a_difference() -> None:
    result = with_bug(conforms, "get_boat", "if boat is None:", "if boat is Ellipsis:")
    assert result.status == "fail"
    assert result.evidence[0]["got"]["status"] == "crash"


def test_a_contract_that_crashes_is_a_fault_too() -> None:
    def change(tools: dict[str, dict[str, object]]) -> None:
        tools["get_boat"]["result"] = {"name": "no_such_function($boat.name)"}

    result = judged(conforms, harbour.environment(contracts=edits.contracts(change)))
    assert "get_boat" in tools_named(result)
