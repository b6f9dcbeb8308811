import re
from collections.abc import Iterator
from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import failing_codes
from envfactory.environments.cases import Cases
from envfactory.gate.checks.accept import probe_of
from envfactory.sandbox.session import Observation
from envfactory.synthesis.design import Design
from envfactory.synthesis.tester import expectation, first_cases, strengthen, write_cases
from tests.gate import edits, harbour
from tests.support import LocalWorker


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench(harbour.environment(), LocalWorker) as made:
        yield made


@pytest.fixture(scope="module")
def cases(bench: Bench) -> Cases:
    return first_cases(bench)


def test_every_tool_has_accepted_cases_and_one_refusal_a_code(cases: Cases) -> None:
    for tool in harbour.contracts().tools:
        own = cases.of(tool.name)
        assert sum(case.expect.status == "ok" for case in own) >= 3
        assert {code for case in own for code in case.expect.codes} == set(tool.codes())


def test_the_cases_are_few_and_readable(cases: Cases) -> None:
    assert len(cases.cases) <= 25 * len(harbour.contracts().tools)
    assert len({case.id for case in cases.cases}) == len(cases.cases)
    assert all(re.fullmatch(r"[a-z_]+/[a-z0-9-]+", case.id) and case.purpose for case in cases.cases)


def test_what_a_case_demands_is_what_the_contract_gives(bench: Bench, cases: Cases) -> None:
    seen = bench.observe((probe_of(case) for case in cases.cases), side="oracle")
    for case, observed in zip(cases.cases, seen, strict=True):
        if case.expect.status == "ok":
            assert (case.expect.result, case.expect.changes) == (observed.outcome["result"], observed.changes)
        else:
            assert case.expect.codes == failing_codes(observed)[:1]


def test_a_rule_with_an_edge_has_cases_on_both_its_sides(bench: Bench, cases: Cases) -> None:
    def nights(id: str) -> int:
        found = next(case for case in cases.cases if case.id == id).arguments
        return int(
            bench.oracle.query(
                "SELECT julianday(:e) - julianday(:s) AS n", {"s": found["start_date"], "e": found["end_date"]}
            )[0]["n"]
        )

    assert (nights("book_boat/too-long"), nights("book_boat/just-not-too-long")) == (15, 14)


def test_a_rule_that_turns_by_the_clock_has_cases_before_and_after(cases: Cases) -> None:
    refunds = {c.id: c.expect.result["refund_cents"] for c in cases.of("cancel_hire") if c.id.endswith("-the-turn")}
    before, after = refunds["cancel_hire/before-the-turn"], refunds["cancel_hire/after-the-turn"]
    assert before // 2 == after > 0  # in full a week ahead, by half later


def test_an_optional_parameter_has_a_case_in_which_it_matters(cases: Cases) -> None:
    given = {name for case in cases.of("search_boats") if case.expect.status == "ok" for name in case.arguments}
    assert given == set(harbour.contracts().tool("search_boats").parameters)


def test_the_same_design_and_seed_give_the_same_cases(cases: Cases) -> None:
    design = Design(
        schema_sql=harbour.environment().schema_sql,
        seed_rows=harbour.seed_rows(),
        contracts=harbour.contracts(),
        notes=[],
    )
    assert write_cases("boat_hire", design, LocalWorker) == cases


def mutant(tool: str, *change: edits.Edit, **more: Any) -> dict[str, Any]:
    """Return the evidence of a mutant of one tool: its whole module, of which the tool's function counts."""
    return {"tool": tool, "source": edits.in_tool(tool, *change), **more}


SURVIVOR = mutant("cancel_hire", (">= 7 else", ">= 8 else"))


def kills(bench: Bench, cases: Cases, evidence: dict[str, Any]) -> bool:
    """Tell whether one of the cases fails on a mutant."""
    bench.code.set_variant(evidence["tool"], evidence["source"])
    try:
        own = cases.of(evidence["tool"])
        seen = bench.code.probe(probe_of(case) for case in own)
        return any(
            (c.expect.result, c.expect.changes) != (o.outcome.get("result"), o.changes)
            for c, o in zip(own, seen, strict=True)
        )
    finally:
        bench.code.set_variant(evidence["tool"], None)


def test_a_survivor_is_answered_by_a_case_that_tells_it_apart(bench: Bench, cases: Cases) -> None:
    weak = Cases(cases=[case for case in cases.cases if case.tool != "cancel_hire"])
    stronger = strengthen(weak, [SURVIVOR], bench)
    assert [case.tool for case in stronger.cases[len(weak.cases) :]] == ["cancel_hire"]
    assert kills(bench, stronger, SURVIVOR)


def test_one_case_answers_many_mutants(bench: Bench) -> None:
    wrong_amount = mutant("cancel_hire", ("amount_cents=refund_cents", "amount_cents=refund_cents + 1"))
    stronger = strengthen(Cases(), [wrong_amount, {**wrong_amount}, SURVIVOR], bench)
    assert 1 <= len(stronger.cases) <= 2


def test_a_call_named_by_the_evidence_is_taken(bench: Bench) -> None:
    call = {"tool": "list_hires", "arguments": {"customer_id": "cu_01"}}
    survivor = mutant(
        "list_hires", ("ORDER BY h.start_date DESC, h.id", "ORDER BY h.start_date, h.id"), told_apart_by=call
    )
    stronger = strengthen(Cases(), [survivor], bench)
    assert [case.arguments for case in stronger.cases] == [{"customer_id": "cu_01"}]


@pytest.mark.parametrize(
    "evidence",
    [
        {"tool": "get_boat", "source": harbour.tools_source()},
        {"tool": "get_boat", "source": "def get_boat(:"},
        {"tool": "no_such_tool", "source": harbour.tools_source()},
        {"part": "tools.py", "message": "nothing to run"},
    ],
)
def test_evidence_that_nothing_can_answer_adds_nothing(bench: Bench, cases: Cases, evidence: dict[str, Any]) -> None:
    assert strengthen(cases, [evidence], bench) == cases


def test_of_several_codes_the_first_is_demanded() -> None:
    both = Observation({"status": "error", "code": "A", "codes": ["A", "B"], "message": ""}, [], [])
    assert expectation(both).codes == ["A"]
