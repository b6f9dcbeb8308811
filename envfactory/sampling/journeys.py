"""Stories of a journey that goes on: the way back, the same way another day, on from where it ends.

A look at one journey shows its two ends by their keys. Nobody names them: "the way back" begins where it ends and ends where
it begins, and that is where the next call takes them from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from envfactory.dependencies.lineage import canonical
from envfactory.sampling.agreeing import days
from envfactory.sampling.focus import Focus
from envfactory.sampling.going import keys_of
from envfactory.sampling.holding import ends
from envfactory.sampling.lab import Seen
from envfactory.sampling.paths import Record, records
from envfactory.sampling.plausible import is_over
from envfactory.sampling.trying import Arguments
from envfactory.sampling.urging import Urging
from envfactory.sampling.views import EnvironmentView, Shown, Slot, ToolView

_TRIES = 3
_LOOKS, _OPTIONS = 24, 24
_WHEN = re.compile(r"(day|date|start|depart|arriv|leav|check|pickup|return|begin|end)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Journeys(Urging):
    """See the module's docstring."""

    def travel_on(self, focus: Focus) -> str:
        """Look at one journey, then ask for what begins or ends at one of its ends."""
        view = self.view(focus)
        producer, consumer = view.tools[focus.first], view.tools[focus.then]
        both = ends(view, producer, focus.field)
        names = self._travellers(view, consumer, both) or [focus.parameter]
        for edge in view.topology.graph.value_edges:
            if (
                edge.producer == producer.name
                and edge.field in {each.path for each in both}
                and edge.parameter in names
            ):
                self.stage.resolver.liking[view.name, edge.producer, edge.field, edge.consumer, edge.parameter] = 0
        for _ in range(_TRIES):
            mark = self.stage.mark()
            journey = self._journey(view, producer, both)
            for fixed in self._ways(focus, names, both, journey) if journey else ():
                given = self._afterwards(view, consumer, fixed, journey)
                if given is not None and self.act(view.name, consumer, given, led=True):
                    if self.used(focus) and self._agreed(names):
                        return "travelling on"
                    break
            self.stage.undo(mark)
            self.threads.clear()
        return ""

    def _journey(self, view: EnvironmentView, producer: ToolView, both: list[Shown]) -> Record | None:
        """Play a look that shows one journey alone, and return its row."""
        place = both[0].path.rpartition(".")[0]
        for given, seen in self._looks(view, producer, both):
            rows = [each for each in records(seen.result) if each.place == place] if seen.ok else []
            if len(rows) != 1 or is_over(rows[0].fields.get("status")):
                continue
            if self.stage.usable(view.name, producer, given, seen) and self.stage.play(view.name, producer, given):
                self._take_up(view.name, producer)
                return rows[0]
        return None

    def _looks(self, view: EnvironmentView, producer: ToolView, both: list[Shown]) -> Iterator[tuple[Arguments, Seen]]:
        """Yield looks with what they would show: any, then those that are narrowed to one end of what there is."""
        found = self.stage.options(view.name, producer, {}, tries=_LOOKS)
        yield from found
        names = {each.path.rpartition(".")[2] for each in both}
        fields = [record.fields for _, seen in found if seen.ok for record in records(seen.result)]
        values = list(dict.fromkeys(value for each in fields for name, value in each.items() if name in names))
        self.rng.shuffle(values)
        for slot in self._alike(view, producer, both):
            for value in values:
                yield from self.stage.options(view.name, producer, {slot.name: value}, tries=2)

    @staticmethod
    def _alike(view: EnvironmentView, tool: ToolView, both: list[Shown]) -> list[Slot]:
        """Return the parameters that take what the ends of a journey are: ports, stations."""
        return [
            slot for slot in keys_of(view, tool) if slot.column and canonical(slot.column, view.schema) == both[0].key
        ]

    def _travellers(self, view: EnvironmentView, consumer: ToolView, both: list[Shown]) -> list[str]:
        """Return the two parameters of a call that takes a journey from one end to the other; none of any other call."""
        found = self._alike(view, consumer, both)
        return [slot.name for slot in found] if len(found) == 2 and all(slot.required for slot in found) else []

    @staticmethod
    def _ways(focus: Focus, names: list[str], both: list[Shown], journey: Record) -> Iterator[Arguments]:
        """Yield what the consumer must be called with: both ends where it needs two, else the one alone."""
        here, there = (journey.fields.get(each.path.rpartition(".")[2]) for each in both)
        if both[0].path != focus.field:
            here, there = there, here
        if here is None or there is None:
            return
        if here != there:
            yield from ({focus.parameter: here, name: there} for name in names if name != focus.parameter)
        yield {focus.parameter: here}

    def _agreed(self, names: list[str]) -> bool:
        """Tell whether the look-ups of the last turn were for the journey that the turn asked for."""
        *looked, asked = self.stage.chain.gold[slice(*self.stage.chain.turns[-1].calls)]
        return all(
            call.arguments.get(name, asked.arguments[name]) == asked.arguments[name]
            for call in looked
            for name in names
        )

    def _afterwards(
        self, view: EnvironmentView, tool: ToolView, fixed: Arguments, journey: Record | None
    ) -> Arguments | None:
        """Return a call that works and shows more than the journey itself, for the first day once that is over."""
        best: tuple[str, Arguments] | None = None
        for given, seen in self.stage.options(view.name, tool, fixed, self.latest(), tries=_OPTIONS):
            first = min(days(tool, given), default="")
            fits = journey is None or _fits(journey, first, list(records(seen.result)))
            if fits and self.stage.usable(view.name, tool, given, seen) and (best is None or first < best[0]):
                best = (first, given)
        return best[1] if best else None


def _fits(journey: Record, first: str, found: Sequence[Record]) -> bool:
    """Tell whether what a call shows or is for comes after a journey, and is not that journey alone."""
    rows = [each for each in found if each.listed]
    itself = next(iter(journey.fields.values()), None)
    if rows and all(itself in each.fields.values() for each in rows):
        return False
    over = max(_moments(journey), default="")
    shown = [moment for each in rows for moment in _moments(each)[:1]] if first else []
    return all(moment >= over[: len(moment)] for moment in [*shown, *([first] if first else [])])


def _moments(row: Record) -> list[str]:
    """Return the moments and days at which what a row shows begins and ends."""
    fields: dict[str, Any] = dict(row.fields)
    return [
        value for name, value in fields.items() if isinstance(value, str) and _DAY.match(value) and _WHEN.match(name)
    ]
