"""One check on a boat hire with something wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from envfactory.bench.bench import Bench
from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Cases
from envfactory.environments.report import CheckResult
from tests.gate import edits, harbour
from tests.support import LocalWorker

Check = Callable[[Bench], CheckResult]


@cache
def _usual() -> Bench:
    """The bench whose oracle and inputs serve every boat hire with the usual contracts."""
    return Bench(harbour.environment(), LocalWorker)


def judged(check: Check, environment: Environment) -> CheckResult:
    """Return what a check says of an environment."""
    with Bench(environment, LocalWorker) as bench:
        if bench.oracle_spec != _usual().oracle_spec:
            return check(bench)
    with _usual().like(environment) as bench:
        return check(bench)


def with_bug(check: Check, tool: str, old: str, new: str, cases: Cases | None = None) -> CheckResult:
    """Return what a check says of the boat hire with one edit in one tool's code."""
    return judged(check, edits.with_code(edits.in_tool(tool, (old, new)), cases=cases or Cases()))


def tools_named(result: CheckResult) -> set[str]:
    """Return the tools that the evidence names."""
    return {str(item["tool"]) for item in result.evidence if "tool" in item}
