"""Runs every check on one environment and makes the report: the one table of checks, their order and conditions.

What goes wrong with the machinery (a worker that cannot start, an answer that is none) is raised, and never becomes a
verdict; what the code under test does, be it to hang or to kill its worker, is evidence.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from envfactory.bench.bench import Bench, WorkerFactory
from envfactory.environments import artefact
from envfactory.environments.artefact import Environment
from envfactory.environments.files import canonical_json
from envfactory.environments.report import CheckResult, GateReport, Status
from envfactory.errors import ArtefactError
from envfactory.gate.checks.accept import accept
from envfactory.gate.checks.arguments import arguments
from envfactory.gate.checks.conforms import conforms
from envfactory.gate.checks.contract_adequate import contract_adequate
from envfactory.gate.checks.decontaminated import decontaminated
from envfactory.gate.checks.deterministic import deterministic
from envfactory.gate.checks.edges import edges
from envfactory.gate.checks.honest import honest
from envfactory.gate.checks.isolated import isolated
from envfactory.gate.checks.lint import lint
from envfactory.gate.checks.load import load
from envfactory.gate.checks.mutants import mutants
from envfactory.gate.checks.reachable import reachable
from envfactory.gate.checks.readonly import read_only
from envfactory.gate.checks.referential import referential
from envfactory.gate.checks.reject import reject
from envfactory.gate.checks.relevant import relevant
from envfactory.gate.checks.soundness import contract_sound
from envfactory.gate.checks.stateful import stateful

Progress = Callable[[str, Status | None], None]


class Check(NamedTuple):
    """A check, and those that must have passed for it to mean anything."""

    id: str
    run: Callable[[Bench], CheckResult]
    needs: tuple[str, ...] = ()


_LOADED = ("load",)
_STEADY = ("load", "deterministic")
CHECKS: tuple[Check, ...] = (
    Check("load", load),
    Check("lint", lint, _LOADED),
    Check("contract-sound", contract_sound, _LOADED),
    Check("contract-adequate", contract_adequate, _LOADED),
    Check("deterministic", deterministic, _LOADED),
    Check("conforms", conforms, _STEADY),
    Check("accept", accept, _STEADY),
    Check("reject", reject, _STEADY),
    Check("arguments", arguments, _STEADY),
    Check("read-only", read_only, _STEADY),
    Check("relevant", relevant, _STEADY),
    Check("referential", referential, _STEADY),
    Check("isolated", isolated, _STEADY),
    Check("stateful", stateful, _STEADY),
    Check("edges", edges, _STEADY),
    Check("reachable", reachable, _LOADED),
    Check("mutants", mutants, (*_STEADY, "conforms")),
    Check("honest", honest, _STEADY),
    Check("decontaminated", decontaminated, _LOADED),
)


class Verification(NamedTuple):
    """What repeating the gate on a stored environment showed. `differences` are empty where nothing changed."""

    environment: Environment
    report: GateReport
    stored: GateReport | None
    differences: list[str]

    @property
    def verified(self) -> bool:
        """Whether the gate passes today, and said the same when the environment was made."""
        return self.report.verdict == "verified" and not self.differences


def run_gate(
    environment: Environment,
    open_worker: WorkerFactory,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    open_other: WorkerFactory | None = None,
    checks: Sequence[Check] = CHECKS,
) -> GateReport:
    """Run all checks on a sealed environment; `progress` hears of each when it starts (None) and ends (its status)."""
    with Bench(environment, open_worker, seed=seed, open_other=open_other) as bench:
        return run_checks(bench, progress=progress, checks=checks)


def run_checks(bench: Bench, *, progress: Progress | None = None, checks: Sequence[Check] = CHECKS) -> GateReport:
    """Run all checks on a bench, which stays open."""
    if not bench.environment.content_hash:
        raise ArtefactError("an environment must be sealed before the gate can judge it", remedy="call sealed() first")
    results: dict[str, CheckResult] = {}
    seconds: dict[str, float] = {}
    for check in checks:
        _tell(progress, check.id, None)
        started = time.perf_counter()
        results[check.id] = _run(check, bench, results)
        seconds[check.id] = round(time.perf_counter() - started, 3)
        _tell(progress, check.id, results[check.id].status)
    passed = all(result.status == "pass" for result in results.values())
    return GateReport(
        subject=bench.environment.content_hash,
        seed=bench.seed,
        verdict="verified" if passed else "rejected",
        checks=list(results.values()),
        seconds=seconds,
    )


def verify_folder(
    folder: Path,
    open_worker: WorkerFactory,
    *,
    open_other: WorkerFactory | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Repeat the gate on a stored environment and compare verdict records; raise ArtefactError for a changed file."""
    environment = artefact.load(folder)
    stored = artefact.load_report(folder)
    seed = stored.seed if stored else 0
    report = run_gate(environment, open_worker, seed=seed, progress=progress, open_other=open_other)
    return Verification(environment, report, stored, _differences(stored, report))


def _run(check: Check, bench: Bench, results: dict[str, CheckResult]) -> CheckResult:
    lacking = [name for name in check.needs if name in results and results[name].status != "pass"]
    if lacking:
        return CheckResult(id=check.id, status="skip", summary=f"needs {' and '.join(lacking)}, which did not pass")
    return check.run(bench)


def _tell(progress: Progress | None, id: str, status: Status | None) -> None:
    if progress is not None:
        progress(id, status)


def _differences(stored: GateReport | None, report: GateReport) -> list[str]:
    if stored is None:
        return ["there is no gate.json to compare with"]
    if canonical_json(stored.verdict_record()) == canonical_json(report.verdict_record()):
        return []
    found = []
    if stored.subject != report.subject:
        found.append(f"gate.json judged {stored.subject[:12]}, the environment is {report.subject[:12]}")
    before, after = ({check.id: check for check in told.checks} for told in (stored, report))
    for id in dict.fromkeys([*before, *after]):
        if id not in before or id not in after:
            found.append(f"{id}: {'was not run then' if id in after else 'is not run today'}")
        elif before[id] != after[id]:
            found.append(
                f"{id}: was {before[id].status} ({before[id].summary}), is {after[id].status} ({after[id].summary})"
            )
    return found or ["the verdict differs"]
