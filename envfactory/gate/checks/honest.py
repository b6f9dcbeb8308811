"""honest: what the worker reports as changed is what changed: the state image before and after, compared here.

Tool code shares its process with the recorder of changes and could mislead it; the image of the state is judged where
that code never ran.
"""

from __future__ import annotations

from envfactory.bench.agreement import by_row, differences, same
from envfactory.bench.bench import Bench, tools_of
from envfactory.environments.cases import Case
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.accept import probe_of
from envfactory.gate.checks.states import State, diff, read_state
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.sandbox.session import ENDED_BY_CODE


def honest(bench: Bench) -> CheckResult:
    """Play the stored accept cases of write tools and recompute their state diffs from images."""
    writes = {tool.name for tool in bench.contracts.tools if tool.kind == "write"}
    cases = [c for c in bench.environment.cases.cases if c.expect.status == "ok" and c.tool in writes]
    cases = [case for case in cases if bench.stuck_at(*tools_of(probe_of(case))) is None]
    initial = read_state(bench)
    found = (_judged(bench, case, initial) for case in cases)
    return verdict(
        "honest",
        [evidence for evidence in found if evidence is not None],
        passed=f"{len(cases)} state diffs, recomputed from images, are what the cases demand",
        failed="{} state diffs are not what was reported",
        measured={"cases": len(cases)},
        rfc008=["semantic.verifier_determinism", "runtime.oracle_containment"],
    )


def _judged(bench: Bench, case: Case, initial: State) -> Evidence | None:
    last = (case.tool, case.arguments)
    try:
        before = read_state(bench, bench.code.walk(case.setup, now=case.now).image) if case.setup else initial
        after = read_state(bench, bench.code.walk([*case.setup, last], now=case.now).image)
    except ENDED_BY_CODE as error:
        return {"tool": case.tool, "case": case.id, "part": "tools.py", "message": str(error)}
    changed = diff(bench, before, after)
    if same(changed, case.expect.changes):
        return None
    places = list(differences(by_row(case.expect.changes), by_row(changed), "changes"))[:5]
    told = [{"at": at, "expected": wanted, "got": got} for at, wanted, got in places]
    return {"tool": case.tool, "case": case.id, "part": "tools.py", "differs": told}
