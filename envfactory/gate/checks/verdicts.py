"""How a check says what it found: failed exactly when there is evidence, the evidence capped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envfactory.bench.agreement import printable
from envfactory.environments.report import CheckResult

Evidence = dict[str, Any]
MOST_EVIDENCE = 12
_LONGEST = 4000


def verdict(
    id: str,
    evidence: Iterable[Evidence],
    *,
    passed: str,
    failed: str,
    measured: dict[str, Any],
    rfc008: Iterable[str] = (),
) -> CheckResult:
    """Return a check's result; `failed` may hold `{}` for the number of faults."""
    found = list(evidence)
    return CheckResult(
        id=id,
        status="fail" if found else "pass",
        summary=failed.format(len(found)) if found else passed,
        measured={**measured, "faults": len(found)},
        evidence=[printable(item, _LONGEST) for item in found[:MOST_EVIDENCE]],
        rfc008=list(rfc008),
    )


def one_a_tool(evidence: Iterable[Evidence], most: int = 3) -> list[Evidence]:
    """Return the first few of each tool's evidence, so that one broken tool does not hide another."""
    kept: dict[str, list[Evidence]] = {}
    for item in evidence:
        kept.setdefault(str(item.get("tool")), []).append(item)
    return [item for items in kept.values() for item in items[:most]]
