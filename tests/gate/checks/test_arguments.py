from typing import Any

from envfactory.bench.bench import Bench
from envfactory.bench.inputs.facts import ToolFacts
from envfactory.environments.contract import Contract
from envfactory.gate.checks.arguments import arguments
from envfactory.gate.checks.hostile import extreme_arguments, wrong_arguments
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged, with_bug

BOOK = {"customer_id": "cu_01", "boat_id": "bt_03", "start_date": "2026-06-01", "end_date": "2026-06-04", "crew": 2}


def facts(bench: Bench, tool: str) -> tuple[Contract, ToolFacts]:
    return bench.contracts.tool(tool), bench.inputs.facts[tool]


def test_the_boat_hire_answers_clearly() -> None:
    result = judged(arguments, harbour.environment())
    assert result.status == "pass"
    assert {"missing", "unknown parameter", "ill-typed", "out of range", "odd but admitted"} <= set(
        result.measured["sent"]
    )


def test_wrong_arguments_cover_each_parameter(bench: Bench) -> None:
    made = list(wrong_arguments(*facts(bench, "book_boat"), BOOK))
    crews = {repr(sent["crew"]) for _, sent in made if isinstance(sent, dict) and "crew" in sent}
    dates = {
        sent["start_date"] for _, sent in made if isinstance(sent, dict) and isinstance(sent.get("start_date"), str)
    }
    assert {"0", "13", "True", "1.5", repr(2**63), "'12'", "[]"} <= crews
    assert {"2026-02-31", "٢٠٢٦-٠٥-٢٠", "a\x00b", "\ud800"} <= dates


def test_a_whole_float_is_an_integer_and_not_wrong(bench: Bench) -> None:
    made = [sent for _, sent in wrong_arguments(*facts(bench, "book_boat"), BOOK)]
    assert all(sent.get("crew") != 2.0 or sent["crew"] == BOOK["crew"] for sent in made if isinstance(sent, dict))


def test_extremes_reach_the_ends_of_the_calendar(bench: Bench) -> None:
    ends = {made["end_date"] for made in extreme_arguments(*facts(bench, "book_boat"), BOOK)}
    assert {"0001-01-01", "9999-12-31"} <= ends


def test_code_that_fails_on_the_longest_text_is_told() -> None:
    result = with_bug(arguments, "cancel_hire", "reason=reason,", "reason=reason and reason[:50],")
    assert result.status == "fail"
    assert result.evidence[0]["tool"] == "cancel_hire"


def test_code_that_fails_at_the_end_of_the_calendar_is_told() -> None:
    lookahead = "    days = _days(start_date, end_date)\n    date(int(end_date[:4]) + 1, 1, 1)\n"
    result = with_bug(arguments, "search_boats", "    days = _days(start_date, end_date)\n", lookahead)
    assert result.status == "fail"
    assert result.evidence[0]["got"]["status"] == "crash"


def test_a_contract_that_fails_on_what_it_admits_is_told() -> None:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        tools["rate_boat"]["parameters"]["stars"] = {"type": "integer", "required": True}
        tools["rate_boat"]["steps"][0:0] = [{"let": "points", "value": "abs(:stars)"}]

    result = judged(arguments, harbour.environment(contracts=edits.contracts(change)))
    assert {item.get("part") for item in result.evidence} == {"contracts.json"}
