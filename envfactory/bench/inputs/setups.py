"""Calls before the call: chains of accepted writes, and what the tools do in the states they lead to.

The seed does not hold every situation. A chain of one to three calls makes the rest: create then confirm, sell out,
use up. Ids are deterministic, so playing a chain on the oracle tells the ids that later arguments need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from envfactory.bench.inputs.signature import Seen, diverse
from envfactory.bench.inputs.world import Place, World
from envfactory.sandbox.session import Call, Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

_FIRST, _DEEPER, _CHOICES = 3, 40, 4


class Prefix(NamedTuple):
    """A played chain, the world after it and the rows its last call touched.

    All of it happened at `now`, unless `times` tells when each call did; then `now` is when the next one does.
    """

    calls: tuple[Call, ...]
    world: World
    focus: tuple[Place, ...]
    now: str | None
    times: tuple[str | None, ...] = ()

    def probe(self, tool: str, arguments: dict[str, Any]) -> Probe:
        """Return a call after this chain."""
        return Probe(tool, arguments, self.calls, self.now, setup_at=self.times)

    def later(self, now: str) -> Prefix:
        """Return this chain with the clock moved on after it."""
        return self._replace(now=now, times=self.times or (self.now,) * len(self.calls))


class Setups:
    """Explores with the chains of one environment."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._writes = [tool.name for tool in inputs.contracts.tools if tool.kind == "write"]
        self.prefixes: list[Prefix] = []

    def explore(self) -> None:
        """Try every tool after chains of one call, and the tools concerned after chains of two and three."""
        level = [prefix for name in self._writes for prefix in self._first(name)]
        for depth in (1, 2, 3):
            self.prefixes += level
            seen = [self._after(prefix, depth) for prefix in level]
            if depth == 3 or (depth == 2 and not self._wanting()):
                break
            level = self._deeper(level, seen)

    def prefix(self, calls: tuple[Call, ...]) -> Prefix | None:
        """Return the explored chain that consists of these calls."""
        return next((prefix for prefix in self.prefixes if prefix.calls == calls), None)

    def onward(self, prefix: Prefix) -> list[Prefix]:
        """Return the chain carried one accepted write further, one for each tool that can."""
        tools = [name for name in self._writes if name in self._concerned(prefix)]
        tried = self._inputs.observe(probe for name in tools for probe in self._tries(prefix, name, 2))
        accepted = [seen for seen in tried if seen[1].ok and seen[1].changes]
        return [self.extended(prefix, seen) for seen in self._one_a_tool(accepted)]

    def _first(self, name: str) -> list[Prefix]:
        accepted = [seen for seen in self._inputs.seen(name) if seen[1].ok and not seen[0].setup and seen[1].changes]
        plain = [seen for seen in accepted if seen[0].now is None] or accepted
        return [self.extended(None, seen) for seen in diverse(plain, _FIRST)]

    def extended(self, prefix: Prefix | None, seen: Seen) -> Prefix:
        """Return a chain with one more call, an accepted one that was made after it."""
        probe, observed = seen
        world = (prefix.world if prefix else self._inputs.start).after(observed.changes)
        calls = (*probe.setup, (probe.tool, probe.arguments))
        times = (*probe.setup_at, probe.now) if probe.setup_at else ()
        return Prefix(calls, world, tuple(world.changed(observed.changes)[:6]), probe.now, times)

    def _after(self, prefix: Prefix, depth: int) -> list[Seen]:
        tools = self._concerned(prefix) if depth > 1 else list(self._inputs.facts)
        return self._inputs.observe(probe for name in tools for probe in self._tries(prefix, name, depth))

    def tries(self, prefix: Prefix) -> Iterator[Probe]:
        """Yield a call of each tool concerned with what a chain touched last, and one that says what its last call did."""
        for name in self._concerned(prefix):
            draw = self._inputs.draw(
                name, prefix.world, f"then/{len(prefix.calls)}/{prefix.calls[-1][0]}", now=prefix.now
            )
            yield prefix.probe(name, draw(focus=prefix.focus))
            echoed = self._echo(name, prefix.calls[-1][1])
            if echoed:
                yield prefix.probe(name, draw(focus=prefix.focus, given=echoed))

    def _tries(self, prefix: Prefix, name: str, depth: int) -> Iterable[Probe]:
        draw = self._inputs.draw(name, prefix.world, f"after/{len(self.prefixes)}", now=prefix.now)
        arguments = [draw(focus=prefix.focus) for _ in range(3 if depth == 1 else 2)]
        last_tool, last = prefix.calls[-1]
        echoed = self._echo(name, last)
        if echoed:
            arguments.append(draw(focus=prefix.focus, given=echoed))
        if last_tool == name:
            arguments += [dict(last), *(draw(focus=prefix.focus, given=given) for given in self._but_one(name, last))]
        return [prefix.probe(name, made) for made in arguments]

    def _echo(self, name: str, last: Any) -> dict[str, Any]:
        """The arguments of the last call that this tool has a parameter of the same name and type for."""
        leaves = self._inputs.facts[name].leaves
        return {key: value for key, value in last.items() if key in leaves and leaves[key].admits(value)}

    def _but_one(self, name: str, last: Any) -> list[dict[str, Any]]:
        """The last call's arguments without one of them: the same again, with another row or another choice."""
        parameters = self._inputs.contracts.tool(name).parameters
        choices = [key for key in last if parameters[key].ref or parameters[key].enum or parameters[key].required]
        return [{key: value for key, value in last.items() if key != other} for other in choices[:_CHOICES]]

    def _concerned(self, prefix: Prefix) -> list[str]:
        touched = {place.table for place in prefix.focus}
        named = {
            name: {leaf.columns[0][0] for leaf in facts.leaves.values() if leaf.parameter.ref and leaf.columns}
            for name, facts in self._inputs.facts.items()
        }
        return [name for name, tables in named.items() if tables & touched]

    def _deeper(self, level: list[Prefix], seen: list[list[Seen]]) -> list[Prefix]:
        found = []
        for prefix, observed in zip(level, seen, strict=True):
            accepted = [s for s in observed if s[1].ok and s[1].changes]
            found += [self.extended(prefix, s) for s in self._one_a_tool(accepted)]
        rng = self._inputs.random("setups/deeper")
        return found if len(found) <= _DEEPER else rng.sample(found, _DEEPER)

    @staticmethod
    def _one_a_tool(seen: Iterable[Seen]) -> list[Seen]:
        return list({probe.tool: (probe, observed) for probe, observed in reversed(list(seen))}.values())

    def _wanting(self) -> bool:
        lacking = any(not any(o.ok for _, o in self._inputs.seen(name)) for name in self._inputs.facts)
        return lacking or bool(self._inputs.missing())
