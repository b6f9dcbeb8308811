"""Chains of calls about one row: two or three children of it, more than a page of them, the largest there can be.

Setups chain calls of different kinds; what goes wrong with the second child of a row, or with the twenty-first, needs
the same call again and again about the same row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from envfactory.bench.inputs.setups import Prefix, Setups
from envfactory.bench.inputs.signature import Seen
from envfactory.bench.inputs.values import kind_of, shift_date, shift_stamp
from envfactory.bench.inputs.witness import climbed, weight
from envfactory.bench.inputs.world import Place
from envfactory.environments.contract import Contract, Insert
from envfactory.sandbox.session import Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

FEW = 3
_SUBJECTS, _ROWS, _LONG, _TURNS, _APART = 3, 2, 23, 30, 9
_TRIES, _LONG_LISTS, _LARGEST = 4, 3, 2


class _Crowd(NamedTuple):
    """A chain of calls of one tool, all about the same row."""

    tool: str
    subject: str
    value: Any
    prefix: Prefix
    others: frozenset[str]


class Crowds:
    """Makes the chains of one environment's inputs, which must be complete."""

    def __init__(self, inputs: Inputs, setups: Setups) -> None:
        self._inputs = inputs
        self._setups = setups
        self._stocks: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def crowds(self) -> list[Prefix]:
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
        tries = _TRIES if turn < FEW else _TRIES // 2
        drawn = [draw(focus=self._row(crowd), given=given) for _ in range(tries)]
        stock = self._stock(crowd.tool, crowd.subject)
        first = turn * tries % max(len(stock), 1)
        borrowed = [{**arguments, **given} for arguments in [*stock, *stock][first : first + tries]]
        later = [moved(arguments, _APART * turn) for arguments in borrowed]
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

    def largest(self) -> Iterator[Prefix]:
        """Yield chains of one call that writes the largest number the rules let through, for each column written."""
        for tool in self._inputs.contracts.tools:
            accepted = [seen for seen in self._inputs.seen(tool.name) if seen[1].ok and not seen[0].setup]
            largest: dict[str, float] = {}
            for column, value in (written for seen in accepted for written in _numbers_written(seen)):
                largest[column] = max(value, largest.get(column, 0.0))
            for column in sorted(largest, key=lambda name: -largest[name])[:_LARGEST]:
                yield from (self._setups.extended(None, seen) for seen in climbed(self._inputs, accepted, column))


def _first_of_each(crowds: Iterable[_Crowd], most: int) -> list[_Crowd]:
    """Return the first crowds of each tool and parameter."""
    groups: dict[tuple[str, str], list[_Crowd]] = {}
    for crowd in crowds:
        groups.setdefault((crowd.tool, crowd.subject), []).append(crowd)
    return [crowd for group in groups.values() for crowd in group[:most]]


def moved(arguments: dict[str, Any], days: int) -> dict[str, Any]:
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
