"""Random walks: sequences of calls, each drawn in the state the calls before it left, biased to success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envfactory.bench.inputs.world import Place, World
from envfactory.sandbox.session import Call, Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

_TRIES, _SHARE_WRITES, _SHARE_REFUSED = 3, 0.7, 0.25


class _Walk:
    """A walk in the making."""

    def __init__(self, world: World) -> None:
        self.calls: list[Call] = []
        self.world = world
        self.focus: list[Place] = []


def make_walks(inputs: Inputs, count: int, length: int) -> list[list[Call]]:
    """Return `count` walks of `length` calls; all walks take their next step together, in one batch."""
    rng = inputs.random(f"walks/{count}/{length}")
    names = {kind: [tool.name for tool in inputs.contracts.tools if tool.kind == kind] for kind in ("read", "write")}
    walks = [_Walk(inputs.start) for _ in range(count)]
    for _ in range(length):
        tried: list[list[Probe]] = []
        for walk in walks:
            kind = "write" if names["write"] and (rng.random() < _SHARE_WRITES or not names["read"]) else "read"
            tools = [rng.choice(names[kind]) for _ in range(_TRIES)]
            tried.append([_step(inputs, walk, tool, rng.randrange(2**32)) for tool in tools])
        for walk, probes in zip(walks, tried, strict=True):
            _take(inputs, walk, probes, refuse=rng.random() < _SHARE_REFUSED)
    return [walk.calls for walk in walks]


def _step(inputs: Inputs, walk: _Walk, tool: str, mark: int) -> Probe:
    draw = inputs.draw(tool, walk.world, f"walk/{mark}")
    return Probe(tool, draw(focus=walk.focus if mark % 2 else ()), tuple(walk.calls))


def _take(inputs: Inputs, walk: _Walk, probes: list[Probe], *, refuse: bool) -> None:
    """Add the first accepted call (or, now and then, the first whatever comes of it) to a walk."""
    seen = inputs.judge(probes)
    taken = seen[0] if refuse else next((s for s in seen if s[1].ok), None)
    if taken is None:
        return
    probe, observed = taken
    walk.calls.append((probe.tool, probe.arguments))
    walk.world = walk.world.after(observed.changes)
    walk.focus = walk.world.changed(observed.changes)[:3] or walk.focus
