from dataclasses import replace

from envfactory.bench.bench import Bench
from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Cases
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.mutants import mutants
from envfactory.synthesis.tester import strengthen
from tests.gate import edits, harbour
from tests.support import LocalWorker


def judged(environment: Environment) -> CheckResult:
    with Bench(environment, LocalWorker) as bench:
        return mutants(bench)


def without(cases: Cases, *tools: str, code: str = "") -> Cases:
    kept = [case for case in cases.cases if case.tool not in tools or (code and code not in case.expect.codes)]
    return Cases(cases=kept)


def one_accepted_a_tool(cases: Cases) -> Cases:
    first = {case.tool: case.id for case in reversed(cases.cases) if case.expect.status == "ok"}
    return Cases(cases=[case for case in cases.cases if case.expect.status == "error" or case.id in first.values()])


def test_cases_strengthened_by_the_survivors_pass(cases: Cases) -> None:
    weak = one_accepted_a_tool(cases)
    first = judged(harbour.environment(cases=weak))
    with Bench(harbour.environment(cases=weak), LocalWorker) as bench:
        stronger = strengthen(weak, first.evidence, bench)
    second = judged(harbour.environment(cases=stronger))
    assert first.status == "fail"
    assert (second.status, second.measured["owed"]) == ("pass", 0)


def test_a_tool_without_cases_is_found_out(cases: Cases) -> None:
    result = judged(harbour.environment(cases=without(cases, "add_gear")))
    assert result.measured["tools"]["add_gear"] == 0.0
    assert {found["tool"] for found in result.evidence[:5]} == {"add_gear"}


def test_a_code_without_a_case_leaves_its_guard_owed(cases: Cases) -> None:
    result = judged(harbour.environment(cases=without(cases, "book_boat", code="TOO_LONG")))
    owed = {(found["kind"], found.get("code")) for found in result.evidence if found["tool"] == "book_boat"}
    assert {("dropped-guard", "TOO_LONG"), ("wrong-code", "TOO_LONG")} <= owed


def test_a_mutant_that_hangs_or_a_tool_that_cannot_be_read_is_no_end(cases: Cases) -> None:
    result = judged(harbour.environment(cases=cases, tools_source="def broken(:"))
    assert result.status == "fail"
    assert result.evidence[0]["rule"] == "syntax"


def test_a_case_that_the_code_fails_kills_nothing(cases: Cases) -> None:
    wrong = edits.in_tool("find_customer", ('"name": customer["name"]', '"name": customer["id"]'))
    environment = replace(harbour.environment(cases=cases), tools_source=wrong)
    assert judged(environment).measured["tools"]["find_customer"] < 0.85
