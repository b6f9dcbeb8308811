"""Situations that single calls and short chains seldom meet, and in which code that looks right goes wrong.

Several children of one row before something happens to that row; lists longer than a page; rows made with the largest
values the rules let through; what a row says said again, for somebody else or elsewhere; the clock before, at and
after a row's own dates, whatever state it is in; time that passes between the calls of a chain. They are for comparing code with contracts: stored cases and searches
go by the plain inputs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from envfactory.bench.inputs.crowds import FEW, Crowds
from envfactory.bench.inputs.passing import Passing
from envfactory.bench.inputs.setups import Prefix, Setups
from envfactory.bench.inputs.signature import ProbeKey, Seen, diverse, failing_codes, prepared, probe_key
from envfactory.bench.inputs.values import kind_of, shift_stamp
from envfactory.bench.inputs.witness import weight
from envfactory.bench.inputs.world import Place, World
from envfactory.environments.contract import Insert, Update, effect_table
from envfactory.runtime.arguments import INVALID_ARGUMENT
from envfactory.sandbox.session import Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

_ROWS_A_STATE, _MOMENTS, _NUMBERS, _LEAST_SAID = 2, 6, 4, 2
_DRAWS, _MANY_DRAWS, _KEPT, _OTHERS, _MANY_OTHERS, _SIBLINGS = 2, 4, 4, 2, 12, 3
_AROUND = (-86_400, -1, 0, 1, 86_399)  # the day before, a second about, the end of the day


class Situations:
    """Makes the situations of one environment's inputs, which must be complete."""

    def __init__(self, inputs: Inputs, setups: Setups) -> None:
        self._inputs = inputs
        self._setups = setups
        self._accepted: dict[str, list[dict[str, Any]]] = {}

    def make(self) -> dict[str, list[Seen]]:
        """Return, by tool, calls in all these situations with what the oracle says of them."""
        crowds = Crowds(self._inputs, self._setups)
        probes = [
            *self._around(crowds.crowds(), _DRAWS),
            *self._around(crowds.largest(), _MANY_DRAWS),
            *self._said_again(),
            *self._on_extremes(),
            *self._clocks(),
            *self._limits(),
            *self._as_time_passes(),
        ]
        found: dict[str, dict[ProbeKey, Seen]] = {name: {} for name in self._inputs.facts}
        for seen in self._inputs.judge(probes):
            if seen[1].code != INVALID_ARGUMENT and prepared(seen):
                found[seen[0].tool].setdefault(probe_key(seen[0]), seen)
        return {name: list(seen.values()) for name, seen in found.items()}

    # Calls.

    def _around(self, chains: Iterable[Prefix], draws: int) -> Iterator[Probe]:
        """Yield the calls concerned with what a chain made, and those after one more step."""
        for chain in chains:
            long = len(chain.calls) > FEW
            tried = [probe for name in self._concerned(chain) for probe in self._after(chain, name, draws, wide=long)]
            yield from tried if draws <= _DRAWS else self._telling(tried)
            if not long:
                for onward in self._setups.onward(chain):
                    for name in self._concerned(onward):
                        yield from self._after(onward, name, 1)

    def _telling(self, probes: Iterable[Probe], most: int = _KEPT) -> Iterator[Probe]:
        """Yield a few probes of each tool, of as many kinds as there are, accepted ones first."""
        by_tool: dict[str, list[Seen]] = {}
        for seen in self._inputs.judge(probes):
            by_tool.setdefault(seen[0].tool, []).append(seen)
        for group in by_tool.values():
            ordered = sorted(group, key=lambda seen: not seen[1].ok)
            yield from (probe for probe, _ in diverse(ordered, most))

    def _after(self, chain: Prefix, name: str, draws: int, *, wide: bool = False) -> Iterator[Probe]:
        focus = self._subjects(chain)
        draw = self._inputs.draw(name, chain.world, f"situation/{_spelled(chain.probe(name, {}))}", now=chain.now)
        for _ in range(draws):
            yield chain.probe(name, draw(focus=focus))
        others = _OTHERS if draws <= _DRAWS else _MANY_OTHERS
        for place in chain.focus[:1]:
            yield from (chain.probe(name, said) for said in self._echoes(name, chain.world, place, others))
        if wide:
            parameters = self._inputs.contracts.tool(name).parameters
            numbers = {key: p.maximum for key, p in parameters.items() if p.type == "integer" and p.maximum}
            made = draw(focus=focus)
            yield chain.probe(name, {key: value for key, value in made.items() if parameters[key].required})
            yield chain.probe(name, {**made, **{key: int(most) for key, most in numbers.items()}})

    # What a row says, said again.

    def _said_again(self) -> Iterator[Probe]:
        """Yield calls that say what a row of some state says, or put one row where another is, before its dates too."""
        for tool in self._inputs.contracts.tools:
            for table in dict.fromkeys(effect_table(e) for e in tool.effects if isinstance(e, Insert | Update)):
                for place in self._of_states(table):
                    yield from self._telling(self._like(tool.name, place), _KEPT + _KEPT)

    def _like(self, name: str, place: Place) -> Iterator[Probe]:
        for arguments in (*self._echoes(name, self._inputs.start, place), *self._crossed(name, place)):
            yield from (Probe(name, arguments, now=now) for now in (None, *self._days_before(name, place)))

    def _days_before(self, name: str, place: Place) -> list[str]:
        """The day before what a call would say of a row, at the time it says or at the episode's."""
        dates = [value for value in self._said(name, place).values() if _is_dated(value)]
        stamps = (value if len(value) > 10 else value + self._inputs.contracts.now[10:] for value in dates[:1])
        return [before for stamp in stamps if (before := shift_stamp(stamp, days=-1))]

    def _on_extremes(self) -> Iterator[Probe]:
        """Yield accepted calls about the rows with the largest numbers, whatever else they must name for that."""
        for name in self._inputs.facts:
            table = self._inputs.lead(name)
            rows = self._inputs.start.rows(table) if table else []
            counted = [column for column in rows[0] if kind_of(rows[0][column]) == "integer"] if rows else []
            largest = {id(row): row for row in (max(rows, key=lambda row: row[c] or 0) for c in counted)}
            for row in largest.values():
                echoes = self._echoes(name, self._inputs.start, Place(str(table), row), _MANY_OTHERS)
                yield from self._telling(Probe(name, arguments) for arguments in echoes)

    def _of_states(self, table: str) -> Iterator[Place]:
        counted: Counter[str] = Counter()
        for row in self._inputs.start.rows(table):
            state = self._state(Place(table, row))
            counted[state] += 1
            if counted[state] <= _ROWS_A_STATE:
                yield Place(table, row)

    def _echoes(self, name: str, world: World, place: Place, others: int = _OTHERS) -> Iterator[dict[str, Any]]:
        """Yield what a call can say of a row, as it stands and with others in place of each row it belongs to."""
        leaves = self._inputs.facts[name].leaves
        rng = self._inputs.random(f"echoes/{name}")
        said = self._said(name, place)
        if len(said) < _LEAST_SAID:
            return
        for base in self._bases(name):
            yield {**base, **said}
            for path in (path for path in said if leaves[path].parameter.ref):
                table, column = leaves[path].columns[0]
                stock = [row[column] for row in world.rows(table) if row[column] != said[path]]
                yield from ({**base, **said, path: other} for other in rng.sample(stock, min(len(stock), others)))

    def _crossed(self, name: str, place: Place) -> Iterator[dict[str, Any]]:
        """Yield calls about the siblings of a row that say of them what it says: the same day, the same amount."""
        leaves = self._inputs.facts[name].leaves
        said = self._said(name, place)
        plain = {path: value for path, value in said.items() if not leaves[path].parameter.ref}
        if not plain or not any(leaves[path].columns[0][0] == place.table for path in said):
            return
        for reference in self._inputs.schema.tables[place.table].references:
            values = tuple(place.row[column] for column in reference.columns)
            rows = self._inputs.start.rows(place.table)
            siblings = [
                row for row in rows if tuple(row[c] for c in reference.columns) == values and row is not place.row
            ]
            for row in siblings[:_SIBLINGS]:
                for base in self._bases(name)[:1]:
                    yield {**base, **self._said(name, Place(place.table, row)), **plain}

    def _bases(self, name: str) -> list[dict[str, Any]]:
        """The accepted arguments that ask for least and for most; no arguments where none were accepted."""
        if name not in self._accepted:
            accepted = [seen for seen in self._inputs.seen(name) if seen[1].ok and not seen[0].setup]
            ordered = sorted(accepted, key=lambda seen: weight(seen[0].arguments))
            found = [ordered[0][0].arguments, ordered[-1][0].arguments] if ordered else [{}]
            self._accepted[name] = found
        return self._accepted[name]

    def _said(self, name: str, place: Place) -> dict[str, Any]:
        facts = self._inputs.facts[name]
        named = {
            (reference.to_table, reference.to_columns[0]): place.row[reference.columns[0]]
            for reference in self._inputs.schema.tables[place.table].references
            if len(reference.columns) == 1
        }
        own = {(place.table, column): value for column, value in place.row.items()}
        known = {**named, **own}
        said = {}
        for path, leaf in facts.leaves.items():
            value = next((known[column] for column in leaf.columns if known.get(column) is not None), None)
            if path in facts.contract.parameters and value is not None and leaf.admits(value):
                said[path] = value
        return said

    # Rows this call is about.

    def _subjects(self, chain: Prefix) -> list[Place]:
        """The rows a chain's last call touched, with those they belong to."""
        found: list[Place] = []
        for place in chain.focus:
            found += [near for near in chain.world.ancestry(place) if near not in found]
        return found

    def _concerned(self, chain: Prefix) -> list[str]:
        tables = {place.table for place in self._subjects(chain)}
        return [
            name
            for name, facts in self._inputs.facts.items()
            if any(
                leaf.parameter.ref and leaf.columns and leaf.columns[0][0] in tables for leaf in facts.leaves.values()
            )
        ]

    def _limits(self) -> Iterator[Probe]:
        """Yield accepted calls about the rows with the largest numbers, their own numbers at and about those."""
        for name, facts in self._inputs.facts.items():
            leaves = {path: leaf for path, leaf in facts.leaves.items() if path in facts.contract.parameters}
            counted = [
                path for path, leaf in leaves.items() if leaf.parameter.type == "integer" and not leaf.parameter.enum
            ]
            for probe, numbers in self._about_largest(name) if counted else ():
                for path in counted:
                    for value in dict.fromkeys(near for number in numbers for near in (number, number + 1, number - 1)):
                        if leaves[path].admits(value):
                            yield probe._replace(arguments={**probe.arguments, path: value})

    def _about_largest(self, name: str) -> Iterator[tuple[Probe, list[int]]]:
        """Yield, for each number of the rows a tool's calls name, the accepted call about the largest of them."""
        best: dict[tuple[str, str], tuple[int, Probe, list[Place]]] = {}
        for probe, observed in self._inputs.seen(name):
            if not observed.ok or probe.setup:
                continue
            places = self._inputs.named_rows(probe)
            for place in places:
                for column, value in place.row.items():
                    if kind_of(value) == "integer" and value > best.get((place.table, column), (1, probe, []))[0]:
                        best[place.table, column] = value, probe, places
        for probe, places in {probe_key(probe): (probe, places) for _, probe, places in best.values()}.values():
            numbers = [value for place in places for value in place.row.values() if kind_of(value) == "integer"]
            yield probe, [*dict.fromkeys(value for value in numbers if value > 1)][:_NUMBERS]

    # Clocks.

    def _as_time_passes(self) -> Iterator[Probe]:
        """Yield calls about what was made or changed before its day came."""
        passing = Passing(self._inputs, self._setups, lambda chain: self._moments(self._subjects(chain)))
        writes = [tool.name for tool in self._inputs.contracts.tools if tool.kind == "write"]
        return passing.calls({name: self._to_begin_with(name) for name in writes})

    def _to_begin_with(self, name: str) -> list[Probe]:
        """Accepted calls of a tool: about the largest rows, with each choice that a parameter gives, and plain ones."""
        accepted = [seen for seen in self._inputs.seen(name) if seen[1].ok and not seen[0].setup]
        choices = [key for key, p in self._inputs.contracts.tool(name).parameters.items() if p.enum]
        chosen = {(key, probe.arguments.get(key)): probe for probe, _ in reversed(accepted) for key in choices}
        largest = (probe for probe, _ in self._about_largest(name) if not probe.now)
        plain = (probe for probe, _ in diverse((seen for seen in accepted if not seen[0].now), FEW))
        return list({probe_key(probe): probe for probe in (*chosen.values(), *largest, *plain)}.values())

    def _clocks(self) -> Iterator[Probe]:
        """Yield calls about rows of every state, with the clock about the rows' own dates."""
        for name, facts in self._inputs.facts.items():
            if facts.timed:
                for place, probe in self._about_states(name):
                    for stamp in self._moments([place, *self._inputs.named_rows(probe)]):
                        yield probe._replace(now=stamp)

    def _about_states(self, name: str) -> Iterator[tuple[Place, Probe]]:
        """Yield rows of each state, and of the first and last dates, with the call about each that fails in least."""
        nearest: dict[int, tuple[int, Place, Probe]] = {}
        for probe, observed in self._inputs.seen(name):
            cost = 0 if observed.ok else len(failing_codes(observed))
            for place in self._inputs.named_rows(probe) if not probe.setup and not probe.now else ():
                if cost < nearest.get(id(place.row), (99, place, probe))[0]:
                    nearest[id(place.row)] = cost, place, probe
        chosen: dict[int, tuple[Place, Probe]] = {}
        counted: Counter[tuple[str, str]] = Counter()
        for _, place, probe in sorted(nearest.values(), key=lambda item: item[0]):
            state = place.table, self._state(place)
            counted[state] += 1
            if counted[state] <= _ROWS_A_STATE and any(map(_is_dated, place.row.values())):
                chosen[id(place.row)] = place, probe
        for table, column in dict.fromkeys((place.table, c) for _, place, _ in nearest.values() for c in place.row):
            dated = [item for item in nearest.values() if item[1].table == table and _is_dated(item[1].row[column])]
            for ends in (min, max) if dated else ():
                _, place, probe = ends(dated, key=lambda item: str(item[1].row[column]))
                chosen[id(place.row)] = place, probe
        yield from chosen.values()

    def _moments(self, places: Iterable[Place]) -> list[str]:
        """The moments about each time that stands in a row, those of the first rows first."""
        dates = dict.fromkeys(str(value) for place in places for value in place.row.values() if _is_dated(value))
        found: dict[str, None] = {}
        for moment in sorted(list(dates)[:_MOMENTS]):
            start = moment if len(moment) > 10 else f"{moment}T00:00:00Z"
            stamps = (shift_stamp(start, seconds=seconds) for seconds in _AROUND)
            found.update(dict.fromkeys(stamp for stamp in stamps if stamp))
        return list(found)

    def _state(self, place: Place) -> str:
        columns = self._inputs.schema.tables[place.table].columns
        return repr([place.row[name] for name, column in columns.items() if column.values])


def _spelled(probe: Probe) -> str:
    return json.dumps(probe, sort_keys=True)


def _is_dated(value: Any) -> bool:
    return kind_of(value) in ("date", "date-time")
