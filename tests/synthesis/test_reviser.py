"""The rules reviser: what it makes of the gate's evidence, on the boat hire."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.environments.artefact import Environment
from envfactory.environments.contract import Contract, Contracts
from envfactory.environments.report import CheckResult
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design
from envfactory.synthesis.reviser import Repair, repair, without_parameter, without_rules, without_tool
from tests.gate import harbour
from tests.support import LocalWorker


def failed(id: str, *evidence: dict[str, Any]) -> CheckResult:
    return CheckResult(id=id, status="fail", summary="", evidence=list(evidence))


def design() -> Design:
    environment = harbour.environment()
    return Design(schema_sql=environment.schema_sql, seed_rows=environment.seed_rows, contracts=environment.contracts)


def compiled(**parts: Any) -> Environment:
    source = write_tools(harbour.contracts(), design().schema_sql)
    return harbour.environment(**{"tools_source": source, **parts})


def mended(environment: Environment, *failures: CheckResult) -> Repair:
    return repair(environment, design(), failures, LocalWorker, seed=0)


def optional_parameter() -> tuple[str, str]:
    return next(
        (tool.name, name) for tool in harbour.contracts().tools for name, p in tool.parameters.items() if not p.required
    )


def test_code_that_is_not_what_the_contracts_say_is_compiled_anew() -> None:
    found = mended(compiled(tools_source="# something else\n"), failed("conforms", {"tool": "book"}))
    assert found.faulty == ["code"]
    assert found.source == compiled().tools_source


def test_a_parameter_that_changes_nothing_is_given_up() -> None:
    tool, parameter = optional_parameter()
    found = mended(compiled(), failed("relevant", {"tool": tool, "parameter": parameter}))
    assert found.design is not None
    assert parameter not in found.design.contracts.tool(tool).parameters
    assert f"{parameter}: " not in str(found.source).split(f"def {tool}(")[1].split("->")[0]


@pytest.mark.long
def test_surviving_mutants_are_answered_by_cases() -> None:
    environment = compiled()
    tool = next(tool for tool in environment.contracts.tools if tool.kind == "write" and tool.codes())
    start = environment.tools_source.index(f"def {tool.name}(")
    function = environment.tools_source[start:].split("\n\n\ndef ")[0]
    mutant = f"from typing import Any\n\n\n{function.replace('raise ToolError', 'ToolError')}\n"
    found = mended(environment, failed("mutants", {"tool": tool.name, "source": mutant}))
    assert found.faulty == ["tests"]
    assert found.cases is not None
    assert len(found.cases.cases) == len(environment.cases.cases) + 1


def test_where_no_rule_helps_it_says_so() -> None:
    found = mended(compiled(), failed("decontaminated"))
    assert (found.design, found.source, found.cases) == (None, None, None)
    assert "decontaminated" in found.diagnosis


def test_a_tool_is_given_up_only_where_enough_remains() -> None:
    contracts = harbour.contracts()
    names = [tool.name for tool in contracts.tools]
    fewer = without_tool(contracts, names[0])
    assert fewer is not None
    assert [tool.name for tool in fewer.tools] == names[1:]
    assert without_tool(contracts.model_copy(update={"tools": contracts.tools[:6]}), names[0]) is None


CONTRACTS = Contracts.model_validate(
    {
        "now": "2027-03-01T09:00:00Z",
        "tools": [
            {
                "name": "find",
                "kind": "read",
                "description": "Find.",
                "parameters": {"city": {"type": "string"}, "limit": {"type": "integer", "default": 5}},
                "steps": [
                    {"guard": ":limit > 0", "else": "TOO_FEW"},
                    {"guard": ":city IS NULL OR :city <> ''", "else": "NO_CITY"},
                ],
                "result": {"rows": "SELECT id FROM t WHERE city = :city ORDER BY id LIMIT :limit"},
                "errors": {"TOO_FEW": {"message": "Too few."}, "NO_CITY": {"message": "No city."}},
            }
        ],
    }
)


@pytest.mark.parametrize(("parameter", "literal"), [("city", "NULL"), ("limit", "5")])
def test_a_given_up_parameter_has_its_default_for_ever(parameter: str, literal: str) -> None:
    contract = without_parameter(CONTRACTS, "find", parameter).tool("find")
    text = contract.model_dump_json()
    assert parameter not in contract.parameters
    assert f":{parameter}" not in text
    assert literal in text


def test_a_given_up_rule_takes_its_code_along() -> None:
    contract: Contract = without_rules(CONTRACTS, "find", {"TOO_FEW"}).tool("find")
    assert contract.codes() == ["NO_CITY"]
    assert list(contract.errors) == ["NO_CITY"]
