"""arguments: whatever is sent, a clear error comes back in time and nothing changes; what is odd but admitted works.

Wrong arguments must be refused as such. Odd ones (wildcards, quotes, the last day of the calendar, the longest text)
must give what the contract gives, which must not fail on them either.
"""

from __future__ import annotations

from collections import Counter

from envfactory.bench.agreement import agrees, brief, difference, printable
from envfactory.bench.bench import Bench
from envfactory.environments.contract import Contract
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.hostile import extreme_arguments, wrong_arguments
from envfactory.gate.checks.verdicts import Evidence, one_a_tool, verdict
from envfactory.runtime.arguments import INVALID_ARGUMENT
from envfactory.sandbox.session import Probe


def arguments(bench: Bench) -> CheckResult:
    """Send each tool wrong and odd arguments, derived from a call that it accepts."""
    counts: Counter[str] = Counter()
    faults: list[Evidence] = []
    for tool in bench.contracts.tools:
        accepted = bench.inputs.accepted(tool.name)
        if not accepted:
            faults.append({"tool": tool.name, "message": "no generated call is accepted"})
            continue
        if bench.stuck_at(tool.name) is not None:
            faults.append({"tool": tool.name, "part": "tools.py", "message": f"not tried: {bench.stuck_at(tool.name)}"})
            continue
        fullest = max(accepted[:40], key=lambda probe: (not probe.setup, len(probe.arguments)))
        faults += _wrong(bench, tool, fullest, counts)
        faults += _odd(bench, tool, fullest, counts)
    return verdict(
        "arguments",
        one_a_tool(faults),
        passed=f"{sum(counts.values())} odd and wrong argument sets are answered clearly",
        failed="{} kinds of arguments are not answered clearly",
        measured={"sent": dict(sorted(counts.items()))},
        rfc008=["runtime.observation_schema", "runtime.resource_bounds"],
    )


def _wrong(bench: Bench, tool: Contract, base: Probe, counts: Counter[str]) -> list[Evidence]:
    sent = list(wrong_arguments(tool, bench.inputs.facts[tool.name], base.arguments))
    counts.update(what for what, _ in sent)
    probes = [base._replace(arguments=made) for _, made in sent]
    faults = []
    for (what, made), got in zip(sent, bench.observe(probes), strict=True):
        if got.code != INVALID_ARGUMENT or got.changes or not got.outcome.get("message"):
            faults.append({"tool": tool.name, "wrong": what, "arguments": printable(made), "got": brief(got)})
    return faults


def _odd(bench: Bench, tool: Contract, base: Probe, counts: Counter[str]) -> list[Evidence]:
    made = extreme_arguments(tool, bench.inputs.facts[tool.name], base.arguments)
    probes = [base._replace(arguments=extreme) for extreme in made]
    counts["odd but admitted"] += len(probes)
    expected, got = bench.observe(probes, side="oracle"), bench.observe(probes)
    faults = []
    for probe, wanted, came in zip(probes, expected, got, strict=True):
        if wanted.status == "crash":
            faults.append({**difference(probe, wanted, came), "part": "contracts.json"})
        elif not agrees(wanted, came):
            faults.append(difference(probe, wanted, came))
    return [printable(fault) for fault in faults]
