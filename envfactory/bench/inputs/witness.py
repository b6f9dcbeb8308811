"""The search for a call that fails in one thing only, where varying accepted calls did not find it.

From the cheap to the dear, each step stopping when the code is provoked alone: every pair of rows that two parameters
may name; the call repeated until something runs out; calls after chains, varied; rows created with extreme values;
what the call needs, used up by others first; and a climb towards fewer failing codes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from envfactory.bench.inputs.axes import find_edges
from envfactory.bench.inputs.setups import Prefix, Setups
from envfactory.bench.inputs.signature import Seen, diverse, failing_codes, to_provoke
from envfactory.bench.inputs.world import Place, Row, World
from envfactory.environments.contract import Insert, RowStep, effect_table
from envfactory.sandbox.session import Call, Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

_MOST_PAIRS, _MOST_ROWS = 1600, 60
_CHAINS, _EXTREMES, _REPEATS, _DRAINS, _TRIES, _COLUMNS = 10, 10, 8, 8, 6, 3


class Witnesses:
    """Searches in one environment."""

    def __init__(self, inputs: Inputs, setups: Setups) -> None:
        self._inputs = inputs
        self._setups = setups

    def search(self, name: str) -> None:
        """Search until each code of a tool is provoked alone and each effect is seen, or nothing is left to try."""
        wanted = self._wanted(name)
        for step in (self._pairs, self._repeated):
            wanted = self._tried(step(name), wanted)
        # A code that comes first, only never alone, has its call; the dear steps are for what was not seen at all.
        wanted = {goal for goal in wanted if not self._inputs.refused(name, goal)}
        for step in (self._after_chains, self._created, self._drained):
            wanted = self._tried(step(name), wanted)
        for code in sorted(wanted & set(self._inputs.contracts.tool(name).codes())):
            self._inputs.climb(self._inputs.seen(name), self._inputs.start, to_provoke(code), rounds=2)

    @staticmethod
    def _tried(batches: Iterator[Iterable[Seen]], wanted: set[str]) -> set[str]:
        """Return what is still wanted after a step, which is left off as soon as nothing is."""
        while wanted:
            batch = next(batches, None)
            if batch is None:
                break
            wanted = wanted - {mark for seen in batch for mark in marks(seen)}
        return wanted

    def _wanted(self, name: str) -> set[str]:
        contract = self._inputs.contracts.tool(name)
        codes = {code for code in contract.codes() if not contract.errors[code].subsumed_by}
        effects = {f"{type(effect).__name__.lower()} {effect_table(effect)}" for effect in contract.effects}
        found = {mark for seen in self._inputs.seen(name) for mark in marks(seen)}
        return {goal for goal in (codes | effects) - found if not self._needs_no_search(name, goal)}

    def _needs_no_search(self, name: str, goal: str) -> bool:
        """A look-up that fails makes what depends on it fail too: the call that gets its code is as good as any."""
        steps = [s for s in self._inputs.contracts.tool(name).steps if getattr(s, "otherwise", None) == goal]
        looked_up = bool(steps) and all(isinstance(step, RowStep) for step in steps)
        return looked_up and bool(self._inputs.refused(name, goal))

    def _pairs(self, name: str) -> Iterator[Iterable[Seen]]:
        """Play every pair of rows that two parameters may name, the rest fitting them."""
        for first, second in self._partners(name):
            yield self._kept(self._paired(name, self._inputs.start, first, second, ()))

    def _partners(self, name: str) -> list[tuple[str, str]]:
        leaves = self._inputs.facts[name].leaves
        named = [path for path, leaf in leaves.items() if leaf.parameter.ref and leaf.columns and "[" not in path]
        lead = self._inputs.lead(name)
        ordered = sorted(named, key=lambda path: leaves[path].columns[0][0] != lead)
        return [(ordered[0], other) for other in ordered[1:]] if ordered else []

    def _paired(self, name: str, world: World, first: str, second: str, calls: tuple[Call, ...]) -> list[Probe]:
        facts = self._inputs.facts[name]
        places = [
            [Place(*item) for item in self._rows_of(world, facts.leaves[path].columns[0][0])]
            for path in (first, second)
        ]
        columns = [facts.leaves[path].columns[0][1] for path in (first, second)]
        draw = self._inputs.draw(name, world, f"pairs/{first}/{second}/{len(calls)}")
        pairs = list(itertools.product(*places))
        rng = self._inputs.random(f"pairs/{name}/{first}/{second}")
        chosen = pairs if len(pairs) <= _MOST_PAIRS else rng.sample(pairs, _MOST_PAIRS)
        made = []
        for one, other in chosen:
            given = {first: one.row[columns[0]], second: other.row[columns[1]]}
            made.append(Probe(name, draw(focus=[one, other], given=given), calls))
        return made

    def _rows_of(self, world: World, table: str) -> list[tuple[str, Row]]:
        rows = world.rows(table)
        rng = self._inputs.random(f"rows/{table}")
        return [(table, row) for row in (rows if len(rows) <= _MOST_ROWS else rng.sample(rows, _MOST_ROWS))]

    def _kept(self, probes: list[Probe]) -> list[Seen]:
        """Judge many calls and keep a few of each kind that fail in one thing, and a few that are accepted."""
        judged = self._inputs.judge(probes)
        single = [seen for seen in judged if seen[1].ok or len(failing_codes(seen[1])) == 1]
        return self._inputs.observe(probe for probe, _ in diverse(single, 24))

    def _repeated(self, name: str) -> Iterator[Iterable[Seen]]:
        """Repeat an accepted call until it is refused: stock runs out, a second time is once too often."""
        accepted = [seen for seen in self._inputs.seen(name) if seen[1].ok and not seen[0].setup]
        weighed = sorted(accepted, key=lambda seen: weight(seen[0].arguments))
        by_lead = list({repr(self._lead_value(seen[0])): seen for seen in weighed}.values())
        for probe, _ in [*weighed[-6:], *by_lead[:12]]:
            call: Call = (probe.tool, probe.arguments)
            yield self._inputs.observe(probe._replace(setup=(call,) * times) for times in range(1, _REPEATS))

    def _lead_value(self, probe: Probe) -> Any:
        leaves = self._inputs.facts[probe.tool].leaves
        lead = self._inputs.lead(probe.tool)
        return [
            v
            for n, v in probe.arguments.items()
            if n in leaves and leaves[n].columns and leaves[n].columns[0][0] == lead
        ]

    def _after_chains(self, name: str) -> Iterator[Iterable[Seen]]:
        """Vary calls that were accepted after chains of other calls, and move them along their axes."""
        after = [seen for seen in self._inputs.seen(name) if seen[1].ok and seen[0].setup]
        by_chain = {tuple(tool for tool, _ in probe.setup): (probe, observed) for probe, observed in after}
        for probe, observed in list(by_chain.values())[:_CHAINS]:
            prefix = self._setups.prefix(probe.setup)
            if prefix is not None:
                yield find_edges(self._inputs, [probe])
                yield self._inputs.vary([(probe, observed)], prefix.world)

    def _created(self, name: str) -> Iterator[Iterable[Seen]]:
        """Create the row the call is about with extreme values, and pair it with every row of the other parameters."""
        lead = self._inputs.lead(name)
        for prefix in self._extreme_prefixes(name, lead):
            draw = self._inputs.draw(name, prefix.world, f"created/{len(prefix.calls)}", now=prefix.now)
            plain = [prefix.probe(name, draw(focus=prefix.focus)) for _ in range(_TRIES)]
            paired = [probe._replace(now=prefix.now) for probe in self._targets(name, prefix)]
            seen = [*self._inputs.observe(plain), *self._kept(paired)]
            yield seen
            accepted = [probe for probe, observed in seen if observed.ok][:2]
            yield find_edges(self._inputs, accepted, clock=False)

    def _targets(self, name: str, prefix: Prefix) -> list[Probe]:
        """The call about the created row, with each row that another parameter may name."""
        facts = self._inputs.facts[name]
        draw = self._inputs.draw(name, prefix.world, "targets", now=prefix.now)
        made = []
        for first, second in self._partners(name):
            table, column = facts.leaves[first].columns[0]
            own = next((place for place in prefix.focus if place.table == table), None)
            if own is None:
                continue
            other_table, other_column = facts.leaves[second].columns[0]
            for _, row in self._rows_of(prefix.world, other_table):
                given = {first: own.row[column], second: row[other_column]}
                made.append(prefix.probe(name, draw(focus=[own, Place(other_table, row)], given=given)))
        return made

    def _columns_of(self, name: str, table: str | None) -> list[str]:
        """The numbers of a table's rows that a tool's rules mention."""
        facts = self._inputs.schema.tables.get(table or "")
        mentioned = set(re.findall(r"__(\w+)", " ".join(self._inputs.facts[name].texts)))
        numbers = [column for column, fact in facts.columns.items() if fact.type != "TEXT"] if facts else []
        return [column for column in numbers if column in mentioned][:_COLUMNS]

    def _extreme_prefixes(self, name: str, table: str | None) -> Iterator[Prefix]:
        """Chains that create a row of a table with the largest values accepted, and carry it one step further."""
        for tool in self._inputs.contracts.tools:
            if not any(isinstance(effect, Insert) and effect.insert == table for effect in tool.effects):
                continue
            accepted = [seen for seen in self._inputs.seen(tool.name) if seen[1].ok and not seen[0].setup]
            largest = [climbed(self._inputs, accepted, column) for column in self._columns_of(name, table)]
            for seen in [*itertools.chain(*largest), *extremes(accepted)[:_EXTREMES]]:
                prefix = self._setups.extended(None, seen)
                yield prefix
                yield from self._setups.onward(prefix)

    def _drained(self, name: str) -> Iterator[Iterable[Seen]]:
        """Let other tools use up what an accepted call needs, then make the call."""
        accepted = [seen for seen in self._inputs.seen(name) if seen[1].ok and not seen[0].setup]
        for probe, _ in diverse(accepted, 3):
            for tool in self._inputs.contracts.tools:
                tables = {effect_table(effect) for effect in tool.effects}
                wanted = [place for place in self._inputs.named_rows(probe) if place.table in tables]
                if tool.kind == "write" and wanted:
                    yield self._drain(probe, tool.name, wanted)

    def _drain(self, probe: Probe, tool: str, wanted: list[Place]) -> list[Seen]:
        calls: tuple[Call, ...] = ()
        world, seen = self._inputs.start, []
        for turn in range(_DRAINS):
            draw = self._inputs.draw(tool, world, f"drain/{turn}", now=probe.now)
            tried = self._inputs.judge(Probe(tool, draw(focus=wanted), calls, probe.now) for _ in range(_TRIES))
            accepted = [item for item in tried if item[1].ok and item[1].changes]
            if not accepted:
                break
            taken = max(accepted, key=lambda item: weight(item[0].arguments))
            calls, world = (*calls, (tool, taken[0].arguments)), world.after(taken[1].changes)
            seen += self._inputs.observe([probe._replace(setup=calls)])
        return seen


def climbed(inputs: Inputs, accepted: list[Seen], column: str) -> list[Seen]:
    """Climb to the call whose new or changed row has the largest value in a column."""

    def cost(seen: Seen) -> float:
        rows = [change.get("after", {}) for change in seen[1].changes] if seen[1].ok else []
        return -max((row[column] for row in rows if isinstance(row.get(column), int | float)), default=-1e18)

    return inputs.climb(accepted, inputs.start, cost, rounds=3)[:1]


def marks(seen: Seen) -> list[str]:
    """Return what a call shows: the one code that fails, or each operation on each table."""
    observed = seen[1]
    if observed.ok:
        return [f"{change['op']} {change['table']}" for change in observed.changes]
    codes = failing_codes(observed)
    return codes if len(codes) == 1 else []


def weight(arguments: dict[str, Any]) -> float:
    """Return how much a call asks for: the sum of its numbers."""
    return sum(value for value in arguments.values() if isinstance(value, int | float) and not isinstance(value, bool))


def extremes(seen: list[Seen]) -> list[Seen]:
    """Return the calls with the largest and the smallest of each number and the longest spans, and diverse others."""
    names = dict.fromkeys(name for probe, _ in seen for name in probe.arguments)
    found: list[Seen] = []
    for name in names:
        having = [item for item in seen if isinstance(item[0].arguments.get(name), int | str)]
        ordered = sorted(having, key=lambda item: _size(item[0].arguments[name]))
        found += ordered[-1:] if ordered else []
    distinct = {repr(probe.arguments): (probe, observed) for probe, observed in [*found, *diverse(seen, 4)]}
    return list(distinct.values())


def _size(value: Any) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value))
