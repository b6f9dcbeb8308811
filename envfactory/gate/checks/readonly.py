"""read-only: read tools change nothing; write tools change only the tables and columns their effects declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envfactory.bench.agreement import call_of
from envfactory.bench.bench import Bench
from envfactory.environments.contract import Contract, Delete, Insert
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, one_a_tool, verdict

Allowed = dict[str, tuple[set[str], set[str]]]  # table: operations, columns of updates


def read_only(bench: Bench) -> CheckResult:
    """Hold every observed change of the code against what the contract declares."""
    faults: list[Evidence] = []
    calls = changes = 0
    for tool in bench.contracts.tools:
        allowed = declared(tool)
        probes = bench.inputs.for_tool(tool.name)
        for probe, observed in zip(probes, bench.observe(probes), strict=True):
            calls, changes = calls + 1, changes + len(observed.changes)
            strange = [change for change in observed.changes if not _is_declared(change, allowed)]
            if strange:
                faults.append({**call_of(probe), "part": "tools.py", "undeclared": strange[:3]})
    return verdict(
        "read-only",
        one_a_tool(faults, most=1),
        passed=f"{changes} changes in {calls} calls, all declared",
        failed="{} tools change what their contracts do not declare",
        measured={"calls": calls, "changes": changes},
        rfc008=["runtime.tool_declaration_accuracy"],
    )


def declared(tool: Contract) -> Allowed:
    """Return what a contract's effects may do, by table."""
    found: Allowed = {}
    for effect in tool.effects:
        if isinstance(effect, Insert):
            found.setdefault(effect.insert, (set(), set()))[0].add("insert")
        elif isinstance(effect, Delete):
            found.setdefault(effect.delete, (set(), set()))[0].add("delete")
        else:
            operations, columns = found.setdefault(effect.update, (set(), set()))
            operations.add("update")
            columns.update(effect.set)
    return found


def _is_declared(change: Mapping[str, Any], allowed: Allowed) -> bool:
    operations, columns = allowed.get(change["table"], (set(), set()))
    if change["op"] == "update" and {"insert", "delete"} <= operations:
        return True  # a row taken out and put in again
    return change["op"] in operations and (change["op"] != "update" or set(change["after"]) <= columns)
