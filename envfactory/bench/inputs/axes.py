"""Exact edges along one axis: a number, a date, a time or the clock, moved until what comes of the call changes.

No formula is solved: along each axis a few points far apart are played, and between two that differ the place of the
change is found by halving. So every threshold is met to the unit, however it is derived (hours before a departure,
miles that exceed a fare, nights that a discount needs).
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from envfactory.bench.inputs.signature import Seen, failing_codes, shape
from envfactory.bench.inputs.values import kind_of
from envfactory.environments.contract import Parameter
from envfactory.sandbox.session import Observation, Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

CLOCK = ""
_DAYS = (-400, -120, -45, -15, -8, -4, -2, -1, 1, 2, 4, 8, 15, 45, 120, 400)
_HOURS = (-30, -12, -6, -3, -1, 1, 3, 6, 12, 30)
_DAY, _HOUR = 86_400, 3_600
_MOST_FLIPS = 5
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


class Axis(NamedTuple):
    """A call and the one thing in it that moves: a parameter, or the clock. Points are whole numbers."""

    probe: Probe
    name: str
    kind: str
    origin: int

    def at(self, point: int) -> Probe:
        """Return the call with its moving part at a point."""
        value = _spelled(self.kind, point)
        if self.name == CLOCK:
            return self.probe._replace(now=value)
        return self.probe._replace(arguments={**self.probe.arguments, self.name: value})


class _Stretch(NamedTuple):
    """Two points of an axis between which something changes."""

    axis: Axis
    low: int
    high: int
    low_kind: Hashable


def find_edges(inputs: Inputs, probes: Iterable[Probe], *, clock: bool = True) -> list[Seen]:
    """Move each call along each of its axes; keep and return the points looked at and both sides of every change."""
    axes = [axis for probe in probes for axis in axes_of(inputs, probe, clock=clock)]
    grids = [(axis, grid(axis, _bounds(inputs, axis))) for axis in axes]
    seen = inputs.observe(axis.at(point) for axis, points in grids for point in points)
    known = {_mark(probe): observed for probe, observed in seen}
    stretches = [stretch for axis, points in grids for stretch in _flips(axis, points, known)]
    ends = [
        probe
        for stretch in _halved(inputs, stretches)
        for probe in (stretch.axis.at(stretch.low), stretch.axis.at(stretch.high))
    ]
    return [*seen, *inputs.observe(ends)]


def axes_of(inputs: Inputs, probe: Probe, *, clock: bool = True) -> Iterator[Axis]:
    """Yield the axes of a call: its numbers, dates and times, and the clock."""
    for name, value in probe.arguments.items():
        parameter = inputs.contracts.tool(probe.tool).parameters[name]
        kind = kind_of(value)
        if kind in ("integer", "date", "date-time") and parameter.enum is None:
            yield Axis(probe, name, kind, _point(kind, value))
    if clock and inputs.facts[probe.tool].timed:
        yield Axis(probe, CLOCK, "date-time", _point("date-time", probe.now or inputs.contracts.now))


def grid(axis: Axis, bounds: tuple[int, int]) -> list[int]:
    """Return the points to look at first, in order: near the origin close together, further off wide apart."""
    if axis.kind == "integer":
        low, high = bounds
        reach = [2**power for power in range(0, 40, 2)]
        steps = {
            axis.origin,
            low,
            high,
            *(axis.origin + s for s in reach),
            *(axis.origin - s for s in reach),
            low + 1,
            high - 1,
        }
    elif axis.kind == "date":
        steps = {axis.origin + days for days in (0, *_DAYS)}
        low, high = 1, date.max.toordinal()
    else:
        steps = {axis.origin + days * _DAY for days in (0, *_DAYS)} | {axis.origin + hours * _HOUR for hours in _HOURS}
        low, high = bounds
    return sorted(step for step in steps if low <= step <= high)


def _bounds(inputs: Inputs, axis: Axis) -> tuple[int, int]:
    if axis.kind != "integer":
        return 0, 2**33
    parameter: Parameter = inputs.contracts.tool(axis.probe.tool).parameters[axis.name]
    low = parameter.minimum if parameter.minimum is not None else -10
    high = parameter.maximum if parameter.maximum is not None else 10**9
    return int(low), int(high)


def _flips(axis: Axis, points: list[int], known: dict[str, Observation]) -> list[_Stretch]:
    """Return the stretches with a change; where nearly every point differs, only coarse differences count."""
    observed = [(point, known.get(_mark(axis.at(point)))) for point in points]
    for kind in (_fine, _coarse):
        kinds = [(point, kind(seen)) for point, seen in observed if seen is not None]
        pairs = itertools.pairwise(kinds)
        found = [_Stretch(axis, low, high, first) for (low, first), (high, last) in pairs if first != last]
        if len(found) <= _MOST_FLIPS:
            return found
    return found[:_MOST_FLIPS]


def _halved(inputs: Inputs, stretches: list[_Stretch]) -> list[_Stretch]:
    """Halve all stretches together until each is one step wide; what lies between is judged, and not kept."""
    while any(stretch.high - stretch.low > 1 for stretch in stretches):
        middles = [(stretch.low + stretch.high) // 2 for stretch in stretches]
        judged = inputs.judge(stretch.axis.at(middle) for stretch, middle in zip(stretches, middles, strict=True))
        stretches = [_half(s, m, seen[1]) for s, m, seen in zip(stretches, middles, judged, strict=True)]
    return stretches


def _half(stretch: _Stretch, middle: int, observed: Observation) -> _Stretch:
    if stretch.high - stretch.low <= 1:
        return stretch
    coarse = isinstance(stretch.low_kind, tuple) and stretch.low_kind[:1] == ("coarse",)
    kind = _coarse(observed) if coarse else _fine(observed)
    return stretch._replace(low=middle) if kind == stretch.low_kind else stretch._replace(high=middle)


def _fine(observed: Observation) -> Hashable:
    return ("fine", repr(observed.outcome["result"])) if observed.ok else _codes(observed)


def _coarse(observed: Observation) -> Hashable:
    return "coarse", shape(observed.outcome["result"]) if observed.ok else _codes(observed)


def _codes(observed: Observation) -> Hashable:
    return tuple(sorted(failing_codes(observed)))


def _mark(probe: Probe) -> str:
    return repr((probe.arguments, probe.setup, probe.now))


def _point(kind: str, value: Any) -> int:
    if kind == "integer":
        return int(value)
    if kind == "date":
        return date.fromisoformat(value).toordinal()
    return int(datetime.strptime(value, _STAMP).replace(tzinfo=UTC).timestamp())


def _spelled(kind: str, point: int) -> Any:
    if kind == "integer":
        return point
    if kind == "date":
        return date.fromordinal(point).isoformat()
    return datetime.fromtimestamp(point, tz=UTC).strftime(_STAMP)
