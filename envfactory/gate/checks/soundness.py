"""contract-sound: the contracts themselves can be trusted: rules cite their source, and invariants guard every table.

That an invariant guards is proved by breaking: the effects on each written table are made wrong in plausible ways
(dropped, doubled, off by one, another state), played on the oracle, and something must notice: an invariant or a
constraint of the schema. Life cycles are held against what accepted calls do.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import diverse
from envfactory.bench.inputs.facts import scalars
from envfactory.environments.contract import Contract, GuardStep
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.moves import wrong_moves
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.gate.checks.wrongwrites import Wrong, play_wrong, wrong_writes
from envfactory.sandbox.session import Probe

_BASES = 4
_AT_ONCE = 2  # tools in two workers


def contract_sound(bench: Bench) -> CheckResult:
    """Look for rules without a source, and make every written table's effects wrong."""
    faults = [fault for tool in bench.contracts.tools for fault in _uncited(tool)]
    written = sorted({table for tool in bench.contracts.tools for table in tool.writes()})
    if written and not bench.contracts.invariants:
        faults.append({"part": "contracts.json", "message": "there are no invariants"})
    faults += wrong_moves(bench)
    noticed = _noticed(bench)
    for table in written:
        played = [(wrong, seen) for wrong, seen in noticed if wrong.table == table]
        if not any(seen for _, seen in played):
            tried = sorted({wrong.how for wrong, _ in played})
            message = "no invariant or constraint notices a wrong write"
            faults.append({"part": "contracts.json", "table": table, "message": message, "tried": tried})
    caught = sum(bool(seen) for _, seen in noticed)
    return verdict(
        "contract-sound",
        faults,
        passed=f"{caught} of {len(noticed)} wrong writes to {len(written)} tables are noticed; all rules cite a source",
        failed="{} rules without source, tables without guard or moves against a life cycle",
        measured={"written": written, "wrong_writes": len(noticed), "noticed": caught},
        rfc008=["runtime.task_declaration_accuracy"],
    )


def _uncited(tool: Contract) -> Iterator[Evidence]:
    source = tool.source
    if source is None or not source.operation:
        yield {"tool": tool.name, "part": "contracts.json", "message": "names no operation of a resource"}
        return
    if source.citation:
        return
    for step in tool.steps:
        if isinstance(step, GuardStep) and not step.cite:
            yield {
                "tool": tool.name,
                "part": "contracts.json",
                "message": f"the guard of {step.otherwise} cites nothing",
            }
    for path, parameter in scalars(tool.parameters):
        if parameter.enum:
            yield {"tool": tool.name, "part": "contracts.json", "message": f"the values of {path} cite nothing"}


def _noticed(bench: Bench) -> list[tuple[Wrong, str]]:
    """Return each wrong write with what noticed it: an invariant's name, `constraint`, or nothing."""
    trials: list[tuple[Contract, list[Wrong], list[Probe]]] = []
    for tool in bench.contracts.tools:
        accepted = [seen for seen in bench.inputs.seen(tool.name) if seen[1].ok and seen[1].changes]
        bases = [probe for probe, _ in diverse(accepted, _BASES)]
        wrong = list(wrong_writes(tool, bench.inputs.schema))
        if bases and wrong:
            trials.append((tool, wrong, bases))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        played = pool.map(lambda trial: play_wrong(bench, *trial), trials)
        return [item for of_tool in played for item in of_tool]
