"""Situations that single calls and short chains seldom meet, and in which code that looks right goes wrong.

Several children of one row before something happens to that row; lists longer than a page; rows made with the largest
values the rules let through; the clock before, at and after a row's own dates, whatever state it is in. They are for
comparing code with contracts: stored cases and searches go by the plain inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from envfactory.bench.inputs.setups import Prefix, Setups
from envfactory.bench.inputs.signature import Seen, failing_codes, prepared, probe_key
from envfactory.bench.inputs.values import kind_of, shift_date, shift_stamp
from envfactory.bench.inputs.witness import climbed, weight
from envfactory.bench.inputs.world import Place
from envfactory.environments.contract import Contract, Insert
from envfactory.runtime.arguments import INVALID_ARGUMENT
from envfactory.sandbox.session import Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

_SUBJECTS, _ROWS, _FEW, _LONG, _TURNS, _APART = 3, 2, 3, 23, 30, 9
_TRIES, _LONG_LISTS, _LARGEST = 4, 4, 2
_ROWS_A_STATE, _MOMENTS, _NUMBERS = 2, 5, 4


class _Crowd(NamedTuple):
    """A chain of calls of one tool, all about the same row."""

    tool: str
    subject: str
    value: Any
    prefix: Prefix
    others: frozenset[str]


class Situations:
    """Makes the situations of one environment's inputs, which must be complete."""

    def __init__(self, inputs: Inputs, setups: Setups) -> None:
        self._inputs = inputs
        self._setups = setups
        self._stocks: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def make(self) -> dict[str, list[Seen]]:
        """Return, by tool, calls in all these situations with what the oracle says of them."""
        chains = [*self._crowds(), *self._largest()]
        probes = [*self._around(chains), *self._clocks(), *self._limits()]
        found: dict[str, dict[str, Seen]] = {name: {} for name in self._inputs.facts}
        for seen in self._inputs.judge(probes):
            if seen[1].code != INVALID_ARGUMENT and prepared(seen):
                found[seen[0].tool].setdefault(probe_key(seen[0]), seen)
        return {name: list(seen.values()) for name, seen in found.items()}

    # Chains.

    def _crowds(self) -> list[Prefix]:
        """Return chains that make two or three children of one row, and a few that make more than a page of them."""
        started = [crowd for tool in self._inputs.contracts.tools for crowd in self._started(tool)]
        pairs = _first_of_each(self._grown(started, 0), _ROWS)
        threes = _first_of_each(self._grown(pairs, 1), _ROWS)
        long = _first_of_each(threes, 1)[:_LONG_LISTS]
        for turn in range(2, _TURNS):
            more = {(crowd.tool, crowd.subject): crowd for crowd in self._grown(long, turn)}
            long = [more.get((crowd.tool, crowd.subject), crowd) for crowd in long]
        return [crowd.prefix for crowd in [*pairs, *threes, *long]]

    def _started(self, tool: Contract) -> Iterator[_Crowd]:
        """Yield an accepted call for each row of each parameter that a tool adds rows to, in the rows' order."""
        if not any(isinstance(effect, Insert) for effect in tool.effects):
            return
        accepted = [seen for seen in self._inputs.seen(tool.name) if seen[1].ok and not seen[0].setup]
        for path in self._subjects_of(tool):
            by_value: dict[Any, list[Seen]] = {}
            for seen in accepted:
                if path in seen[0].arguments:
                    by_value.setdefault(seen[0].arguments[path], []).append(seen)
            for number, (value, group) in enumerate(list(by_value.items())[: _ROWS * 4]):
                # By turns the call that asks for much first, and one that does not: what comes later differs.
                seen = group[0] if number % 2 else max(group, key=lambda seen: weight(seen[0].arguments))
                prefix = self._setups.extended(None, seen)
                yield _Crowd(tool.name, path, value, prefix, frozenset([_others(seen[0].arguments, path)]))

    def _subjects_of(self, tool: Contract) -> list[str]:
        """The parameters that name a row, the one that decides most first."""
        leaves, lead = self._inputs.facts[tool.name].leaves, self._inputs.lead(tool.name)
        named = [
            path for path in tool.parameters if path in leaves and leaves[path].parameter.ref and leaves[path].columns
        ]
        return sorted(named, key=lambda path: leaves[path].columns[0][0] != lead)[:_SUBJECTS]

    def _grown(self, crowds: list[_Crowd], turn: int) -> list[_Crowd]:
        """Return the crowds with one more call each; those that take no more are left out."""
        tried = [self._more(crowd, turn) if len(crowd.prefix.calls) < _LONG else [] for crowd in crowds]
        judged = iter(self._inputs.judge(probe for probes in tried for probe in probes))
        grown = []
        for crowd, probes in zip(crowds, tried, strict=True):
            accepted = [seen for _, seen in zip(probes, judged, strict=False) if seen[1].ok and seen[1].changes]
            new = [seen for seen in accepted if _others(seen[0].arguments, crowd.subject) not in crowd.others]
            for seen in (new or accepted)[:1]:
                others = crowd.others | {_others(seen[0].arguments, crowd.subject)}
                grown.append(crowd._replace(prefix=self._setups.extended(crowd.prefix, seen), others=others))
        return grown

    def _more(self, crowd: _Crowd, turn: int) -> list[Probe]:
        """One more call about the row: drawn, or one accepted about another row, then or some weeks later."""
        prefix = crowd.prefix
        draw = self._inputs.draw(crowd.tool, prefix.world, f"crowd/{turn}/{crowd.value}", now=prefix.now)
        given = {crowd.subject: crowd.value}
        drawn = [draw(focus=self._row(crowd), given=given) for _ in range(_TRIES)]
        stock = self._stock(crowd.tool, crowd.subject)
        first = turn * _TRIES % max(len(stock), 1)
        borrowed = [{**arguments, **given} for arguments in [*stock, *stock][first : first + _TRIES]]
        later = [_moved(arguments, _APART * turn) for arguments in borrowed]
        return [prefix.probe(crowd.tool, arguments) for arguments in [*drawn, *borrowed, *later]]

    def _stock(self, tool: str, subject: str) -> list[dict[str, Any]]:
        """Arguments accepted at the beginning, about whatever row, each with something else to it."""
        if (tool, subject) not in self._stocks:
            accepted = [seen[0].arguments for seen in self._inputs.seen(tool) if seen[1].ok and not seen[0].setup]
            distinct = {_others(arguments, subject): arguments for arguments in accepted if subject in arguments}
            self._stocks[tool, subject] = list(distinct.values())
        return self._stocks[tool, subject]

    def _row(self, crowd: _Crowd) -> list[Place]:
        table, column = self._inputs.facts[crowd.tool].leaves[crowd.subject].columns[0]
        return [Place(table, row) for row in crowd.prefix.world.where(table, column, crowd.value)[:1]]

    def _largest(self) -> Iterator[Prefix]:
        """Yield chains of one call that writes the largest number the rules let through, for each column written."""
        for tool in self._inputs.contracts.tools:
            accepted = [seen for seen in self._inputs.seen(tool.name) if seen[1].ok and not seen[0].setup]
            largest: dict[str, float] = {}
            for column, value in (written for seen in accepted for written in _numbers_written(seen)):
                largest[column] = max(value, largest.get(column, 0.0))
            for column in sorted(largest, key=lambda name: -largest[name])[:_LARGEST]:
                yield from (self._setups.extended(None, seen) for seen in climbed(self._inputs, accepted, column))

    # Calls.

    def _around(self, chains: Iterable[Prefix]) -> Iterator[Probe]:
        """Yield the calls concerned with what a chain made, and those after one more step."""
        for chain in chains:
            long = len(chain.calls) > _FEW
            for name in self._concerned(chain):
                yield from self._after(chain, name, 2, wide=long)
            if not long:
                for onward in self._setups.onward(chain):
                    for name in self._concerned(onward):
                        yield from self._after(onward, name, 1)

    def _after(self, chain: Prefix, name: str, draws: int, *, wide: bool = False) -> Iterator[Probe]:
        focus = self._subjects(chain)
        draw = self._inputs.draw(name, chain.world, f"situation/{probe_key(chain.probe(name, {}))}", now=chain.now)
        for _ in range(draws):
            yield chain.probe(name, draw(focus=focus))
        if wide:
            parameters = self._inputs.contracts.tool(name).parameters
            numbers = {key: p.maximum for key, p in parameters.items() if p.type == "integer" and p.maximum}
            made = draw(focus=focus)
            yield chain.probe(name, {key: value for key, value in made.items() if parameters[key].required})
            yield chain.probe(name, {**made, **{key: int(most) for key, most in numbers.items()}})

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

    def _clocks(self) -> Iterator[Probe]:
        """Yield calls about rows of every state, with the clock about the rows' own dates."""
        for name, facts in self._inputs.facts.items():
            if facts.timed:
                for place, probe in self._about_states(name):
                    for stamp in self._moments(place):
                        yield probe._replace(now=stamp)

    def _about_states(self, name: str) -> Iterator[tuple[Place, Probe]]:
        """Yield a few rows of each state with the call about them that comes nearest to being accepted."""
        table = self._inputs.lead(name)
        counted: dict[str, int] = {}
        nearest: dict[int, tuple[int, Place, Probe]] = {}
        for probe, observed in self._inputs.seen(name):
            if probe.setup or probe.now or table is None:
                continue
            place = next((place for place in self._inputs.named_rows(probe) if place.table == table), None)
            cost = 0 if observed.ok else len(failing_codes(observed))
            if place is not None and cost < nearest.get(id(place.row), (99, place, probe))[0]:
                nearest[id(place.row)] = cost, place, probe
        for _, place, probe in sorted(nearest.values(), key=lambda item: item[0]):
            columns = self._inputs.schema.tables[place.table].columns
            state = repr([place.row[name] for name, column in columns.items() if column.values])
            counted[state] = counted.get(state, 0) + 1
            if counted[state] <= _ROWS_A_STATE:
                yield place, probe

    def _moments(self, place: Place) -> list[str]:
        """The day before, the end of that day, and a second about each time that stands in a row, earliest first."""
        found: dict[str, None] = {}
        dates = sorted(
            {
                str(value)
                for near in self._inputs.start.ancestry(place)[:2]
                for value in near.row.values()
                if _is_dated(value)
            }
        )
        for moment in dates[:_MOMENTS]:
            start = moment if len(moment) > 10 else f"{moment}T00:00:00Z"
            for seconds in (-86_400, -1, 0, 1, 86_399):
                stamp = shift_stamp(start, seconds=seconds)
                if stamp:
                    found[stamp] = None
        return list(found)


def _first_of_each(crowds: Iterable[_Crowd], most: int) -> list[_Crowd]:
    """Return the first crowds of each tool and parameter."""
    groups: dict[tuple[str, str], list[_Crowd]] = {}
    for crowd in crowds:
        groups.setdefault((crowd.tool, crowd.subject), []).append(crowd)
    return [crowd for group in groups.values() for crowd in group[:most]]


def _moved(arguments: dict[str, Any], days: int) -> dict[str, Any]:
    """Return arguments with their dates some days later."""
    stamps = {k: shift_stamp(v, days=days) for k, v in arguments.items() if kind_of(v) == "date-time"}
    dates = {k: shift_date(v, days) for k, v in arguments.items() if kind_of(v) == "date"}
    return {**arguments, **stamps, **dates}


def _others(arguments: dict[str, Any], subject: str) -> str:
    """What else a call names: its arguments without the row it is about."""
    return repr(sorted((key, value) for key, value in arguments.items() if key != subject and isinstance(value, str)))


def _numbers_written(seen: Seen) -> Iterator[tuple[str, float]]:
    for change in seen[1].changes if seen[1].ok else ():
        for column, value in change.get("after", {}).items():
            if kind_of(value) in ("integer", "number"):
                yield column, float(value)


def _is_dated(value: Any) -> bool:
    return kind_of(value) in ("date", "date-time")
