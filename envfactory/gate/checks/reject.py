"""reject: each declared error has a stored case that fails in this one thing; a refused call leaves no trace.

A refusal says why in the words of the contract: a message that names another reason sends an agent astray. That a
refused call changes nothing is shown with the runtime's rollback switched off: the code itself must refuse
before it writes.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.bench.agreement import brief, call_of
from envfactory.bench.bench import Bench
from envfactory.bench.inputs import failing_codes
from envfactory.environments.cases import Case
from envfactory.environments.contract import Contract
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.accept import play_cases, probe_of
from envfactory.gate.checks.verdicts import Evidence, one_a_tool, verdict

_GENERATED_A_CODE = 4


def reject(bench: Bench) -> CheckResult:
    """Play the stored refusals, ask for one per declared code, and look for traces."""
    cases = [case for case in bench.environment.cases.cases if case.expect.status == "error"]
    faults = play_cases(bench, cases)
    single = 0
    for tool in bench.contracts.tools:
        for code in tool.codes():
            found = list(_code_faults(bench, tool, code, [case for case in cases if case.tool == tool.name]))
            single += not found
            faults += found
    traces = list(_traces(bench, cases))
    return verdict(
        "reject",
        [*one_a_tool([*faults, *traces]), *one_a_tool(_misleading(bench))],
        passed=f"{single} declared errors are provoked one by one; no refusal leaves a trace",
        failed="{} declared errors or stored refusals are wrong or missing",
        measured={"cases": len(cases), "codes": single, "subsumed": len(_subsumed(bench))},
        rfc008=["runtime.tool_declaration_accuracy"],
    )


def _subsumed(bench: Bench) -> list[str]:
    tools = bench.contracts.tools
    return [f"{tool.name}: {code}" for tool in tools for code, spec in tool.errors.items() if spec.subsumed_by]


def _code_faults(bench: Bench, tool: Contract, code: str, cases: list[Case]) -> Iterator[Evidence]:
    said: Evidence = {"tool": tool.name, "code": code}
    witnesses = bench.inputs.refused(tool.name, code)
    if tool.errors[code].subsumed_by:
        alone = next((probe for probe, observed in witnesses if failing_codes(observed) == [code]), None)
        if alone is not None:
            yield {
                **said,
                "part": "contracts.json",
                "message": "is declared subsumed but fails alone",
                **call_of(alone),
            }
        return
    fewest = min((len(failing_codes(observed)) for _, observed in witnesses), default=1)
    stored = [case for case in cases if case.expect.codes == [code]]
    seen = bench.observe((probe_of(case) for case in stored), side="oracle")
    if any(_is_single(failing_codes(observed), code, fewest) for observed in seen):
        return
    message = "has no stored case that fails in this one thing"
    known = {"witness": call_of(witnesses[0][0])} if witnesses else {"message": f"{message}, and none was found"}
    yield {**said, "part": "tests.json", "message": message, **known}


def _is_single(codes: list[str], code: str, fewest: int) -> bool:
    """Tell whether nothing else fails; where the code never fails alone, that it comes first and as few as can fail."""
    return codes[0] == code and len(codes) <= max(1, fewest)


def _misleading(bench: Bench) -> Iterator[Evidence]:
    """Yield, for each code that is given with other words than the contract's, a call that shows it."""
    for tool in bench.contracts.tools:
        refused = [probe for probe, observed in bench.inputs.seen(tool.name) if not observed.ok]
        wrong: dict[str, Evidence] = {}
        for probe, got in zip(refused, bench.observe(refused), strict=True):
            wanted = tool.errors[got.code].message if got.code in tool.errors else ""
            if got.status == "error" and wanted and got.outcome.get("message") != wanted:
                said = {"tool": tool.name, "code": got.code, "part": "tools.py", "message": "says another reason"}
                shown = {"expected": wanted, "got": str(got.outcome.get("message"))}
                wrong.setdefault(got.code, {**said, **shown, **call_of(probe)})
        yield from wrong.values()


def _traces(bench: Bench, cases: list[Case]) -> Iterator[Evidence]:
    probes = [probe_of(case) for case in cases]
    for tool in bench.contracts.tools:
        for code in tool.codes():
            probes += bench.inputs.rejecting(tool.name, code)[:_GENERATED_A_CODE]
    known = {tool.name for tool in bench.contracts.tools}
    bare = [probe._replace(atomic=False) for probe in probes if probe.tool in known]
    for probe, observed in zip(bare, bench.observe(bare), strict=True):
        if observed.status == "error" and observed.changes:
            yield {**call_of(probe), "part": "tools.py", "message": "refused, but wrote before", "got": brief(observed)}
