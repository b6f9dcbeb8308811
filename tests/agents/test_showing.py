"""What the reviser is shown: evidence by tool, shared parts once, code and cases only where they are in question."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.agents.products import Brief, Code, RevisionRequest
from envfactory.agents.showing import MOST_EVIDENCE, documented, shown_design, shown_failure, shown_revision
from envfactory.environments.cases import Case, Cases, Expectation
from envfactory.environments.report import CheckResult
from envfactory.synthesis.design import Design
from tests.gate import harbour

HIRE = harbour.environment()
DESIGN = Design(schema_sql=HIRE.schema_sql, seed_rows=HIRE.seed_rows, contracts=HIRE.contracts)
ONE, OTHER = (tool.name for tool in HIRE.contracts.tools[:2])
CASES = [
    Case(id=f"{tool}/none", tool=tool, arguments={}, expect=Expectation(status="error", codes=["NO"]))
    for tool in (ONE, OTHER)
]


def failed(id: str, *evidence: dict[str, Any]) -> CheckResult:
    return CheckResult(id=id, status="fail", summary="s", evidence=list(evidence))


def revision(*failures: CheckResult) -> dict[str, Any]:
    brief = Brief(
        environment="boat_hire", domain="travel", title="t", summary="s", source="x", sha256="f", operations=[]
    )
    parts: dict[str, Any] = {
        "design": DESIGN,
        "code": Code(source=HIRE.tools_source),
        "cases": Cases(cases=CASES),
        "failures": [*failures],
    }
    return shown_revision(RevisionRequest(environment="boat_hire", domain="travel", brief=brief, revision=1, **parts))


def test_evidence_stands_by_tool_and_what_is_shared_is_said_once() -> None:
    items = [
        {"tool": tool, "remedy": "add rows", "what": what} for tool, what in ((ONE, "a"), (OTHER, "b"), (ONE, "c"))
    ]
    shown = shown_failure(failed("contract-adequate", *items))
    assert shown["remedy"] == "add rows"
    assert shown["evidence"] == {ONE: [{"what": "a"}, {"what": "c"}], OTHER: [{"what": "b"}]}


def test_whole_sources_of_mutants_are_left_out() -> None:
    shown = shown_failure(failed("mutants", {"tool": ONE, "what": "without: if", "source": "def f(): ..."}))
    assert shown["evidence"] == {ONE: [{"what": "without: if"}]}


def test_there_is_no_more_evidence_than_can_be_read() -> None:
    shown = shown_failure(failed("lint", *({"message": str(number)} for number in range(60))))
    assert (len(shown["evidence"]), shown["more evidence"]) == (MOST_EVIDENCE, 60 - MOST_EVIDENCE)


@pytest.mark.parametrize(
    ("check", "code", "cases"),
    [("contract-adequate", False, False), ("conforms", True, False), ("mutants", True, True)],
)
def test_code_and_cases_are_shown_where_they_are_in_question(check: str, code: bool, cases: bool) -> None:
    shown = revision(failed(check, {"tool": ONE, "what": "x"}))
    assert (f"def {ONE}(" in shown["source"], bool(shown["cases"])) == (code, cases)
    assert f"def {OTHER}(" not in shown["source"]


def test_evidence_that_names_no_tool_shows_all_code() -> None:
    shown = revision(failed("lint", {"message": "a module-level value"}))
    assert all(f"def {tool.name}(" in shown["source"] for tool in HIRE.contracts.tools)


def test_cases_are_those_of_the_tools_in_question_with_what_they_expect() -> None:
    shown = revision(failed("mutants", {"tool": ONE, "what": "x"}))
    assert [(case["tool"], case["expect"]) for case in shown["cases"]] == [(ONE, "NO")]


def test_rows_are_shown_short_and_of_long_tables_the_ends() -> None:
    rows = [{"id": number} for number in range(100)]
    shown = shown_design(DESIGN.model_copy(update={"seed_rows": {"t": rows}}), whole=True)["rows"]["t"]
    assert (shown["count"], shown["columns"], shown["rows"][0], shown["rows"][-1]) == (100, ["id"], [0], [99])


def test_an_operation_is_told_once_without_empty_places() -> None:
    parameter = {
        "name": "day",
        "location": "query",
        "required": True,
        "description": "The day.",
        "schema": {"type": "string"},
    }
    operation = {
        "id": "x",
        "method": "GET",
        "path": "",
        "summary": "",
        "description": "",
        "deprecated": False,
        "body": None,
    }
    told = documented({**operation, "parameters": [parameter], "responses": [], "errors": []})
    day = {"in": "query", "required": True, "description": "The day.", "type": "string"}
    assert told == {"id": "x", "method": "GET", "parameters": {"day": day}, "answers": [], "errors": []}


@pytest.mark.parametrize("location", ["body", "query"])
def test_a_body_whose_fields_stand_among_the_parameters_is_not_shown_again(location: str) -> None:
    parameter = {
        "name": "day",
        "location": location,
        "required": False,
        "description": "",
        "schema": {"type": "string"},
    }
    operation = {"id": "x", "responses": [], "errors": [], "parameters": [parameter]}
    told = documented({**operation, "body": {"schema": {"$ref": "#/schemas/Visit"}}})
    assert ("body" in told) == (location == "query")
