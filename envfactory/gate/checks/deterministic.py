"""deterministic: the same calls in two fresh processes give equal results and equal states.

The second process comes from `bench.open_other`, which a caller may give another hash seed. The wall clock needs no
shifting of its own here: `conforms` plays each tool at many times of the episode's clock, all of them far from today,
and demands what the contract gives at that time.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from envfactory.bench.agreement import brief, call_of, same
from envfactory.bench.bench import Bench, tools_of
from envfactory.bench.inputs import diverse
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.accept import probe_of
from envfactory.gate.checks.conforms import LENGTH, WALKS
from envfactory.gate.checks.states import read_state
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.sandbox.session import ENDED_BY_CODE, Call, Observation, Probe, Session

_A_TOOL = 12


def deterministic(bench: Bench) -> CheckResult:
    """Play walks, stored cases and diverse inputs in two fresh workers each loaded anew."""
    walks = [walk for walk in bench.inputs.walks(WALKS, LENGTH)[: WALKS // 2] if walk]
    known = {tool.name for tool in bench.contracts.tools}
    probes = [probe_of(case) for case in bench.environment.cases.cases if case.tool in known]
    for tool in bench.contracts.tools:
        probes += [probe for probe, _ in diverse(bench.inputs.seen(tool.name), _A_TOOL)]
    bench.observe(probes)  # code that hangs is met here once, and then left alone
    probes = [probe for probe in probes if bench.stuck_at(*tools_of(probe)) is None]
    walks = [walk for walk in walks if bench.play(walk).image]
    with Session(bench.open_worker, bench.code_spec) as first, Session(bench.open_other, bench.code_spec) as second:
        with ThreadPoolExecutor(1) as pool:  # the two processes at the same time
            of_second = pool.submit(second.probe, probes)
            faults = list(_probe_differences(probes, first.probe(probes), of_second.result()))
        for walk in walks:
            faults += _walk_differences(bench, walk, first, second)
    return verdict(
        "deterministic",
        faults,
        passed=f"{len(probes)} calls and {len(walks)} walks are the same in two processes",
        failed="{} calls or walks differ between two processes",
        measured={"calls": len(probes), "walks": len(walks)},
        rfc008=["runtime.seed_control", "runtime.episode_determinism"],
    )


def _probe_differences(probes: list[Probe], first: list[Observation], second: list[Observation]) -> Iterator[Evidence]:
    for probe, one, other in zip(probes, first, second, strict=True):
        if not same(list(one), list(other)):
            yield {**call_of(probe), "part": "tools.py", "first": brief(one), "second": brief(other)}


def _walk_differences(bench: Bench, walk: list[Call], first: Session, second: Session) -> Iterator[Evidence]:
    try:
        one, other = first.walk(walk), second.walk(walk)
    except ENDED_BY_CODE:
        return  # conforms tells of walks that hang
    told = {"part": "tools.py", "calls": [[tool, dict(arguments)] for tool, arguments in walk]}
    if any(not same(list(a), list(b)) for a, b in zip(one.steps, other.steps, strict=True)):
        yield {**told, "message": "the steps differ"}
    elif one.image != other.image and not same(read_state(bench, one.image), read_state(bench, other.image)):
        yield {**told, "message": "the states at the end differ"}
