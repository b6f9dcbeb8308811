"""Brings the parts together: draws, climbs to acceptance, varies what was accepted, plays set-ups, looks again.

Guided by the oracle alone. It tells for each call *all* codes that fail, so a search can walk towards the call that
fails in one thing only, and knows when it has arrived.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from envfactory.bench.inputs.axes import find_edges
from envfactory.bench.inputs.draw import Draw
from envfactory.bench.inputs.facts import ToolFacts
from envfactory.bench.inputs.looking import Looker
from envfactory.bench.inputs.setups import Setups
from envfactory.bench.inputs.signature import (
    Cost,
    ProbeKey,
    Seen,
    diverse,
    failing_codes,
    prepared,
    probe_key,
    to_accept,
)
from envfactory.bench.inputs.situations import Situations
from envfactory.bench.inputs.vary import Variations, values_at
from envfactory.bench.inputs.walking import make_walks
from envfactory.bench.inputs.witness import Witnesses
from envfactory.bench.inputs.world import Place, Row, World
from envfactory.bench.sql.schema import read_schema
from envfactory.runtime.arguments import INVALID_ARGUMENT
from envfactory.sandbox.session import Call, Probe

if TYPE_CHECKING:
    from envfactory.bench.bench import Bench

_DRAWS, _LEADS, _BASES, _CLIMBERS, _ROUNDS = 40, 48, 5, 5, 3
_ENOUGH, _AXES, _FULL = 4, 3, 2


class Inputs:
    """See the package's docstring. Everything is generated when first asked for, and kept."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.contracts = bench.contracts
        self.schema = read_schema(bench.oracle)
        self.start = World(self.schema, bench.tables)
        self.facts = {tool.name: ToolFacts(tool, self.schema) for tool in self.contracts.tools}
        self._found: dict[str, dict[ProbeKey, Seen]] = {name: {} for name in self.facts}
        self._varied: set[ProbeKey] = set()
        self._walks: dict[tuple[int, int], list[list[Call]]] = {}
        self._state: Literal["new", "making", "made"] = "new"

    def for_tool(self, name: str) -> list[Probe]:
        """Return every generated call of a tool whose arguments its schema admits."""
        return [probe for probe, _ in self.seen(name)]

    def accepted(self, name: str) -> list[Probe]:
        """Return the calls that the contract accepts."""
        return [probe for probe, observed in self.seen(name) if observed.ok]

    def rejecting(self, name: str, code: str) -> list[Probe]:
        """Return the calls that fail with this code and no other (single faults), simplest first.

        A code that never fails alone (who does not exist owns nothing either) gives those with the fewest codes of
        which it is the first, and so the one the caller gets.
        """
        return [probe for probe, _ in self.refused(name, code)]

    def refused(self, name: str, code: str) -> list[Seen]:
        """Return what `rejecting` does, with what the oracle says."""
        first = [seen for seen in self.seen(name) if not seen[1].ok and failing_codes(seen[1])[0] == code]
        fewest = min((len(failing_codes(observed)) for _, observed in first), default=0)
        found = [seen for seen in first if len(failing_codes(seen[1])) == fewest]
        return sorted(found, key=lambda seen: (len(seen[0].setup), seen[0].now is not None))

    def seen(self, name: str) -> list[Seen]:
        """Return every generated call of a tool with what the oracle says of it."""
        self._complete()
        return list(self._found[name].values())

    def situations(self, name: str) -> list[Seen]:
        """Return calls of a tool in rarer situations, for comparing code with contracts; see `Situations`."""
        return self._situations[name]

    def missing(self) -> dict[str, list[str]]:
        """Return, by tool, the declared codes that no generated call gets (those declared subsumed excepted)."""
        self._complete()
        found = {name: [code for code in self._unprovoked(name) if not self.refused(name, code)] for name in self.facts}
        return {name: codes for name, codes in found.items() if codes}

    def walks(self, count: int, length: int) -> list[list[Call]]:
        """Return random sequences of calls, each biased to success; the last state of each is far from the first."""
        if (count, length) not in self._walks:
            self._walks[count, length] = make_walks(self, count, length)
        return self._walks[count, length]

    def draw(self, name: str, world: World, purpose: str, *, now: str | None = None) -> Callable[..., dict[str, Any]]:
        """Return a function that draws arguments; see `Draw.arguments`."""
        rng = self._bench.random(f"inputs/{purpose}/{name}")
        facts, clock = self.facts[name], now or self.contracts.now
        return lambda **options: Draw(facts, world, clock, rng).arguments(**options)

    def random(self, purpose: str) -> random.Random:
        """Return the random stream of a purpose."""
        return self._bench.random(f"inputs/{purpose}")

    def judge(self, probes: Iterable[Probe]) -> list[Seen]:
        """Have the oracle judge calls."""
        wanted = list(probes)
        return list(zip(wanted, self._bench.observe(wanted, side="oracle"), strict=True))

    def observe(self, probes: Iterable[Probe]) -> list[Seen]:
        """Have the oracle judge calls; return those whose arguments are admitted and whose set-up was played.

        While the inputs are being made these are kept; once made, inputs do not change, whoever looks at what.
        """
        fit = [seen for seen in self.judge(probes) if seen[1].code != INVALID_ARGUMENT and prepared(seen)]
        if self._state == "making":
            for probe, observed in fit:
                self._found[probe.tool].setdefault(probe_key(probe), (probe, observed))
        return fit

    def vary(self, seen: Iterable[Seen], world: World, full: int = _FULL) -> list[Seen]:
        """Observe the variations of calls not yet varied: all of the first few, some of the others."""
        fresh = [probe for probe, _ in seen if probe_key(probe) not in self._varied]
        self._varied.update(probe_key(probe) for probe in fresh)
        made: list[Probe] = []
        for number, (probe, sight) in enumerate(zip(fresh, self._looker.look(fresh), strict=True)):
            variations = self._variations(probe.tool, world)
            made += variations.of(probe, sight) if number < full else variations.few(probe, sight)
        return self.observe(made)

    def climb(
        self,
        seen: Iterable[Seen],
        world: World,
        cost: Cost,
        rounds: int = _ROUNDS,
        *,
        wide: bool = False,
        clock: bool = True,
    ) -> list[Seen]:
        """Vary the calls of least cost, again and again, until one costs nothing; return the best at last.

        `wide` tries every value that may tell, however many there are; without `clock` the time stays as it is.
        """
        best = sorted(seen, key=cost)[:_CLIMBERS]
        for _ in range(rounds):
            if not best or cost(best[0]) == 0:
                break
            sights = self._looker.look(probe for probe, _ in best)
            looked = zip(best, sights, strict=True)
            varied = (self._steps(probe, sight, world, wide=wide, clock=clock) for (probe, _), sight in looked)
            tried = [made for probes in varied for made in probes]
            best = sorted([*best, *self.observe(tried)], key=cost)[:_CLIMBERS]
        return best

    def close(self) -> None:
        """End the worker that looks."""
        if "_looker" in self.__dict__:
            self._looker.close()

    @cached_property
    def _looker(self) -> Looker:
        return Looker(self._bench.oracle_spec, self.contracts.tools, self._bench.open_worker)

    @cached_property
    def _setups(self) -> Setups:
        return Setups(self)

    @cached_property
    def _situations(self) -> dict[str, list[Seen]]:
        self._complete()
        return Situations(self, self._setups).make()

    def _complete(self) -> None:
        if self._state != "new":
            return
        self._state = "making"
        for name in self.facts:
            self._explore(name)
        self._setups.explore()
        witnesses = Witnesses(self, self._setups)
        for name in self.facts:
            witnesses.search(name)
        self._state = "made"

    def _explore(self, name: str) -> None:
        draw = self.draw(name, self.start, "draws")
        drawn = [draw() for _ in range(_DRAWS)] + [draw(focus=[place]) for place in self._leads(name)]
        seen = self.observe(Probe(name, arguments) for arguments in drawn)
        if sum(observed.ok for _, observed in seen) < _ENOUGH:
            best = self.climb(seen, self.start, to_accept)
            if best and not best[0][1].ok:
                self.climb(best, self.start, to_accept, wide=True)
            if best and not any(observed.ok and probe.now is None for probe, observed in self._found[name].values()):
                self.climb(seen, self.start, to_accept, wide=True, clock=False)
        accepted = [(probe, observed) for probe, observed in self._found[name].values() if observed.ok]
        bases = diverse(accepted, _BASES)
        self.vary(bases, self.start)
        find_edges(self, [probe for probe, _ in bases[:_AXES]])

    def lead(self, name: str) -> str | None:
        """Return the table that decides most for a tool: of those its parameters name, the one with most references."""
        named = [leaf.columns[0][0] for leaf in self.facts[name].leaves.values() if leaf.parameter.ref and leaf.columns]
        return max(named, key=lambda table: len(self.schema.tables[table].references), default=None)

    def named_rows(self, probe: Probe) -> list[Place]:
        """Return the rows of the first state that a call's arguments name, with those they belong to."""
        found: list[Place] = []
        for path, leaf in self.facts[probe.tool].leaves.items():
            if leaf.parameter.ref and leaf.columns:
                table, column = leaf.columns[0]
                for value in values_at(probe.arguments, path):
                    for row in self.start.where(table, column, value)[:1]:
                        found += [place for place in self.start.ancestry(Place(table, row)) if place not in found]
        return found

    def _leads(self, name: str) -> list[Place]:
        table = self.lead(name)
        rows: list[Row] = self.start.rows(table) if table else []
        rng = self._bench.random(f"inputs/leads/{name}")
        return [Place(str(table), row) for row in rng.sample(rows, min(len(rows), _LEADS))]

    def _unprovoked(self, name: str) -> list[str]:
        contract = self.contracts.tool(name)
        alone = {codes[0] for _, o in self._found[name].values() if not o.ok and len(codes := failing_codes(o)) == 1}
        return [code for code in contract.codes() if code not in alone and not contract.errors[code].subsumed_by]

    def _variations(self, name: str, world: World) -> Variations:
        return Variations(self.facts[name], world, self.contracts.now, self._bench.random(f"inputs/vary/{name}"))

    def _steps(self, probe: Probe, sight: Any, world: World, *, wide: bool, clock: bool) -> list[Probe]:
        variations = self._variations(probe.tool, world)
        clocks = variations.clocks(probe, sight)[:12] if clock else []
        return [*variations.parameters_only(probe, sight, wide=wide), *(probe._replace(now=stamp) for stamp in clocks)]
