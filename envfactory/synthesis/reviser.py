"""The rules reviser: mends what the gate's evidence points at, and says what was wrong.

In this order, each only where it applies: code that is not what the contracts compile to is compiled anew; a
parameter that changes nothing is given up; a tool that cannot be proven is given up, as long as an environment worth
having remains; stored cases that let mutants live are strengthened by inputs that tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from envfactory.environments.artefact import Environment, dump
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contract, Contracts, Parameter
from envfactory.environments.report import CheckResult
from envfactory.gate.bench import Bench, WorkerFactory
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design
from envfactory.synthesis.tester import strengthen, write_cases

FEWEST_TOOLS, FEWEST_WRITES = 6, 2
CASE_CHECKS = frozenset({"mutants", "accept", "reject"})
_UNPROVABLE = frozenset(
    {"contract-adequate", "contract-sound", "conforms", "edges", "reachable", "arguments", "relevant", "reject", "referential", "stateful"}
)


@dataclass(frozen=True)
class Repair:
    """What was wrong, which part, and the parts as they are now (None: kept)."""

    diagnosis: str
    faulty: list[Literal["code", "contracts", "seed", "tests"]]
    design: Design | None = None
    source: str | None = None
    cases: Cases | None = None


def repair(environment: Environment, design: Design, failures: Sequence[CheckResult], open_worker: WorkerFactory, *, seed: int) -> Repair:
    """Return the repair of a rejected environment; a Repair that replaces nothing where rules know none."""
    compiled = write_tools(design.contracts, design.schema_sql)
    if compiled != environment.tools_source and any(check.id not in CASE_CHECKS for check in failures):
        return Repair("the code is not what the contracts promise; compiled anew", ["code"], source=compiled)
    trimmed, given_up = _trim(design, failures)
    if given_up:
        cases = write_cases(environment.name, trimmed, open_worker, seed=seed)
        source = write_tools(trimmed.contracts, trimmed.schema_sql)
        return Repair("; ".join(given_up), ["contracts"], trimmed, source, cases)
    survivors = [item for check in failures if check.id == "mutants" for item in check.evidence]
    if survivors:
        with Bench(environment, open_worker, seed=seed) as bench:
            stronger = strengthen(environment.cases, survivors, bench)
        added = len(stronger.cases) - len(environment.cases.cases)
        return Repair(f"the cases let {len(survivors)} mutants live; {added} added", ["tests"], cases=stronger)
    names = ", ".join(check.id for check in failures)
    return Repair(f"no rule mends {names}", ["contracts"])


def _trim(design: Design, failures: Iterable[CheckResult]) -> tuple[Design, list[str]]:
    """Return the design without parameters and tools that failed to prove themselves, and what was given up."""
    contracts, said = design.contracts, []
    failing: dict[str, str] = {}
    for check in failures:
        for item in check.evidence if check.id in _UNPROVABLE else ():
            tool, parameter = str(item.get("tool", "")), item.get("parameter")
            if check.id == "relevant" and parameter and _optional(contracts, tool, str(parameter)):
                contracts = without_parameter(contracts, tool, str(parameter))
                said.append(f"{tool}: {parameter} changes nothing and is given up")
            elif tool:
                failing.setdefault(tool, check.id)
    for tool, check_id in failing.items():
        fewer = without_tool(contracts, tool)
        if fewer is not None:
            contracts = fewer
            said.append(f"{tool} does not pass {check_id} and is given up")
    return design.model_copy(update={"contracts": contracts}), said


def _optional(contracts: Contracts, tool: str, parameter: str) -> bool:
    return any(parameter in t.parameters and not t.parameters[parameter].required for t in contracts.tools if t.name == tool)


def without_tool(contracts: Contracts, tool: str) -> Contracts | None:
    """Return contracts without a tool, or None where too little would remain."""
    kept = [contract for contract in contracts.tools if contract.name != tool]
    writes = sum(contract.kind == "write" for contract in kept)
    if len(kept) == len(contracts.tools) or len(kept) < FEWEST_TOOLS or writes < FEWEST_WRITES or writes * 4 < len(kept):
        return None
    lifecycles = [
        life.model_copy(update={"transitions": {name: moves for name, moves in life.transitions.items() if name != tool}})
        for life in contracts.lifecycles
    ]
    return contracts.model_copy(update={"tools": kept, "lifecycles": lifecycles})


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


