"""accept: every stored case that succeeds gives exactly its result and state diff, and says what the contract says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envfactory.bench.agreement import agrees, brief, differences
from envfactory.bench.bench import Bench
from envfactory.bench.inputs import failing_codes
from envfactory.environments.cases import Case, meets
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, one_a_tool, verdict
from envfactory.sandbox.session import Observation, Probe

LEAST_ACCEPTED = 1


def accept(bench: Bench) -> CheckResult:
    """Play the stored cases that succeed; every tool must have one."""
    cases = [case for case in bench.environment.cases.cases if case.expect.status == "ok"]
    counts = {tool.name: sum(case.tool == tool.name for case in cases) for tool in bench.contracts.tools}
    faults = [*unknown_tools(bench), *play_cases(bench, cases)]
    for tool, count in counts.items():
        if count < LEAST_ACCEPTED:
            faults.append({"tool": tool, "part": "tests.json", "message": "has no stored case that succeeds"})
    return verdict(
        "accept",
        one_a_tool(faults),
        passed=f"{len(cases)} cases give their result and state diff",
        failed="{} of the stored cases that succeed are wrong or missing",
        measured={"cases": counts, "moved_clock": sum(case.now is not None for case in cases)},
        rfc008=["semantic.oracle_max", "semantic.replayability"],
    )


def probe_of(case: Case) -> Probe:
    """Return the probe that plays a case."""
    return Probe(case.tool, case.arguments, tuple((tool, arguments) for tool, arguments in case.setup), case.now)


def unknown_tools(bench: Bench) -> Iterator[Evidence]:
    """Yield evidence for each stored case that calls a tool there is not."""
    known = {tool.name for tool in bench.contracts.tools}
    for case in bench.environment.cases.cases:
        strange = {case.tool, *(tool for tool, _ in case.setup)} - known
        if strange:
            yield {"tool": case.tool, "case": case.id, "part": "tests.json", "message": f"calls {sorted(strange)[0]}"}


def play_cases(bench: Bench, cases: Iterable[Case]) -> list[Evidence]:
    """Return evidence for each case whose demand the contract does not share, or the code does not meet."""
    known = {tool.name for tool in bench.contracts.tools}
    played = [case for case in cases if {case.tool, *(tool for tool, _ in case.setup)} <= known]
    probes = [probe_of(case) for case in played]
    expected, got = bench.observe(probes, side="oracle"), bench.observe(probes)
    found = (judge(case, oracle, code) for case, oracle, code in zip(played, expected, got, strict=True))
    return [evidence for evidence in found if evidence is not None]


def judge(case: Case, oracle: Observation, code: Observation) -> Evidence | None:
    """Return evidence where a case is itself wrong, where its set-up fails, or where the code does not meet it."""
    said: Evidence = {"tool": case.tool, "case": case.id, "arguments": case.arguments}
    if not demands(case, oracle):
        return {
            **said,
            "part": "tests.json",
            "expected": brief(oracle),
            "got": case.expect.model_dump(exclude_defaults=True),
        }
    broken = next((outcome for outcome in code.setup if outcome["status"] != "ok"), None)
    if broken is not None:
        return {**said, "part": "tools.py", "setup": broken}
    if agrees(oracle, code) if case.expect.status == "ok" else meets(case.expect, code.outcome, code.changes):
        return None
    if case.expect.status == "ok" and code.ok:
        places = [
            *differences(case.expect.result, code.outcome["result"], "result"),
            *differences(case.expect.changes, code.changes, "changes"),
        ]
        return {**said, "part": "tools.py", "differs": [{"at": at, "expected": e, "got": g} for at, e, g in places[:5]]}
    return {**said, "part": "tools.py", "expected": case.expect.codes or "ok", "got": brief(code)}


def demands(case: Case, oracle: Observation) -> bool:
    """Tell whether the contract gives what a case demands: the same, or codes that all fail there."""
    if case.expect.status == "ok":
        return meets(case.expect, oracle.outcome, oracle.changes)
    refused = oracle.status == "error" and not case.expect.changes and not oracle.changes
    return refused and bool(case.expect.codes) and set(case.expect.codes) <= set(failing_codes(oracle))
