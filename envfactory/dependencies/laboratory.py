"""The bench as a place to try calls: chains of calls, the rows they lead to, arguments that fit a given value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import Seen
from envfactory.bench.inputs.world import Place, World
from envfactory.bench.sql.queries import Origin
from envfactory.dependencies.lineage import Slot, slots
from envfactory.dependencies.paths import values_at, with_value
from envfactory.sandbox.session import Call, Probe

_UNKNOWN_TEXTS = ("zz_unknown", "unknown-9z9z", "ZZZ", "nobody@nowhere.example", "zz")
_UNKNOWN_NUMBERS = (987_654_321, 99_991, 991, 97)


class Chain(NamedTuple):
    """Accepted calls, played at `now`."""

    calls: tuple[Call, ...]
    now: str | None

    def probe(self, tool: str, arguments: dict[str, Any]) -> Probe:
        """Return a call after the chain."""
        return Probe(tool, arguments, self.calls, self.now)

    def then(self, tool: str, arguments: dict[str, Any]) -> Chain:
        """Return the chain with one call more."""
        return Chain((*self.calls, (tool, arguments)), self.now)


class Laboratory:
    """Tries calls on the contracts; what it finds is proven on the code afterwards."""

    def __init__(self, bench: Bench) -> None:
        self.inputs = bench.inputs
        self.contracts = bench.contracts
        self.schema = bench.inputs.schema
        self.slots = {name: slots(facts, self.schema) for name, facts in self.inputs.facts.items()}
        self._worlds: dict[str, World] = {}
        self._drawn = 0

    def judge(self, probes: Iterable[Probe]) -> list[Seen]:
        """Return what the contracts say of calls."""
        return self.inputs.judge(probes)

    def world(self, chain: Chain) -> World:
        """Return the rows after a chain of accepted calls."""
        if not chain.calls:
            return self.inputs.start
        key = repr(chain)
        if key not in self._worlds:
            before = Chain(chain.calls[:-1], chain.now)
            tool, arguments = chain.calls[-1]
            ((_, observed),) = self.judge([before.probe(tool, dict(arguments))])
            self._worlds[key] = self.world(before).after(observed.changes)
        return self._worlds[key]

    def draws(
        self,
        tool: str,
        chain: Chain,
        count: int,
        *,
        slot: Slot | None = None,
        value: Any = None,
        focus: Sequence[Place] = (),
    ) -> list[dict[str, Any]]:
        """Return arguments drawn to be accepted after a chain; with the place of `slot` holding `value`."""
        if slot is None:
            return self._draws(tool, chain, count, focus, {}, None, None)
        near = [*self.places(self.world(chain), slot.column, value), *focus]
        given = {slot.path: value} if slot.path in self.contracts.tool(tool).parameters else {}
        return self._draws(tool, chain, count, near, given, slot, value)

    def related_draws(
        self, tool: str, chain: Chain, count: int, consumer: str, arguments: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Return arguments of one tool that concern the rows which another one's arguments name."""
        world = self.world(chain)
        named = [(slot, value) for slot in self.slots[consumer] for value in values_at(arguments, slot.path)]
        focus = [place for slot, value in named for place in self.places(world, slot.column, value)]
        shared = {slot.column: value for slot, value in named}
        given = {
            slot.path: shared[slot.column]
            for slot in self.slots[tool]
            if slot.column in shared and "[" not in slot.path
        }
        free = self._draws(tool, chain, 1, focus, {}, None, None) + self._draws(tool, chain, 1, (), {}, None, None)
        return self._draws(tool, chain, count, focus, given, None, None) + free

    def places(self, world: World, column: Origin, value: Any) -> list[Place]:
        """Return the row that a key's value names, in a list."""
        return [Place(column[0], row) for row in world.where(*column, value)[:1]]

    def unknowns(self, slot: Slot, world: World) -> list[Any]:
        """Return values that a parameter admits and no row has."""
        stock = {row[slot.column[1]] for row in world.rows(slot.column[0])}
        tried = [*_UNKNOWN_TEXTS, *_UNKNOWN_NUMBERS, *(_mangled(value) for value in sorted(map(str, stock))[:3])]
        return [value for value in tried if value not in stock and slot.leaf.admits(value)][:2]

    def others(self, slot: Slot, world: World, value: Any, most: int = 6) -> list[Any]:
        """Return other existing values of a parameter's column, from all over the table."""
        stock = [row[slot.column[1]] for row in world.rows(slot.column[0])]
        found = [other for other in dict.fromkeys(stock) if other != value and slot.leaf.admits(other)]
        return found[:: max(1, len(found) // most)][:most]

    def _draws(
        self,
        tool: str,
        chain: Chain,
        count: int,
        focus: Sequence[Place],
        given: dict[str, Any],
        slot: Slot | None,
        value: Any,
    ) -> list[dict[str, Any]]:
        self._drawn += 1
        draw = self.inputs.draw(tool, self.world(chain), f"laboratory/{self._drawn}", now=chain.now)
        made = [draw(focus=focus, given=given) for _ in range(count)]
        if slot is not None and not given:
            made = [changed for arguments in made if (changed := with_value(arguments, slot.path, value)) is not None]
        return made


def _mangled(text: str) -> str:
    """Return a text of the same make that is very likely nobody's: its letters and digits turned about."""
    turned = text[::-1] if text[::-1] != text else f"{text}9"
    return turned.swapcase() if turned.isalpha() and len(turned) < 4 else turned
