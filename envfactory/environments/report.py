"""gate.json: what the gate executed, what it found, and the hash of the artefact it judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from envfactory.environments.contract import Strict

Status = Literal["pass", "fail", "skip"]


class CheckResult(Strict):
    """One executed check: its verdict, what was measured, and the smallest evidence that shows it.

    `evidence` of a failure names tool, call, expected and got, so that a reviser can act on it. `rfc008` are the ids of
    OpenEnv RFC 008 this check answers.
    """

    id: str
    status: Status
    summary: str
    measured: dict[str, Any] = {}
    evidence: list[dict[str, Any]] = []
    rfc008: list[str] = []


class GateReport(Strict):
    """The gate's report. `subject` is the content hash it judged; timings are outside the verdict."""

    version: Literal[1] = 1
    subject: str
    seed: int
    verdict: Literal["verified", "rejected"]
    checks: list[CheckResult]
    seconds: dict[str, float] = {}

    def check(self, id: str) -> CheckResult:
        """Return the result of one check; KeyError if it did not run."""
        for result in self.checks:
            if result.id == id:
                return result
        raise KeyError(id)

    def failures(self) -> list[CheckResult]:
        """Return the failed checks."""
        return [result for result in self.checks if result.status == "fail"]

    def verdict_record(self) -> Mapping[str, Any]:
        """Return everything but timings: what a repeated gate must reproduce byte for byte."""
        return self.model_dump(mode="json", exclude={"seconds"})
