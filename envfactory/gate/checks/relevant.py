"""relevant: every parameter matters: changing only it changes the result, the state or the error.

Told from the generated inputs, which hold many pairs of calls that differ in one parameter. Where no step of the
contract mentions the parameter, both calls must succeed and differ in more than the value given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import ProbeKey, Seen, probe_key
from envfactory.environments.contract import Contract, step_expression
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.runtime.expressions import translate

_ECHO = "(the value given)"


def relevant(bench: Bench) -> CheckResult:
    """Look for two calls of the code that differ in one parameter and in what comes of them."""
    faults: list[Evidence] = []
    matter = 0
    for tool in bench.contracts.tools:
        probes = bench.inputs.for_tool(tool.name)
        seen = list(zip(probes, bench.observe(probes), strict=True))
        for name in tool.parameters:
            if matters(name, seen, guarded=_is_guarded(tool, name)):
                matter += 1
            else:
                faults.append({"tool": tool.name, "parameter": name, "message": "changing it alone changes nothing"})
    return verdict(
        "relevant",
        faults,
        passed=f"all {matter} parameters change what comes of a call",
        failed="{} parameters are ignored",
        measured={"parameters": matter},
        rfc008=["runtime.tool_declaration_accuracy"],
    )


def matters(name: str, seen: Iterable[Seen], *, guarded: bool) -> bool:
    """Tell whether two of these calls differ in this parameter alone, and in what comes of them."""
    groups: dict[ProbeKey, list[Seen]] = {}
    for probe, observed in seen:
        rest = {other: value for other, value in probe.arguments.items() if other != name}
        groups.setdefault(probe_key(probe._replace(arguments=rest)), []).append((probe, observed))
    return any(_differ(name, group, guarded) for group in groups.values() if len(group) > 1)


def _is_guarded(tool: Contract, name: str) -> bool:
    return any(name in translate(step_expression(step)).names for step in tool.steps)


def _differ(name: str, group: list[Seen], guarded: bool) -> bool:
    """Tell whether a call that succeeds has a neighbour of which something else comes, beyond the echo."""
    accepted = [seen for seen in group if seen[1].ok]
    if not accepted:
        return False
    return any(_apart(name, accepted[0], other) for other in (group if guarded else accepted))


def _apart(name: str, one: Seen, other: Seen) -> bool:
    if one[1].status != other[1].status or one[1].code != other[1].code:
        return True
    if not one[1].ok or one[1].changes != other[1].changes:
        return one[1].changes != other[1].changes
    first, second = one[1].outcome["result"], other[1].outcome["result"]
    for probe, _ in (one, other):  # either's value may stand in both results without being an echo: take out both
        value = probe.arguments.get(name)
        first, second = without(first, value), without(second, value)
    return bool(first != second)


def without(result: Any, value: Any) -> Any:
    """Return a result with a value that was given replaced wherever it comes back."""
    if isinstance(result, dict):
        return {key: without(item, value) for key, item in result.items()}
    if isinstance(result, list):
        return [without(item, value) for item in result]
    return _ECHO if value is not None and type(result) is type(value) and result == value else result
