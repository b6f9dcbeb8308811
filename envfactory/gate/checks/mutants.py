"""mutants: faulty versions of the code, inside SQL too, must fail the stored cases; a weak tester is found out here.

A fault that no generated input shows either is set aside as indistinguishable, but never a dropped guard, a dropped
write or a wrong code: of these the cases must notice every one (codes that the contract declares subsumed excepted).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import Queue
from typing import Any, NamedTuple

from envfactory.bench.agreement import call_of
from envfactory.bench.bench import Bench, load_spec
from envfactory.bench.inputs import Seen, diverse, failing_codes
from envfactory.bench.sql.schema import read_schema
from envfactory.environments.cases import Case
from envfactory.environments.contract import Contract
from envfactory.environments.report import CheckResult
from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import parse_module
from envfactory.gate.mutation.code import MUST_DIE, CodeMutant, code_mutants
from envfactory.gate.mutation.killing import Executioner, Verdict, passes
from envfactory.gate.mutation.sql import CONTROL
from envfactory.sandbox.session import Probe, Session

OVERALL, PER_TOOL = 0.92, 0.85
_DEADLINE = 2.0
_AT_ONCE = 2  # tools in two workers: what one plays while the mutants of the next are made costs no time
_FAR, _NEAR = 240, 16
_MOST_FAILED, _MOST_PASSED = 120, 10
Evidence = dict[str, Any]


class Tally(NamedTuple):
    """What became of one tool's mutants. `aside` no input can tell from the contract; `shown` tells some survivors."""

    tool: str
    killed: int
    stillborn: int
    aside: list[CodeMutant]
    survived: list[CodeMutant]
    shown: dict[str, Seen]

    @property
    def score(self) -> float:
        """The share killed of those that could be."""
        counted = self.killed + len(self.survived)
        return self.killed / counted if counted else 1.0

    def owed(self) -> list[CodeMutant]:
        """Return the survivors that must die."""
        return [mutant for mutant in self.survived if mutant.kind in MUST_DIE]


class _Trial(NamedTuple):
    """What one tool's mutants are tried on."""

    contract: Contract
    cases: list[Case]
    seen: list[Seen]


def mutants(bench: Bench) -> CheckResult:
    """Play the stored cases against every mutant of every tool."""
    module = parse_module(bench.environment.tools_source)
    if isinstance(module, Finding):
        return _result([], [{"part": "tools.py", **module.record()}])
    schema = read_schema(bench.oracle)
    trials = [
        _Trial(contract, _sound_cases(bench, contract.name), bench.inputs.seen(contract.name))
        for contract in bench.contracts.tools
    ]
    with _sessions(bench) as sessions, ThreadPoolExecutor(_AT_ONCE) as pool:
        made = ((trial, code_mutants(module, trial.contract, schema)) for trial in trials)
        tried = [pool.submit(_tool, sessions, trial, mutants) for trial, mutants in made]
        tallies = [future.result() for future in tried]
    return _result(tallies, [])


@contextmanager
def _sessions(bench: Bench) -> Iterator[Queue[Session]]:
    """Yield as many sessions with the code as are tried at once; whoever takes one puts it back."""
    with ExitStack() as stack:
        free: Queue[Session] = Queue()
        for _ in range(_AT_ONCE):
            spec = load_spec(bench.environment)
            free.put(stack.enter_context(Session(bench.open_worker, spec, deadline=_DEADLINE)))
        yield free


def _tool(sessions: Queue[Session], trial: _Trial, made: list[CodeMutant]) -> Tally:
    session = sessions.get()
    try:
        return _tried(session, trial, made)
    finally:
        sessions.put(session)


def _tried(session: Session, trial: _Trial, made: list[CodeMutant]) -> Tally:
    executioner = Executioner(session, trial.contract.name, trial.cases)
    broken = {v.mutant.line for v in executioner.judge(m for m in made if m.kind == CONTROL) if v.fate != "survived"}
    verdicts = executioner.judge(
        m for m in made if m.kind != CONTROL and not (m.kind.startswith("sql-") and m.line in broken)
    )
    return _tally(executioner, trial, verdicts)


def _sound_cases(bench: Bench, tool: str) -> list[Case]:
    """The cases that the code as it is passes: a case that fails anyway would seem to kill everything."""
    cases = bench.environment.cases.of(tool)
    observed = bench.observe(Probe(case.tool, case.arguments, tuple(case.setup), case.now) for case in cases)
    return [case for case, got in zip(cases, observed, strict=True) if passes(case, got)]


def _tally(executioner: Executioner, trial: _Trial, verdicts: Sequence[Verdict]) -> Tally:
    fates = Counter(verdict.fate for verdict in verdicts)
    alive = [verdict.mutant for verdict in verdicts if verdict.fate == "survived"]
    subsumed = {code for code, spec in trial.contract.errors.items() if spec.subsumed_by}
    telling = _telling_inputs(trial.seen) if alive else []
    aside, survived, shown = [], [], {}
    for mutant in alive:
        found = executioner.telling(mutant, telling)
        excused = mutant.kind not in MUST_DIE or mutant.code in subsumed
        if found is None and excused:
            aside.append(mutant)
            continue
        survived.append(mutant)
        if found is not None:
            shown[mutant.source] = found
    return Tally(trial.contract.name, fates["killed"], fates["stillborn"], aside, survived, shown)


def _telling_inputs(seen: Sequence[Seen]) -> list[Seen]:
    """The inputs a survivor is tried on: calls that come far in the code, accepted or refused for one reason, first."""
    far = [item for item in seen if item[1].ok or len(failing_codes(item[1])) == 1]
    near = [item for item in seen if not item[1].ok and len(failing_codes(item[1])) > 1]
    return diverse(far, _FAR) + diverse(near, _NEAR)


def _result(tallies: list[Tally], faults: list[Evidence]) -> CheckResult:
    killed, survived = sum(t.killed for t in tallies), sum(len(t.survived) for t in tallies)
    overall = killed / (killed + survived) if killed + survived else 0.0
    owed = sum(len(tally.owed()) for tally in tallies)
    weak = [tally.tool for tally in tallies if tally.score < PER_TOOL]
    failed = bool(faults) or overall < OVERALL or bool(weak) or owed > 0
    return CheckResult(
        id="mutants",
        status="fail" if failed else "pass",
        summary=_summary(overall, killed, survived, owed, weak),
        measured=_measured(tallies, overall),
        evidence=[*faults, *_evidence(tallies, failed)],
        rfc008=["semantic.canary_floor"],
    )


def _summary(overall: float, killed: int, survived: int, owed: int, weak: list[str]) -> str:
    text = f"{killed} of {killed + survived} mutants killed ({overall:.3f})"
    if owed:
        text += f"; {owed} dropped guards, dropped writes or wrong codes live"
    return text + (f"; under {PER_TOOL}: {', '.join(weak)}" if weak else "")


def _measured(tallies: Iterable[Tally], overall: float) -> dict[str, Any]:
    tallies = list(tallies)
    return {
        "score": round(overall, 4),
        "killed": sum(tally.killed for tally in tallies),
        "survived": sum(len(tally.survived) for tally in tallies),
        "stillborn": sum(tally.stillborn for tally in tallies),
        "indistinguishable": sum(len(tally.aside) for tally in tallies),
        "owed": sum(len(tally.owed()) for tally in tallies),
        "tools": {tally.tool: round(tally.score, 4) for tally in tallies},
    }


def _evidence(tallies: Iterable[Tally], failed: bool) -> list[Evidence]:
    """Return the survivors, first those that must die and those of weak tools; with source where someone must answer."""
    alive = [(tally, mutant) for tally in tallies for mutant in tally.survived]
    alive.sort(key=lambda item: (item[1].kind not in MUST_DIE, item[0].score >= PER_TOOL))
    most = _MOST_FAILED if failed else _MOST_PASSED
    return [_survivor(tally, mutant, failed) for tally, mutant in alive[:most]]


def _survivor(tally: Tally, mutant: CodeMutant, failed: bool) -> Evidence:
    found: Evidence = {"tool": mutant.tool, "kind": mutant.kind, "line": mutant.line, "what": mutant.what}
    if mutant.code:
        found["code"] = mutant.code
    if failed:
        told = tally.shown.get(mutant.source)
        found |= {"told_apart_by": call_of(told[0])} if told else {}
        found["source"] = mutant.source
    return found
