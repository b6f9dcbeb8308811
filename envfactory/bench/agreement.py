"""Whether code did what the contract demands, and if not, where the two part: evidence that a reviser can act on.

Truth values are not numbers here, as they are not in JSON; a float may differ in its last digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envfactory.bench.inputs import failing_codes
from envfactory.sandbox.session import Observation, Probe

_MOST_PLACES = 5
_LONGEST = 200
_ABSENT = "(absent)"


def same(first: Any, second: Any) -> bool:
    """Tell whether two JSON values are the same: truth values are no numbers, floats within a billionth."""
    return repr(first) == repr(second) or _same(first, second)


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, float) or isinstance(second, float):
        numbers = isinstance(first, int | float) and isinstance(second, int | float)
        return numbers and math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return type(first) is type(second) and bool(first == second)


def agrees(expected: Observation, got: Observation) -> bool:
    """Tell whether an observation is what the oracle's demands: equal result and changes, or a code failing there."""
    if expected.ok:
        return (
            got.ok and same(expected.outcome["result"], got.outcome["result"]) and same(expected.changes, got.changes)
        )
    if not same(expected.changes, got.changes):
        return False
    return got.status == expected.status and (got.status == "crash" or got.code in failing_codes(expected))


def call_of(probe: Probe) -> dict[str, Any]:
    """Return a probe for evidence, what is usual left out."""
    found: dict[str, Any] = {"tool": probe.tool, "arguments": probe.arguments}
    if probe.setup:
        found["setup"] = [[tool, dict(arguments)] for tool, arguments in probe.setup]
    if probe.setup_at:
        found["setup_at"] = list(probe.setup_at)
    if probe.now:
        found["now"] = probe.now
    return found


def difference(probe: Probe, expected: Observation, got: Observation) -> dict[str, Any]:
    """Return the evidence of a disagreement: the call, what was expected, what came, at the places that differ."""
    evidence = call_of(probe)
    if not expected.ok or not got.ok:
        evidence |= {"expected": brief(expected), "got": brief(got)}
    else:
        places = list(differences(expected.outcome["result"], got.outcome["result"], "result"))
        places += list(differences(by_row(expected.changes), by_row(got.changes), "changes"))
        evidence["differs"] = [
            {"at": at, "expected": first, "got": second} for at, first, second in places[:_MOST_PLACES]
        ]
    return evidence


def brief(observed: Observation) -> dict[str, Any]:
    """Return an outcome for evidence: status, codes or message, changes where there should be none."""
    if observed.ok:
        return {"status": "ok", "result": observed.outcome["result"], "changes": observed.changes[:_MOST_PLACES]}
    found: dict[str, Any] = {"status": observed.status}
    if observed.status == "error":
        found["codes"] = failing_codes(observed)
    else:
        found["message"] = str(observed.outcome.get("message", ""))[:300]
    if observed.changes:
        found["changes"] = observed.changes[:_MOST_PLACES]
    return found


def printable(value: Any, longest: int = _LONGEST) -> Any:
    """Return a value as UTF-8 JSON can hold it: long texts cut, what is not text or no number spelled out."""
    if isinstance(value, dict):
        return {printable(str(key), longest): printable(item, longest) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item, longest) for item in value[:longest]]
    if isinstance(value, str):
        return value[:longest].encode("utf-8", "backslashreplace").decode()
    odd = (isinstance(value, float) and not math.isfinite(value)) or (isinstance(value, int) and abs(value) >= 2**63)
    return repr(value)[:longest] if odd else value


def by_row(changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return changes by operation, table and key, so that two lists can be laid side by side."""
    return {
        f"{change['op']} {change['table']} {', '.join(map(str, change['key']))}": change.get("after", "the row")
        for change in changes
    }


def differences(first: Any, second: Any, at: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the places where two JSON values differ, as (path, first, second)."""
    if same(first, second):
        return
    if isinstance(first, dict) and isinstance(second, dict):
        for key in [*first, *(key for key in second if key not in first)]:
            yield from differences(first.get(key, _ABSENT), second.get(key, _ABSENT), f"{at}.{key}")
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences(one, other, f"{at}[{number}]")
    else:
        yield at, first, second


def simplest(seen: Iterable[tuple[Probe, Any, Any]], most: int) -> list[tuple[Probe, Any, Any]]:
    """Return the simplest few of some disagreements: short set-ups, the usual clock, few arguments."""
    return sorted(seen, key=lambda item: (len(item[0].setup), item[0].now is not None, len(item[0].arguments)))[:most]
