"""Values that no row in play gives: counts, sums, days and words such as somebody could have in mind.

They are measured by what the data and the stored cases hold, so that cars are as long as cars and a meter reads a little
more than it did.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from envfactory.bench.inputs.world import Place, World
from envfactory.sampling.bounds import bounded, parsed, shaped
from envfactory.sampling.views import EnvironmentView, Slot, ToolView

_MANY = 60
_AS_STORED = 0.9  # how often a measure is taken from a stored case: how long cars are, no draw knows
_SHIFTED = 0.7  # how often what is changed is moved by a few days
_HOURS = (7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18)
_ROUND = (5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 150, 200, 250, 300, 400, 500, 800, 1000)
_LARGE, _SMALL = 1_000_000, 6  # a bound in cents above which nobody speaks of a few euros; how many sums are small
_METER = 1000  # what reads more than this is a meter: it goes on from where it stands
_STARTS = ("check_in", "from", "start", "arriv", "pickup", "first", "depart", "opens")
ENDS = ("check_out", "to_", "until", "end", "return", "leav", "last", "departure", "back")


@dataclass(frozen=True)
class Wish:
    """What a proposal must hold to: arguments fixed by name, values already in play, rows spoken of, the party.

    `amounts` are what was shown to be open: what somebody would pay.
    """

    person: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Place, ...] = ()
    party: int | None = None
    amounts: tuple[int, ...] = ()


class Inventor:
    """Makes up the values of one proposal."""

    def __init__(
        self,
        view: EnvironmentView,
        tool: ToolView,
        world: World,
        wish: Wish,
        rng: random.Random,
        stored: Mapping[str, list[int]],
    ) -> None:
        self._view, self._tool, self._world, self._wish, self._rng = view, tool, world, wish, rng
        self._stored = stored
        self._spoken = {value for value in wish.values.values() if isinstance(value, str)}
        self._now = parsed(view.now)
        self.begin(None)

    def begin(self, base: Mapping[str, Any] | None) -> None:
        """Begin a proposal, after a stored case where one is given."""
        self._base = base or {}
        self._given: dict[str, Any] = {}
        self._places: list[Place] = list(self._wish.rows)
        self._around: list[Place] | None = None

    def _enter(self, *places: Place) -> None:
        """Put rows among those in play, before the others."""
        self._places[:0] = places
        self._around = None

    def _nearby(self) -> list[Place]:
        """Return the rows in play with those that they refer to."""
        if self._around is None:
            self._around = [near for place in self._places[:3] for near in self._world.ancestry(place)[:6]]
        return self._around

    def _made(self, slot: Slot) -> Any:
        parameter = slot.parameter
        if slot.role == "choice":
            return self._rng.choice(parameter.enum or [None])
        if slot.role == "flag":
            return True if not slot.required else self._rng.random() < 0.7
        if slot.role == "count":
            return self._count(slot)
        if slot.role == "money":
            return self._money(slot)
        if slot.role in ("date", "moment", "time"):
            return self._when(slot)
        return self._text(slot)

    def _count(self, slot: Slot) -> int:
        if slot.name == "age":
            return bounded(slot, self._rng.randint(24, 69))
        if slot.name.endswith("hour"):
            return bounded(slot, self._rng.choice(_HOURS))
        meter = self._meter(slot)
        if meter is not None:
            return bounded(slot, meter + self._rng.randint(6, 60) * 10 + self._rng.randint(0, 9))
        usual = self._usual(slot)
        if usual is not None:
            return bounded(slot, self._rng.randint(*usual))
        low, high = slot.parameter.minimum or 0, slot.parameter.maximum or 9
        stored = self._stored.get(slot.name) if slot.required and (high >= _MANY or self._is_measure(slot)) else None
        if stored and self._rng.random() < _AS_STORED:
            return bounded(slot, self._rng.choice(stored[len(stored) // 2 :]))
        seen = [value for value in self._seen(slot) if isinstance(value, int) and not isinstance(value, bool)]
        if seen and max(seen) > 20 and self._rng.random() < 0.6:
            return bounded(slot, self._rng.choice(seen))
        if high < _MANY:
            return bounded(slot, self._rng.choice((1, 1, 2, 2, 2, 3, 4)))
        middle = (max(low, 1) * high) ** 0.5 * self._rng.choice((0.3, 0.5, 0.7, 1, 1, 1.4))
        step = 10 ** max(0, len(str(int(middle))) - 1)
        return bounded(slot, max(1, round(middle / step * 2)) * step // 2 if step > 1 else round(middle))

    def _meter(self, slot: Slot) -> int | None:
        """Return what the meter of the thing in play reads: a car's kilometres."""
        for place in self._nearby():
            for table, column in slot.related:
                value = place.row.get(column) if place.table == table else None
                if slot.required and isinstance(value, int) and value > _METER:
                    return value
        return None

    def _usual(self, slot: Slot) -> tuple[int, int] | None:
        """Return the range that the frames call usual, by itself or for what another parameter was given: cars are long."""
        frame = self._tool.frames.get("slots", {}).get(slot.name)
        told = frame.get("usual") if isinstance(frame, Mapping) else None
        if isinstance(told, Mapping):
            told = next((by.get(str(self._given.get(name))) for name, by in told.items()), None)
        return (int(told[0]), int(told[1])) if told else None

    def _is_measure(self, slot: Slot) -> bool:
        frame = self._tool.frames.get("slots", {}).get(slot.name)
        return isinstance(frame, dict) and "per" in frame

    def _money(self, slot: Slot) -> int:
        if self._wish.amounts and self._tool.verb == "pay" and self._rng.random() < 0.7:
            return bounded(slot, self._rng.choice(self._wish.amounts))
        seen = sorted(value for value in self._seen(slot) if isinstance(value, int) and value > 0)
        if seen and self._rng.random() < 0.5:
            value = self._rng.choice(seen)
            return bounded(slot, max(100, round(value / 500) * 500))
        large = (slot.parameter.maximum or 0) >= _LARGE
        return bounded(slot, self._rng.choice(_ROUND[_SMALL:] if large else _ROUND) * 100)

    def _seen(self, slot: Slot) -> list[Any]:
        """Return the values that the columns a parameter has to do with hold, those of the tool's own table if it can."""
        own = [each for each in slot.related if each[0] == self._tool.subject]
        return [row.get(column) for table, column in (own or slot.related)[:2] for row in self._world.rows(table)[:60]]

    def _when(self, slot: Slot) -> str | None:
        now = self._now
        start = self._start_of(slot)
        if start is not None:
            soon = (0, 0, 0, 1, 2) if self._wish.rows[1:] else ()
            return shaped(slot, start + timedelta(days=self._rng.choice((*soon, 1, 2, 2, 3, 3, 4, 5, 7))))
        moved = self._moved(slot, now) or self._like_others(slot, now)
        if moved is not None:
            return shaped(slot, moved)
        day = now + timedelta(days=self._rng.choice((0, 1, 1, 2, 3, 4, 5, 6, 7, 9, 12, 14, 21)))
        hour, minute = self._rng.choice((8, 9, 10, 11, 13, 14, 15, 16, 18, 19)), self._rng.choice((0, 0, 30, 15))
        return shaped(slot, day.replace(hour=hour, minute=minute, second=0))

    def _moved(self, slot: Slot, now: datetime) -> datetime | None:
        """Return a day near the one that the thing in play has now, for a change of it."""
        own = self._wish.rows[0].row.get(slot.name) if self._tool.verb == "change" and self._wish.rows else None
        if not isinstance(own, str) or self._rng.random() >= _SHIFTED:
            return None
        return parsed(own, now) + timedelta(days=self._rng.choice((-2, -1, 1, 1, 2, 3, 4, 7)))

    def _like_others(self, slot: Slot, now: datetime) -> datetime | None:
        """Return a coming day that the data holds in such a place, or one near those of the rows in play."""
        seen = [value for value in self._seen(slot) if isinstance(value, str) and value[:10] >= self._view.now[:10]]
        if seen and self._rng.random() < 0.6:
            return parsed(self._rng.choice(seen), now)
        if not self._places or self._rng.random() >= 0.6:
            return None
        near = [
            value
            for place in self._places[:2]
            for value in place.row.values()
            if isinstance(value, str) and len(value) >= 10 and value[:4].isdigit() and value[4:5] == "-"
        ]
        if not near:
            return None
        return parsed(self._rng.choice(near), now) + timedelta(days=self._rng.choice((-1, 0, 1, 2)))

    def _start_of(self, slot: Slot) -> datetime | None:
        """Return the start of the interval whose end a parameter is."""
        if not any(word in slot.name for word in ENDS):
            return None
        for name, value in self._given.items():
            if name != slot.name and name.startswith(_STARTS) and isinstance(value, str) and value[4:5] == "-":
                return parsed(value, None)
        return None

    def _text(self, slot: Slot) -> str | None:
        if slot.name in self._base:
            return str(self._base[slot.name])
        seen = [value for value in self._seen(slot) if isinstance(value, str) and value]
        return self._rng.choice(seen) if seen else None
