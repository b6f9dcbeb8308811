"""lint: code, contracts and schema hold to the rules and to each other, as far as can be seen without running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from envfactory.bench.bench import Bench
from envfactory.bench.sql.purity import timed_parameters
from envfactory.bench.sql.schema import read_schema
from envfactory.environments.report import CheckResult
from envfactory.gate.lint.agreements import agreement_findings, free_texts
from envfactory.gate.lint.arithmetic import float_findings
from envfactory.gate.lint.effects import effect_findings
from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Module, parse_module
from envfactory.gate.lint.promises import promise_findings
from envfactory.gate.lint.running import Desk
from envfactory.gate.lint.schemas import schema_findings
from envfactory.gate.lint.sets import set_findings
from envfactory.gate.lint.state import state_findings
from envfactory.gate.lint.statements import Statement, statements
from envfactory.sandbox import HandlerFault

_MOST_EVIDENCE = 60


def lint(bench: Bench) -> CheckResult:
    """Run every static rule; the evidence says where, what and how to mend it."""
    found = list(dict.fromkeys(_findings(bench)))
    rules = Counter(finding.rule for finding in found)
    tools = len(bench.contracts.tools)
    summary = f"{len(found)} objections: {', '.join(sorted(rules))}" if found else f"{tools} tools, no objections"
    return CheckResult(
        id="lint",
        status="fail" if found else "pass",
        summary=summary,
        measured={"objections": len(found), "rules": dict(sorted(rules.items()))},
        evidence=[finding.record() for finding in found[:_MOST_EVIDENCE]],
        rfc008=["static.layout", "static.dependency_pinning"],
    )


def _findings(bench: Bench) -> Iterator[Finding]:
    module = parse_module(bench.environment.tools_source)
    if isinstance(module, Finding):
        yield module
    else:
        yield from _code_findings(bench, module)
    try:
        schema = read_schema(bench.oracle)
    except HandlerFault as error:
        yield Finding(
            "schema", "schema.sql", f"schema and seed do not load: {error.message}", "mend what SQLite complains of"
        )
        return
    desk = Desk(bench, schema)
    yield from schema_findings(schema, bench.environment.schema_sql)
    yield from agreement_findings(bench.contracts, desk)
    if isinstance(module, Module):
        yield from _statement_findings(bench, module, desk)
        for contract in bench.contracts.tools:
            yield from float_findings(module, contract, schema)


def _code_findings(bench: Bench, module: Module) -> Iterator[Finding]:
    for rule in (state_findings, effect_findings, set_findings):
        yield from rule(module)
    yield from promise_findings(module, bench.contracts)
    yield from (found for found in statements(module) if isinstance(found, Finding))


def _statement_findings(bench: Bench, module: Module, desk: Desk) -> Iterator[Finding]:
    free = {contract.name: free_texts(contract) for contract in bench.contracts.tools}
    for found in statements(module):
        if isinstance(found, Statement):
            for objection in desk.objections(found.text, use=found.use):
                yield Finding(objection.rule, found.where, objection.message, objection.remedy, found.function.name)
            yield from _bindings(found, free.get(found.function.name, set()))


def _bindings(found: Statement, free: set[str]) -> Iterator[Finding]:
    given, wanted = found.given(), found.names()
    if given is not None and wanted - given:
        missing = ", ".join(sorted(wanted - given))
        yield Finding(
            "sql", found.where, f"no value is given for :{missing}", f"pass {missing}=...", found.function.name
        )
    for name in sorted(timed_parameters(found.text) & free):
        message = f":{name} is read as a time but may be any text, 'now' for one"
        yield Finding("clock", found.where, message, f"give {name} a date format in the contract", found.function.name)
