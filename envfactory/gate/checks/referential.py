"""referential: after random walks of the code, every key, CHECK and invariant still holds, in the state itself.

The state's image is judged in the oracle's worker, where the code under test has no say.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.bench.agreement import call_of
from envfactory.bench.bench import Bench
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.conforms import LENGTH, WALKS
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.sandbox.session import Call, Probe


def referential(bench: Bench) -> CheckResult:
    """Play the walks and judge the state each ends in."""
    faults: list[Evidence] = []
    calls = accepted = changes = 0
    for walk in bench.inputs.walks(WALKS, LENGTH):
        if not walk:
            continue
        played = bench.play(walk)
        calls += len(played.steps)
        accepted += sum(step.ok for step in played.steps)
        changes += sum(len(step.changes) for step in played.steps)
        faults += [{**_told(walk), **fault} for fault in _judged(bench, played.image)]
    return verdict(
        "referential",
        faults,
        passed=f"all constraints hold after {calls} calls, {accepted} of them accepted",
        failed="{} constraints are broken after random walks",
        measured={"calls": calls, "accepted": accepted, "changes": changes},
    )


def _told(walk: list[Call]) -> Evidence:
    tool, arguments = walk[-1]
    return call_of(Probe(tool, dict(arguments), tuple(walk[:-1])))


def _judged(bench: Bench, image: bytes) -> Iterator[Evidence]:
    if not image:
        yield {"part": "tools.py", "message": "the walk hangs or kills its worker"}
        return
    held = bench.oracle.check({invariant.name: invariant.sql for invariant in bench.contracts.invariants}, image)
    for name, answer in held.items():
        if answer is not True:
            yield {"part": "tools.py", "invariant": name, "message": "does not hold" if answer is False else answer}
    for row in bench.oracle.query("PRAGMA foreign_key_check", image=image):
        yield {"part": "tools.py", "table": row["table"], "message": f"a row refers to no row of {row['parent']}"}
    for row in bench.oracle.query("PRAGMA integrity_check", image=image):
        if row["integrity_check"] != "ok":
            yield {"part": "tools.py", "message": row["integrity_check"]}
