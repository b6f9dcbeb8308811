from typing import Any

import pytest

from envfactory.environments.cases import Cases
from envfactory.gate.checks.accept import accept
from tests.gate import harbour
from tests.gate.checks.judging import judged, with_bug


def altered(cases: Cases, id: str, **expect: Any) -> Cases:
    """Return cases of which one demands something else."""
    changed = [
        c.model_copy(update={"expect": c.expect.model_copy(update=expect)}) if c.id == id else c for c in cases.cases
    ]
    return Cases(cases=changed)


def test_the_first_cases_are_met(cases: Cases) -> None:
    result = judged(accept, harbour.environment(cases=cases))
    assert result.status == "pass"
    assert min(result.measured["cases"].values()) >= 3


@pytest.mark.parametrize(
    ("tool", "old", "new"),
    [
        ("get_boat", 'bool(boat["licence_required"])', 'boat["licence_required"]'),
        ("add_gear", "SET free = free - :quantity", "SET free = free - 1"),
        (
            "book_boat",
            "total_cents=total_cents,\n        created_at",
            "total_cents=total_cents + 1,\n        created_at",
        ),
    ],
)
def test_a_wrong_result_or_state_is_told(cases: Cases, tool: str, old: str, new: str) -> None:
    result = with_bug(accept, tool, old, new, cases=cases)
    assert result.status == "fail"
    assert result.evidence[0]["tool"] == tool


def test_a_tool_without_a_case_fails(cases: Cases) -> None:
    fewer = Cases(cases=[case for case in cases.cases if case.tool != "get_hire"])
    result = judged(accept, harbour.environment(cases=fewer))
    assert [item["tool"] for item in result.evidence] == ["get_hire"]


def test_a_case_that_the_contract_does_not_share_is_the_tests_fault(cases: Cases) -> None:
    wrong = altered(cases, "get_boat/accepts", result={"boat_id": "bt_01"})
    result = judged(accept, harbour.environment(cases=wrong))
    assert (result.status, result.evidence[0]["part"]) == ("fail", "tests.json")


def test_a_case_of_an_unknown_tool_is_told(cases: Cases) -> None:
    strange = cases.cases[0].model_copy(update={"id": "sink", "tool": "sink_boat"})
    result = judged(accept, harbour.environment(cases=Cases(cases=[*cases.cases, strange])))
    assert result.evidence[0]["message"] == "calls sink_boat"
