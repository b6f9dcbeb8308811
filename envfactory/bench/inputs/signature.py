"""The kind of an outcome: what is told apart when a few calls are to stand for many."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import msgspec

from envfactory.sandbox.session import Observation, Probe

Seen = tuple[Probe, Observation]
Cost = Callable[[Seen], float]
ProbeKey = bytes | str
_packed = msgspec.msgpack.Encoder(order="sorted").encode


def signature(observed: Observation) -> Hashable:
    """Return what kind of outcome it is: codes, or the shape of the result and of the changes."""
    if not observed.ok:
        return observed.status, tuple(failing_codes(observed))
    changes = tuple(sorted({(c["table"], c["op"], tuple(sorted(c.get("after", ())))) for c in observed.changes}))
    return "ok", shape(observed.outcome["result"]), changes


def failing_codes(observed: Observation) -> list[str]:
    """Return every code whose step fails, as the oracle tells; the status alone where there is no code."""
    return list(observed.outcome.get("codes") or [observed.code])


def kind(seen: Seen) -> Hashable:
    """Return the signature of what came of a call."""
    return signature(seen[1])


def probe_key(probe: Probe) -> ProbeKey:
    """Return what is the same for equal probes."""
    try:
        return _packed(probe)
    except (OverflowError, UnicodeEncodeError):  # an integer without measure, a lone surrogate
        return json.dumps(probe, sort_keys=True)


def prepared(seen: Seen) -> bool:
    """Tell whether every call of the set-up was accepted."""
    return all(outcome["status"] == "ok" for outcome in seen[1].setup)


def shape(value: Any) -> Hashable:
    """Return a value's kind: none, one or many for lists, the sign of numbers, truth, null, the fields of objects."""
    if isinstance(value, str):
        return "text" if value else "blank"
    if isinstance(value, dict):
        return tuple([(key, shape(value[key])) for key in sorted(value)])
    if isinstance(value, list):
        return "list", min(len(value), 2), shape(value[0]) if value else None
    if isinstance(value, bool) or value is None:
        return str(value)
    return int(value > 0) - int(value < 0)


def diverse(seen: Iterable[Seen], most: int, kind: Callable[[Seen], Hashable] = kind) -> list[Seen]:
    """Return up to `most`, of as many kinds as there are, each kind's first before any kind's second."""
    groups: dict[Hashable, list[Seen]] = {}
    for each in seen:
        groups.setdefault(kind(each), []).append(each)
    return round_robin(list(groups.values()), most)


def round_robin(groups: Sequence[list[Seen]], most: int) -> list[Seen]:
    """Return the first of each group, then the second of each, and so on, up to `most`."""
    longest = max(map(len, groups), default=0)
    dealt = [group[turn] for turn in range(longest) for group in groups if turn < len(group)]
    return dealt[:most]


def to_accept(seen: Seen) -> int:
    """The cost of a call that ought to be accepted: how many codes fail."""
    return 0 if seen[1].ok else len(failing_codes(seen[1]))


def to_provoke(code: str) -> Cost:
    """Return the cost of calls that ought to fail with one code alone."""

    def cost(seen: Seen) -> int:
        if seen[1].ok:
            return 3
        codes = failing_codes(seen[1])
        return len(codes) - 1 if code in codes else 2 + len(codes)

    return cost
