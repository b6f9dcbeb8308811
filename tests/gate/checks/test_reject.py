from typing import Any

from envfactory.environments.cases import Cases
from envfactory.gate.checks.reject import reject
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged, with_bug


def test_every_code_of_the_boat_hire_has_its_case(cases: Cases) -> None:
    result = judged(reject, harbour.environment(cases=cases))
    assert result.status == "pass"
    assert result.measured["codes"] == sum(len(tool.codes()) for tool in harbour.contracts().tools)


def test_a_code_without_a_case_is_told_with_a_witness(cases: Cases) -> None:
    fewer = Cases(cases=[case for case in cases.cases if case.expect.codes != ["WRONG_HARBOUR"]])
    result = judged(reject, harbour.environment(cases=fewer))
    assert [item["code"] for item in result.evidence] == ["WRONG_HARBOUR"]
    assert result.evidence[0]["witness"]["tool"] == "add_gear"


def test_a_case_in_which_two_things_fail_does_not_count(cases: Cases) -> None:
    double = {"hire_id": "hi_01", "gear_id": "gr_04"}  # completed, and the gear is at another harbour
    changed = [
        c.model_copy(update={"arguments": double}) if c.expect.codes == ["WRONG_HARBOUR"] else c for c in cases.cases
    ]
    result = judged(reject, harbour.environment(cases=Cases(cases=changed)))
    assert "WRONG_HARBOUR" in {item.get("code") for item in result.evidence}


def test_another_code_is_told(cases: Cases) -> None:
    result = with_bug(reject, "rate_boat", '"ALREADY_RATED"', '"NOT_COMPLETED"', cases=cases)
    assert result.status == "fail"
    assert result.evidence[0]["got"]["codes"] == ["NOT_COMPLETED"]


def test_a_refusal_that_wrote_first_is_told(cases: Cases) -> None:
    early = "    if quantity > item["
    write = '    context.execute("UPDATE gear SET free = 0 WHERE id = :id", id=gear_id)\n'
    result = with_bug(reject, "add_gear", early, write + early, cases=cases)
    assert result.status == "fail"
    assert result.evidence[0]["message"] == "refused, but wrote before"


def test_a_code_said_to_be_subsumed_must_be(cases: Cases) -> None:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        tools["add_gear"]["errors"]["WRONG_HARBOUR"]["subsumed_by"] = "INVALID_STATUS"
        tools["confirm_hire"]["errors"]["CUSTOMER_NOT_FOUND"]["subsumed_by"] = "NOT_YOUR_HIRE"

    result = judged(reject, harbour.environment(contracts=edits.contracts(change), cases=cases))
    assert [item["code"] for item in result.evidence] == ["WRONG_HARBOUR"]


def test_a_message_that_names_another_reason_is_told(cases: Cases) -> None:
    source = edits.in_tool("cancel_hire", ('"TOO_LATE", "The hire has begun."', '"TOO_LATE", "There is no such hire."'))
    result = judged(reject, edits.with_code(source, cases=cases))
    assert result.status == "fail"
    assert [(item["code"], item["expected"]) for item in result.evidence] == [("TOO_LATE", "The hire has begun.")]
