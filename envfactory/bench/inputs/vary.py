"""Calls that differ from a given one in one thing: a parameter, the dates together, the clock, what is left out.

The values tried are those at, just below and just above what the call has to do with: rows it looks up, values it
derives, rows that refer to those, constants of the contract, bounds of the schema, rows of other owners and states.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from envfactory.bench.inputs.facts import Leaf, ToolFacts
from envfactory.bench.inputs.looking import Sight
from envfactory.bench.inputs.values import (
    DATE,
    ODD_TEXTS,
    around,
    bounds,
    gap_in_days,
    kind_of,
    plain_text,
    shift_date,
    shift_stamp,
)
from envfactory.bench.inputs.world import Place, World
from envfactory.sandbox.session import Probe

_MOST_VALUES, _FEW_VALUES, _MOST_CLOCKS, _MOST_ROWS, _STOCK = 24, 8, 16, 10, 16
_ALL_VALUES = 200
_LONGEST_NOTICE = 400
_TIMES = ("00:00", "06:30", "09:00", "12:00", "15:30", "18:00", "21:00", "23:59")


class Variations:
    """The variations of one tool's calls in one world. `now` is the episode's clock."""

    def __init__(self, facts: ToolFacts, world: World, now: str, rng: random.Random) -> None:
        self.facts = facts
        self.world = world
        self.now = now
        self.rng = rng

    def of(self, probe: Probe, sight: Sight) -> list[Probe]:
        """Return every variation of a call that saw `sight`."""
        found = [*self._single(probe, sight), *self._dates_together(probe, sight), *self._clocks(probe, sight)]
        return [*found, *self._left_out(probe), *self._odd(probe)]

    def few(self, probe: Probe, sight: Sight) -> list[Probe]:
        """Return fewer variations of a call, for one that is not the first of its tool."""
        singles = [*self._single(probe, sight, most=_FEW_VALUES), *self._left_out(probe)]
        return [*singles, *self._clocks(probe, sight, most=_FEW_VALUES)]

    def parameters_only(self, probe: Probe, sight: Sight, *, wide: bool = False) -> list[Probe]:
        """Return the variations of single parameters, few of each or all there are."""
        return list(self._single(probe, sight, most=_ALL_VALUES if wide else _FEW_VALUES))

    def _single(self, probe: Probe, sight: Sight, most: int = _MOST_VALUES) -> Iterator[Probe]:
        for path, leaf in self.facts.leaves.items():
            present = values_at(probe.arguments, path)
            for value in self.candidates(leaf, present[0] if present else None, sight, probe)[:most]:
                for arguments in replaced(probe.arguments, path, value, self.facts.contract.parameters):
                    yield probe._replace(arguments=arguments)
        yield from self._lengths(probe)

    def candidates(self, leaf: Leaf, present: Any, sight: Sight, probe: Probe) -> list[Any]:
        """Return the values worth trying in a scalar place: telling ones first, then others of the same columns."""
        parameter = leaf.parameter
        if parameter.enum is not None or parameter.type == "boolean":
            return bounds(parameter)
        if parameter.ref:
            return self._other_rows(leaf, sight, probe)
        telling = around(parameter, [present, *self._seeds(leaf, sight, probe), *bounds(parameter)])
        others = (
            [*self._near_values(leaf, sight), *self._columns(leaf)]
            if parameter.format not in ("date", "date-time")
            else []
        )
        plain = [plain_text(parameter, 1)] if parameter.type == "string" else []
        fresh = dict.fromkeys(value for value in [*telling, *others, *plain] if value is not None and value != present)
        return [value for value in fresh if leaf.admits(value)]

    def _near_values(self, leaf: Leaf, sight: Sight) -> list[Any]:
        """The values that rows related to the looked-up ones have in the columns concerned."""
        context = self._places(sight)
        return [row[column] for table, column in leaf.columns for row in self.world.related(table, context)[:4]]

    def _seeds(self, leaf: Leaf, sight: Sight, probe: Probe) -> list[Any]:
        parameter = leaf.parameter
        if parameter.format == "time":
            return [*_TIMES, *sight.of_kind("time"), *(stamp[11:16] for stamp in sight.of_kind("date-time"))]
        if parameter.format in ("date", "date-time"):
            given = [value for value in probe.arguments.values() if kind_of(value) in ("date", "date-time")]
            near = [probe.now or self.now, *sight.of_kind("date", "date-time"), *self._neighbour_dates(sight)]
            return [*given, *spans(given, self.facts.constants), *near, *spans(given, sight.of_kind("integer"))]
        if parameter.type in ("integer", "number"):
            numbers = [*sight.of_kind("integer", "number"), *self.facts.constants]
            return sorted(numbers, key=abs)
        return sight.of_kind("text") if leaf.columns else []

    def _notices(self, sight: Sight) -> list[int]:
        numbers = dict.fromkeys([*self.facts.constants, *sight.of_kind("integer")])
        return [number for number in numbers if 0 < number <= _LONGEST_NOTICE][:8]

    def _neighbour_dates(self, sight: Sight) -> list[str]:
        """Dates of the rows that refer to the looked-up ones, such as other bookings of the same room."""
        found: dict[str, None] = {}
        for place in self._places(sight):
            for table in self.world.schema.tables:
                for row in self.world.children(place, table)[:_MOST_ROWS]:
                    found.update((value, None) for value in row.values() if kind_of(value) in ("date", "date-time"))
        return list(found)[:16]

    def _places(self, sight: Sight) -> list[Place]:
        found = []
        for row in sight.rows.values():
            for name, facts in self.world.schema.tables.items():
                key = facts.primary_key
                if row and len(key) == 1 and key[0] in row and set(facts.columns) <= set(row):
                    found += [Place(name, match) for match in self.world.where(name, key[0], row[key[0]])]
        return found

    def _other_rows(self, leaf: Leaf, sight: Sight, probe: Probe) -> list[Any]:
        stock = self._columns(leaf)
        unknown = self.unknown(leaf)
        near = (
            [value for value in sight.of_kind("text", "integer") if leaf.admits(value)]
            if len(stock) > _MOST_VALUES
            else []
        )
        kept = [*stock[:_STOCK], *near[:3]]
        return [*([unknown] if unknown is not None else []), *kept]

    def unknown(self, leaf: Leaf) -> Any:
        """Return a value of the referenced column's type that no row has; None where the schema admits none."""
        known = set(self._columns(leaf))
        stock = sorted(known, key=str)
        tried: list[Any] = ["unknown_1", "nobody@example.org", "XX", "ZZZ", "Q9Q9Q9", "00"]
        tried += [f"{value}x" for value in stock[:2] if isinstance(value, str)] + [
            _changed(value) for value in stock[:4]
        ]
        numbers = [value for value in stock if isinstance(value, int)]
        tried += [max(numbers) + 1, 999_983] if numbers else [999_983]
        return next((value for value in tried if value not in known and leaf.admits(value)), None)

    def _columns(self, leaf: Leaf) -> list[Any]:
        found: dict[Any, None] = {}
        for table, column in leaf.columns:
            values = list(dict.fromkeys(row[column] for row in self.world.rows(table) if row[column] is not None))
            found.update(dict.fromkeys(self.rng.sample(values, min(len(values), _STOCK))))
        return list(found)

    def _lengths(self, probe: Probe) -> Iterator[Probe]:
        for name, parameter in self.facts.contract.parameters.items():
            items = probe.arguments.get(name)
            if parameter.type != "array" or not items:
                continue
            longer = [] if parameter.unique_items else [[*items, items[0]]]
            for other in ([], items[:1], items[:-1], items[::-1], *longer):
                if (parameter.min_items or 0) <= len(other) <= (parameter.max_items or 100) and other != items:
                    yield probe._replace(arguments={**probe.arguments, name: other})

    def _dates_together(self, probe: Probe, sight: Sight) -> Iterator[Probe]:
        """Move all dates at once, so that a period keeps its length while its start or its end meets a boundary."""
        dated = {n: v for n, v in probe.arguments.items() if isinstance(v, str) and kind_of(v) in ("date", "date-time")}
        if len(dated) < 2:
            return
        seen = [*sight.of_kind("date", "date-time"), *self._neighbour_dates(sight), self.now]
        shifts = {gap_in_days(own, other) + near for own in dated.values() for other in seen for near in (-1, 0, 1)}
        for days in sorted(shifts, key=lambda shift: (abs(shift), shift))[:_MOST_CLOCKS]:
            moved = {
                name: shift_date(v, days) if len(v) == 10 else shift_stamp(v, days=days) for name, v in dated.items()
            }
            if days and all(moved.values()):
                yield probe._replace(arguments={**probe.arguments, **moved})

    def _clocks(self, probe: Probe, sight: Sight, most: int = _MOST_CLOCKS) -> Iterator[Probe]:
        for stamp in self.clocks(probe, sight)[: most if self.facts.timed else 2]:
            yield probe._replace(now=stamp)

    def clocks(self, probe: Probe, sight: Sight) -> list[str]:
        """Return the times at which a rule about the clock may change its mind."""
        given = [value for value in probe.arguments.values() if kind_of(value) in ("date", "date-time")]
        moments = list(dict.fromkeys([*given, *sight.of_kind("date", "date-time")]))[:8]
        notices = [0, *self._notices(sight)]
        found: dict[str, None] = {}
        for notice in notices:
            for moment in moments:
                found.update(dict.fromkeys(_clocks_around(moment, notice, self.now)))
        found.pop(probe.now or self.now, None)
        return list(found)

    def _left_out(self, probe: Probe) -> Iterator[Probe]:
        parameters = self.facts.contract.parameters
        optional = [name for name in probe.arguments if not parameters[name].required]
        for name in optional:
            kept = {other: value for other, value in probe.arguments.items() if other != name}
            yield probe._replace(arguments=kept)
            yield probe._replace(arguments={**kept, name: None})
        if len(optional) > 1:
            yield probe._replace(arguments={n: v for n, v in probe.arguments.items() if n not in optional})

    def _odd(self, probe: Probe) -> Iterator[Probe]:
        """Texts that ordinary code gets wrong, where the schema admits them: wildcards, quotes, case, blanks."""
        for path, leaf in self.facts.leaves.items():
            if (
                leaf.parameter.type != "string"
                or leaf.parameter.enum is not None
                or leaf.parameter.format in ("date", "date-time")
            ):
                continue
            present = values_at(probe.arguments, path)
            twists = [twist for text in present[:1] if isinstance(text, str) for twist in _twists(text)]
            for text in [*twists, *ODD_TEXTS]:
                if leaf.admits(text):
                    for arguments in replaced(probe.arguments, path, text, self.facts.contract.parameters):
                        yield probe._replace(arguments=arguments)


def spans(dates: list[str], numbers: list[int]) -> list[str]:
    """Return the dates that make a span from another date as long as a number says, in days."""
    lengths = [number for number in numbers if 1 < number <= _LONGEST_NOTICE][:6]
    return [day for date in dates for days in lengths for sign in (1, -1) if (day := shift_date(date, sign * days))]


def _twists(text: str) -> list[str]:
    twisted = [text.swapcase(), f"{text} ", f" {text}", text[:-1], text[1:], f"{text[:-1]}%", f"{text[:-1]}_"]
    return [twist for twist in dict.fromkeys(twisted) if twist and twist != text]


def _changed(value: Any) -> Any:
    """Return a value of the same shape: the last letter or digit replaced by another."""
    if not isinstance(value, str) or not value or DATE.match(value):
        return None
    last = value[-1]
    other = "7" if last.isdigit() and last != "7" else "3" if last.isdigit() else "Q" if last.isupper() else "q"
    return value[:-1] + other


def _clocks_around(moment: str, notice: int, now: str) -> list[str]:
    time = now[10:]
    if len(moment) == 10:
        days = (shift_date(moment, near - notice) for near in (0, -1, 1))
        return [f"{day}{time}" for day in days if day]
    deltas: list[dict[str, float]] = (
        [{"days": -notice}, {"hours": -notice}] if notice else [{}, {"days": -1}, {"days": 1}]
    )
    stamps = [shift_stamp(moment, **delta) for delta in deltas]
    near = [shift_stamp(stamp, seconds=seconds) for stamp in stamps if stamp for seconds in (0, -1, 1)]
    return [stamp for stamp in near if stamp]


def values_at(arguments: Any, path: str) -> list[Any]:
    """Return the values that stand at a path such as `items[].quantity`."""
    name, _, rest = path.partition(".")
    listed = name.endswith("[]")
    found = arguments.get(name.removesuffix("[]")) if isinstance(arguments, dict) else None
    values = (found or []) if listed else [found] if found is not None else []
    return [deep for value in values for deep in values_at(value, rest)] if rest else list(values)


def replaced(arguments: dict[str, Any], path: str, value: Any, parameters: Any) -> Iterable[dict[str, Any]]:
    """Yield the arguments with another value at a path (in a list: as its first item, then as its last)."""
    name, _, rest = path.partition(".")
    plain = name.removesuffix("[]")
    if not name.endswith("[]"):
        inner = [value] if not rest else replaced(arguments.get(plain) or {}, rest, value, None)
        return ({**arguments, plain: item} for item in inner)
    items = arguments.get(plain) or []
    places = sorted({0, len(items) - 1}) if items else []
    found = []
    for place in places:
        inner = (
            [value]
            if not rest
            else list(replaced(items[place] if isinstance(items[place], dict) else {}, rest, value, None))
        )
        found += [{**arguments, plain: [*items[:place], item, *items[place + 1 :]]} for item in inner]
    if parameters is not None and parameters[plain].unique_items:
        found = [made for made in found if len({repr(item) for item in made[plain]}) == len(made[plain])]
    return found
