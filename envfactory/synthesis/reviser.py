"""The rules reviser: mends what the gate's evidence points at, and says what was wrong.

In this order, the first that applies: code that is not what the contracts compile to is compiled anew; a parameter
that changes nothing, or a rule that no state can show, is given up; stored cases that let mutants live are
strengthened by inputs that tell them apart; a tool that cannot be proven is given up, as long as an environment worth
having remains.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from envfactory.bench.bench import Bench, WorkerFactory
from envfactory.environments.artefact import Environment, dump
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contract, Contracts, GuardStep, IdStep, Parameter, ValueStep
from envfactory.environments.report import CheckResult
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design
from envfactory.synthesis.tester import strengthen, write_cases

FEWEST_TOOLS, FEWEST_WRITES = 6, 2
CASE_CHECKS = frozenset({"mutants", "accept", "reject"})
_WHOLE_RULES = frozenset({"dropped-guard", "wrong-code"})


@dataclass(frozen=True)
class Repair:
    """What was wrong, which part, and the parts as they are now (None: kept)."""

    diagnosis: str
    faulty: list[Literal["code", "contracts", "seed", "tests"]]
    design: Design | None = None
    source: str | None = None
    cases: Cases | None = None


def repair(
    environment: Environment, design: Design, failures: Sequence[CheckResult], open_worker: WorkerFactory, *, seed: int
) -> Repair:
    """Return the repair of a rejected environment; a Repair that replaces nothing where rules know none."""
    compiled = write_tools(design.contracts, design.schema_sql)
    if compiled != environment.tools_source and any(check.id not in CASE_CHECKS for check in failures):
        return Repair("the code is not what the contracts promise; compiled anew", ["code"], source=compiled)
    contracts, given_up = _without_idle_parts(design.contracts, failures)
    if given_up:
        return _redesigned(environment, design, contracts, given_up, open_worker, seed)
    survivors = [item for check in failures if check.id == "mutants" for item in check.evidence]
    stronger = _strengthened(environment, survivors, open_worker, seed) if survivors else environment.cases
    if len(stronger.cases) > len(environment.cases.cases):
        added = len(stronger.cases) - len(environment.cases.cases)
        return Repair(f"the cases let {len(survivors)} mutants live; {added} added", ["tests"], cases=stronger)
    contracts, given_up = _without_worst_tool(design.contracts, failures)
    if given_up:
        return _redesigned(environment, design, contracts, given_up, open_worker, seed)
    return Repair(f"no rule mends {', '.join(check.id for check in failures)}", [])


def _strengthened(
    environment: Environment, survivors: list[dict[str, Any]], open_worker: WorkerFactory, seed: int
) -> Cases:
    with Bench(environment, open_worker, seed=seed) as bench:
        return strengthen(environment.cases, survivors, bench)


def _redesigned(
    environment: Environment,
    design: Design,
    contracts: Contracts,
    said: list[str],
    open_worker: WorkerFactory,
    seed: int,
) -> Repair:
    """Return the repair by other contracts: code and cases are written anew."""
    smaller = design.model_copy(update={"contracts": contracts})
    source = write_tools(contracts, design.schema_sql)
    return Repair(
        "; ".join(said), ["contracts"], smaller, source, write_cases(environment.name, smaller, open_worker, seed=seed)
    )


def _without_idle_parts(contracts: Contracts, failures: Iterable[CheckResult]) -> tuple[Contracts, list[str]]:
    """Give up optional parameters that change nothing, and rules that no reachable state can show."""
    said = []
    rules: dict[str, set[str]] = {}
    for check in failures:
        for item in check.evidence:
            tool, parameter, code = str(item.get("tool", "")), str(item.get("parameter", "")), str(item.get("code", ""))
            if check.id == "relevant" and _optional(contracts, tool, parameter):
                contracts = without_parameter(contracts, tool, parameter)
                said.append(f"{tool}: {parameter} changes nothing and is given up")
            elif check.id == "contract-adequate" and item.get("kind") in _WHOLE_RULES and code:
                rules.setdefault(tool, set()).add(code)
    for tool, codes in rules.items():
        contracts = without_rules(contracts, tool, codes)
        said.append(f"{tool}: no state shows {', '.join(sorted(codes))}, which is given up")
    return contracts, said


def _without_worst_tool(contracts: Contracts, failures: Iterable[CheckResult]) -> tuple[Contracts, list[str]]:
    """Give up the tool that most of the evidence is about, where enough remains."""
    blamed = Counter(str(item["tool"]) for check in failures for item in check.evidence if item.get("tool"))
    for tool, count in blamed.most_common():
        fewer = without_tool(contracts, tool)
        if fewer is not None:
            return fewer, [f"{tool} could not be proven ({count} pieces of evidence) and is given up"]
    return contracts, []


def _optional(contracts: Contracts, tool: str, parameter: str) -> bool:
    return any(
        parameter in t.parameters and not t.parameters[parameter].required for t in contracts.tools if t.name == tool
    )


def without_tool(contracts: Contracts, tool: str) -> Contracts | None:
    """Return contracts without a tool, or None where too little would remain."""
    kept = [contract for contract in contracts.tools if contract.name != tool]
    writes = sum(contract.kind == "write" for contract in kept)
    if (
        len(kept) == len(contracts.tools)
        or len(kept) < FEWEST_TOOLS
        or writes < FEWEST_WRITES
        or writes * 4 < len(kept)
    ):
        return None
    lifecycles = [
        life.model_copy(
            update={"transitions": {name: moves for name, moves in life.transitions.items() if name != tool}}
        )
        for life in contracts.lifecycles
    ]
    return contracts.model_copy(update={"tools": kept, "lifecycles": lifecycles})


def without_rules(contracts: Contracts, tool: str, codes: set[str]) -> Contracts:
    """Return contracts in which a tool has no guard with these codes."""
    changed = []
    for contract in contracts.tools:
        if contract.name != tool:
            changed.append(contract)
            continue
        steps = [step for step in contract.steps if not (isinstance(step, GuardStep) and step.otherwise in codes)]
        raised = {step.otherwise for step in steps if not isinstance(step, ValueStep | IdStep)}
        errors = {code: spec for code, spec in contract.errors.items() if code in raised}
        changed.append(contract.model_copy(update={"steps": steps, "errors": errors}))
    return contracts.model_copy(update={"tools": changed})


def without_parameter(contracts: Contracts, tool: str, parameter: str) -> Contracts:
    """Return contracts in which a tool's optional parameter always has its default."""
    changed = [_defaulted(contract, parameter) if contract.name == tool else contract for contract in contracts.tools]
    return contracts.model_copy(update={"tools": changed})


def _defaulted(contract: Contract, parameter: str) -> Contract:
    plain = dump(contract)
    literal = _literal(contract.parameters[parameter])
    parameters = {name: value for name, value in plain.pop("parameters").items() if name != parameter}
    return Contract.model_validate({**_substituted(plain, parameter, literal), "parameters": parameters})


def _literal(parameter: Parameter) -> str:
    value = parameter.default
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value) if isinstance(value, bool) else value)


def _substituted(value: Any, parameter: str, literal: str) -> Any:
    if isinstance(value, str):
        return re.sub(rf":{parameter}\b", lambda _: literal, value)
    if isinstance(value, list):
        return [_substituted(item, parameter, literal) for item in value]
    if isinstance(value, dict):
        return {key: _substituted(item, parameter, literal) for key, item in value.items()}
    return value
