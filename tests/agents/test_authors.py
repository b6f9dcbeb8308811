"""The roles answered by a model, over real HTTP and in the real sandbox: what is shown, what is refused, what counts.

The scripted model answers with the parts of the boat hire, sometimes wrong first, as models are.
"""

from __future__ import annotations

import ast
import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from envfactory.agents import answers
from envfactory.agents.authors import LanguageAuthors
from envfactory.agents.products import (
    Brief,
    CitedOperation,
    Code,
    CodeRequest,
    ExploreRequest,
    Revision,
    RevisionRequest,
    TestRequest,
)
from envfactory.config import ModelConfig, ModelsConfig
from envfactory.environments.artefact import dump
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts
from envfactory.environments.report import CheckResult
from envfactory.errors import BadAnswer
from envfactory.models.backends import Backends
from envfactory.resources import catalogue
from envfactory.sandbox.doctor import diagnose
from envfactory.sandbox.session import Probe, Session
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design
from tests.agents.chat_server import ChatServer
from tests.gate import harbour

pytestmark = pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox")
HIRE = harbour.environment()
DESIGN = Design(schema_sql=HIRE.schema_sql, seed_rows=HIRE.seed_rows, contracts=HIRE.contracts)


class Model:
    """Answers from a list, one after the other; keeps what it was asked last."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = [json.dumps(answer) for answer in answers]
        self.asked: list[str] = []

    def __call__(self, body: dict[str, Any]) -> str:
        self.asked.append(str(body["messages"][-1]["content"]))
        return self._answers.pop(0)


def ask(model: Model, role: str, brief: Any) -> Any:
    with ChatServer(model).serving() as server, ThreadPoolExecutor(1) as executor:
        default = ModelConfig(model="openai:scripted", base_url=server.url, max_retries=0)
        authors = LanguageAuthors(Backends(ModelsConfig(default=default)), executor, lambda event: None, "auto")
        return asyncio.run(authors.answer(role, "boat_hire", 0, brief))


@pytest.fixture
def brief() -> Brief:
    entry = catalogue.entries("travel")[0]
    used = {tool.source.operation for tool in HIRE.contracts.tools if tool.source}
    return Brief(
        environment="boat_hire",
        domain="travel",
        title="Boats",
        summary="Hire boats.",
        source=f"catalogue:{entry.domain}/{entry.name}",
        sha256="f" * 64,
        operations=[CitedOperation(id=name, citation=f"#/{name}") for name in sorted(used)],
    )


def design_answer(**changes: Any) -> dict[str, Any]:
    plain = dump(HIRE.contracts)
    answer = {"schema_sql": HIRE.schema_sql, "seed_rows": HIRE.seed_rows, "now": plain["now"], "tools": plain["tools"]}
    return {**answer, "invariants": plain.get("invariants", []), "lifecycles": plain.get("lifecycles", []), **changes}


def test_the_explorer_may_only_choose_what_there_is() -> None:
    entry = catalogue.entries("travel")[0]
    source = f"catalogue:{entry.domain}/{entry.name}"
    good = {"environment": "small", "title": "Small", "summary": "S.", "operations": [{"id": "NOPE"}], "why": "w"}
    operation = catalogue_operation(source)
    model = Model(good, {**good, "operations": [{"id": operation}]})
    plan = ask(model, "explorer", ExploreRequest(domain="travel", resources=[source]))
    assert "no operation 'NOPE'" in model.asked[1]
    assert [item.id for item in plan.briefs[0].operations] == [operation]


def catalogue_operation(source: str) -> str:
    from envfactory.resources import sources

    return sources.load(source).operations[0].id


def test_a_design_that_does_not_load_goes_back(brief: Brief) -> None:
    rows = {**HIRE.seed_rows, "boats": []}
    model = Model(design_answer(seed_rows=rows), design_answer())
    design = ask(model, "schema_designer", brief)
    assert "missing row of boats" in model.asked[1]
    assert design.contracts.tools[0].source.resource == brief.sha256


def test_code_that_does_not_load_goes_back() -> None:
    model = Model({"source": "def book(:"}, {"source": HIRE.tools_source})
    code = ask(model, "coder", CodeRequest(environment="boat_hire", design=DESIGN))
    assert "does not load: SyntaxError" in model.asked[1]
    assert code.source == HIRE.tools_source


def proposal(tool: str, expect: str, **arguments: Any) -> dict[str, Any]:
    return {"id": f"{tool}/{expect.lower()}", "tool": tool, "arguments": arguments, "purpose": "p", "expect": expect}


def looked_up() -> tuple[str, str, str]:
    """A read tool of the boat hire with one parameter that names a row: its name, the parameter, the code."""
    for tool in HIRE.contracts.tools:
        required = [name for name, p in tool.parameters.items() if p.required]
        if (
            tool.kind == "read"
            and len(required) == 1
            and tool.parameters[required[0]].ref == "boats.id"
            and tool.codes()
        ):
            return tool.name, required[0], tool.codes()[0]
    raise AssertionError("the boat hire has no such tool")


def test_what_a_case_gives_is_decided_by_the_contract() -> None:
    tool, parameter, code = looked_up()
    wrong, right = proposal(tool, "ok", **{parameter: "bt_none"}), proposal(tool, code, **{parameter: "bt_none"})
    fine = proposal(tool, "ok", **{parameter: HIRE.seed_rows["boats"][0]["id"]})
    model = Model({"cases": [wrong, fine]}, {"cases": [right, fine]})
    cases = ask(model, "tester", TestRequest(environment="boat_hire", domain="travel", design=DESIGN))
    assert f"you expect ok, the contract gives {code}" in model.asked[1]
    assert [case.expect.status for case in cases.cases] == ["error", "ok"]
    assert cases.cases[1].expect.result


@pytest.mark.parametrize(
    ("expected", "stored"),
    [("HARBOUR_NOT_FOUND", ["HARBOUR_NOT_FOUND"]), ("INVALID_RANGE", ["HARBOUR_NOT_FOUND", "INVALID_RANGE"])],
)
def test_of_several_codes_that_fail_the_first_stands_alone_where_it_is_meant(expected: str, stored: list[str]) -> None:
    turned = {"harbour": "Nowhere", "start_date": "2026-05-20", "end_date": "2026-05-19"}
    case = answers.ProposedCase.model_validate(proposal("search_boats", expected, **turned))
    settled, wrong = answers.settle_cases([case], DESIGN, "auto")
    again = answers.refresh(settled, DESIGN, "auto")
    assert (wrong, [each.cases[0].expect.codes for each in (settled, again)]) == ("", [stored, stored])


def test_a_tester_corrects_what_was_wrong_and_the_rest_is_kept() -> None:
    tool, parameter, code = looked_up()
    fine = proposal(tool, "ok", **{parameter: HIRE.seed_rows["boats"][0]["id"]})
    wrong = {**proposal(tool, "ok", **{parameter: "bt_none"}), "id": f"{tool}/none"}
    model = Model({"cases": [wrong, fine]}, {"cases": [{**wrong, "expect": code}]})
    cases = ask(model, "tester", TestRequest(environment="boat_hire", domain="travel", design=DESIGN))
    assert sorted(case.id for case in cases.cases) == sorted([fine["id"], wrong["id"]])


def test_a_coder_corrects_functions_by_name() -> None:
    first = HIRE.contracts.tools[0].name
    found = next(node for node in ast.parse(HIRE.tools_source).body if getattr(node, "name", "") == first)
    renamed = HIRE.tools_source.replace(f"def {first}(", "def _renamed(")
    model = Model({"source": renamed}, {"functions": {first: ast.unparse(found)}})
    code = ask(model, "coder", CodeRequest(environment="boat_hire", design=DESIGN))
    assert first in model.asked[1]
    assert (f"def {first}(" in code.source, "def _renamed(" in code.source) == (True, True)


def test_what_is_called_faulty_must_be_mended(brief: Brief) -> None:
    tool, parameter, code = looked_up()
    added = proposal(tool, code, **{parameter: "bt_none"})
    idle = {"diagnosis": "the code is wrong", "faulty": ["code", "tests"], "added_cases": [added]}
    model = Model(idle, {**idle, "faulty": ["tests"]})
    revision = ask(model, "reviser", revision_request(brief, failed("mutants", tool)))
    assert "you say that code was wrong, but replace nothing of it" in model.asked[1]
    assert revision.faulty == ["tests"]


def test_a_reviser_may_say_that_nothing_mends_it(brief: Brief) -> None:
    model = Model({"diagnosis": "this is a benchmark's world", "faulty": []})
    revision = ask(model, "reviser", revision_request(brief, failed("decontaminated", HIRE.contracts.tools[0].name)))
    assert "nothing mends it" in model.asked[0]
    assert revision == Revision(diagnosis="this is a benchmark's world", faulty=[])


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"diagnosis": " ", "faulty": []}, "say in `diagnosis` why nothing mends it"),
        ({"diagnosis": "d", "faulty": [], "dropped_cases": ["one"]}, "`faulty` names nothing"),
    ],
)
def test_who_gives_up_says_why_and_replaces_nothing(brief: Brief, answer: dict[str, Any], fault: str) -> None:
    model = Model(answer, {"diagnosis": "no rows can show it", "faulty": []})
    revision = ask(model, "reviser", revision_request(brief, failed("mutants", HIRE.contracts.tools[0].name)))
    assert fault in model.asked[1]
    assert revision.diagnosis == "no rows can show it"


def failed(check: str, tool: str) -> CheckResult:
    return CheckResult(id=check, status="fail", summary="one lives", evidence=[{"tool": tool, "what": "without: if"}])


def revision_request(brief: Brief, failure: CheckResult) -> RevisionRequest:
    return RevisionRequest(
        environment="boat_hire",
        domain="travel",
        brief=brief,
        design=DESIGN,
        code=Code(source=HIRE.tools_source),
        cases=Cases(),
        failures=[failure],
        revision=1,
    )


def test_cases_that_a_changed_seed_no_longer_lets_play_are_dropped(brief: Brief) -> None:
    tool, parameter, code = looked_up()
    gone = HIRE.seed_rows["boats"][0]["id"]
    known = proposal(tool, "ok", **{parameter: gone})
    cases, wrong = answers.settle_cases([answers.ProposedCase.model_validate(known)], DESIGN, "auto")
    broken = [
        case.model_copy(update={"id": "set-up", "setup": [(tool, {parameter: "bt_none"})]}) for case in cases.cases
    ]
    refreshed = answers.refresh(Cases(cases=[*cases.cases, *broken]), DESIGN, "auto")
    assert wrong == ""
    assert [case.id for case in refreshed.cases] == [known["id"]]


def test_the_reviser_sees_the_evidence_and_mends_one_part(brief: Brief) -> None:
    tool, parameter, code = looked_up()
    added = proposal(tool, code, **{parameter: "bt_none"})
    model = Model({"diagnosis": "too few cases", "faulty": ["tests"], "added_cases": [added]})
    revision = ask(model, "reviser", revision_request(brief, failed("mutants", tool)))
    assert "without: if" in model.asked[0]
    assert (revision.design, revision.code, len(revision.cases.cases)) == (None, None, 1)


def test_answers_that_stay_bad_end_in_a_rejection() -> None:
    with pytest.raises(BadAnswer, match="coder: 3 bad answers"):
        ask(Model(*[{"source": "import os\n"}] * 3), "coder", CodeRequest(environment="boat_hire", design=DESIGN))


@pytest.mark.parametrize(
    "derived",
    [
        "(SELECT count(*) FILTER (WHERE kind = 'sail') FROM boats)",
        "(SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY kind ORDER BY id) AS n FROM boats))",
        "(WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT sum(n) FROM c)",
        "CASE $boat.kind WHEN 'sail' THEN 'S' ELSE NULL END",
        "($boat.kind, $boat.berths) = ('sail', 6)",
        "'{\"a\": 2}' ->> '$.a'",
        "-7 / 2 + $boat.day_cents % 5",
        "date($today, '+3 days', 'start of month')",
    ],
)
def test_what_a_contract_can_say_the_program_compiles_to_the_same(derived: str) -> None:
    plain = dump(HIRE.contracts)
    (tool,) = (tool for tool in plain["tools"] if tool["name"] == "get_boat")
    tool["steps"].append({"let": "derived", "value": derived})
    tool["result"]["derived"] = "$derived"
    design = DESIGN.model_copy(update={"contracts": Contracts.model_validate(plain)})
    compiled = write_tools(design.contracts, design.schema_sql)
    seen = []
    for source in (None, compiled):
        with Session(shared_sandbox("auto").open, answers.load_payload(design, source)) as session:
            seen += session.probe([Probe("get_boat", {"boat_id": "bt_01"}, (), None)])
    assert [each.status for each in seen] == ["ok", "ok"]
    assert seen[0].outcome["result"] == seen[1].outcome["result"]
