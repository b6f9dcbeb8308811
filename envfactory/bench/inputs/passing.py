"""Chains over which time passes: a row made or changed today, and what the tools do about it when its day has come.

A chain of set-up calls happens at one time. What was booked can be used only days later, though, and what is used up
then differs from what the seed holds as past: so the clock moves on between the calls of a chain.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from envfactory.bench.inputs.setups import Prefix, Setups
from envfactory.bench.inputs.signature import Seen, diverse, round_robin
from envfactory.bench.inputs.values import shift_stamp
from envfactory.sandbox.session import Probe

if TYPE_CHECKING:
    from envfactory.bench.inputs.generator import Inputs

_CHAINS, _MOMENTS, _KEPT, _ONWARD = 5, 4, 3, 1
_LONG_AFTER = 40  # days

Moments = Callable[[Prefix], list[str]]


class Passing:
    """Makes the calls of one environment's inputs, which must be complete. `moments` are those about a chain's rows."""

    def __init__(self, inputs: Inputs, setups: Setups, moments: Moments) -> None:
        self._inputs = inputs
        self._setups = setups
        self._moments = moments

    def calls(self, first: dict[str, list[Probe]]) -> Iterator[Probe]:
        """Yield calls after chains over which time passes; `first` are accepted calls by tool, to begin with."""
        chains = [chain for name in first for chain in self._begun(first[name])]
        for chain in chains:
            seen = self._when_the_day_comes(chain)
            yield from _told(seen)
            for further in self._carried(chain, seen):
                yield from _told(self._when_the_day_comes(further, at_once=True))

    def _begun(self, probes: Iterable[Probe]) -> list[Prefix]:
        judged = [seen for seen in self._inputs.judge(probes) if seen[1].ok and seen[1].changes]
        return [self._setups.extended(None, seen) for seen in judged[:_CHAINS]]

    def _when_the_day_comes(self, chain: Prefix, *, at_once: bool = False) -> list[Seen]:
        """Return what the tools concerned do about a chain's rows at moments yet to come, and at once if so asked."""
        then = [chain.later(moment) for moment in self._to_come(chain)] + ([chain] if at_once else [])
        return self._inputs.judge(probe for prefix in then for probe in self._setups.tries(prefix))

    def _to_come(self, chain: Prefix) -> list[str]:
        """The same time a day on, a few moments about the dates of a chain's rows, and long after the last of them."""
        start = chain.now or self._inputs.contracts.now
        just_now = {start, shift_stamp(start, seconds=1)}
        ahead = [moment for moment in self._moments(chain) if moment > start and moment not in just_now]
        around = ahead[:: len(ahead) // _MOMENTS + 1]
        apart = [shift_stamp(start, days=1), *around, shift_stamp(max([start, *ahead]), days=_LONG_AFTER)]
        return list(dict.fromkeys(moment for moment in apart if moment))

    def _carried(self, chain: Prefix, seen: Iterable[Seen]) -> list[Prefix]:
        """Return the chain carried one accepted write further, by other tools than its last, at a later moment."""
        last = chain.calls[-1][0]
        done = [item for item in seen if item[1].ok and item[1].changes and item[0].tool != last]
        by_tool = itertools.groupby(sorted(done, key=lambda item: item[0].tool), key=lambda item: item[0].tool)
        groups = [[self._setups.extended(chain, item) for item in group] for _, group in by_tool]
        return [group[0] for group in groups][:_ONWARD]


def _told(seen: Iterable[Seen]) -> list[Probe]:
    """Return a few calls of each tool, of as many kinds as there are, accepted ones first."""
    by_tool: dict[str, list[Seen]] = {}
    for item in sorted(seen, key=lambda item: not item[1].ok):
        by_tool.setdefault(item[0].tool, []).append(item)
    kept = round_robin([diverse(group, _KEPT) for group in by_tool.values()], _KEPT * len(by_tool))
    return [probe for probe, _ in kept]
