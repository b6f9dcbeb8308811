"""Edges of rules: two calls that differ in one small step, one accepted and one refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from envfactory.bench.inputs.signature import Seen
from envfactory.bench.inputs.values import gap_in_days, kind_of
from envfactory.sandbox.session import Probe

_DAY = 86_400
_WIDEST = 2.0


class Edge(NamedTuple):
    """The two calls, and what differs: a parameter's name, or `the clock`."""

    refused: Seen
    accepted: Seen
    place: str


def find_edge(refused: Iterable[Seen], accepted: Iterable[Seen]) -> Edge | None:
    """Return the narrowest edge between refused and accepted calls: a step of one, a day, a second; or None."""
    index: dict[str, list[tuple[Any, Seen]]] = {}
    for seen in accepted:
        for place, key, value in _places(seen[0]):
            index.setdefault(f"{place}|{key}", []).append((value, seen))
    best: tuple[float, Edge] | None = None
    for seen in refused:
        for place, key, value in _places(seen[0]):
            for other, neighbour in index.get(f"{place}|{key}", ()):
                width = _width(value, other)
                if width is not None and (best is None or width < best[0]):
                    best = width, Edge(seen, neighbour, place)
    return best[1] if best else None


def find_turns(accepted: Iterable[Seen]) -> list[tuple[Seen, Seen]]:
    """Return pairs of accepted calls one second apart of which other results come: where a rule turns by the clock."""
    index: dict[str, list[Seen]] = {}
    for seen in accepted:
        if seen[0].now is not None:
            index.setdefault(repr((seen[0].arguments, seen[0].setup)), []).append(seen)
    found = []
    for group in index.values():
        ordered = sorted(group, key=lambda seen: str(seen[0].now))
        found += [(one, other) for one, other in itertools.pairwise(ordered) if _turns(one, other)]
    return found


def _turns(one: Seen, other: Seen) -> bool:
    first, second = str(one[0].now), str(other[0].now)
    apart = _seconds(second) - _seconds(first)
    return apart == 1 and _timeless(one) != _timeless(other)


def _timeless(seen: Seen) -> str:
    """The result and the changes without the time of the call."""
    now = str(seen[0].now)
    return repr((seen[1].outcome["result"], seen[1].changes)).replace(now, "").replace(now[:10], "")


def _places(probe: Probe) -> Iterator[tuple[str, str, Any]]:
    """Yield each place that can move by a step: its name, the call without it, its value."""
    yield "the clock", repr((probe.arguments, probe.setup)), probe.now
    for name, value in probe.arguments.items():
        if kind_of(value) in ("integer", "number", "date", "date-time"):
            rest = {other: held for other, held in probe.arguments.items() if other != name}
            yield name, repr((rest, probe.setup, probe.now)), value


def _width(first: Any, second: Any) -> float | None:
    """Return how far apart two values are in steps, None where that is too far or not comparable."""
    kind = kind_of(first)
    if first == second or kind != kind_of(second):
        return None
    if kind in ("integer", "number"):
        width = float(abs(first - second))
    elif kind == "date":
        width = float(abs(gap_in_days(first, second)))
    elif kind == "date-time":
        width = abs(_seconds(first) - _seconds(second)) / _DAY
    else:
        return None
    return width if width <= _WIDEST else None


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = (int(part) for part in stamp[11:19].split(":"))
    return gap_in_days("2000-01-01", stamp) * _DAY + hours * 3600 + minutes * 60 + seconds
