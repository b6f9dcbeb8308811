"""stateful: there are write tools, and reads observe what they did."""

from __future__ import annotations

from envfactory.bench.bench import Bench
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.sandbox.session import Probe

LEAST_SHARE = 0.5


def stateful(bench: Bench) -> CheckResult:
    """Compare each read after a write with the same read before it."""
    writes = [tool.name for tool in bench.contracts.tools if tool.kind == "write"]
    observers = {name: sorted(readers) for name, readers in _observers(bench).items()}
    silent = [name for name in writes if name not in observers]
    faults: list[Evidence] = []
    if not writes:
        faults.append({"message": "no tool writes"})
    elif len(silent) > (1 - LEAST_SHARE) * len(writes):
        faults += [{"tool": name, "message": "no read tool shows what it did"} for name in silent]
    return verdict(
        "stateful",
        faults,
        passed=f"{len(writes) - len(silent)} of {len(writes)} write tools change what a read tool shows",
        failed="{} write tools leave nothing that a read tool shows",
        measured={"writes": len(writes), "observed_by": observers, "unseen": silent},
        rfc008=["runtime.state_contract"],
    )


def _observers(bench: Bench) -> dict[str, set[str]]:
    """Return, by write tool, the read tools whose result changes after a call of it."""
    found: dict[str, set[str]] = {}
    for tool in bench.contracts.tools:
        if tool.kind != "read":
            continue
        after = [probe for probe in bench.inputs.for_tool(tool.name) if len(probe.setup) == 1]
        before = [Probe(probe.tool, probe.arguments, (), probe.now) for probe in after]
        for probe, late, early in zip(after, bench.observe(after), bench.observe(before), strict=True):
            if late.ok and late.outcome != early.outcome:
                found.setdefault(probe.setup[0][0], set()).add(tool.name)
    return found
