"""Whether a look-up and the call it is made for speak of the same: the same rows, prices and days."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from envfactory.bench.inputs.world import Place
from envfactory.sampling.views import EnvironmentView, Slot, ToolView

_WHEN = ("date", "moment")
_OTHER_WAY = {"from": "to", "to": "from"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEPT = ("created", "updated", "valid", "closes", "opens")


def is_foreign(slot: Slot, value: Any, known: Collection[Any], values: Mapping[str, Any]) -> bool:
    """Tell whether an argument is about something that is not in play at all."""
    if slot.many or value in known or value in values.values():
        return False
    return slot.role in ("key", "date", "moment", "choice") or slot.column is not None


def telling(fields: Any) -> set[Any]:
    """Return the values of an object that would hardly be the same by chance."""
    if not isinstance(fields, Mapping):
        return set()
    return {value for value in fields.values() if (isinstance(value, int) and value > 99) or isinstance(value, str)}


def same_things(producer: ToolView, tool: ToolView, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that a look-up and its call both name: cars are looked for where one is to be picked up."""
    return {
        name: arguments[name]
        for name, slot in producer.slots.items()
        if name in arguments and slot.role == "key" and not slot.many and slot.column == tool.slots[name].column
    }


def named_rows(view: EnvironmentView, world: Any, arguments: Mapping[str, Any]) -> list[Place]:
    """Return the rows that a call's keys name."""
    found = []
    for table, facts in view.schema.tables.items():
        if len(facts.primary_key) == 1:
            for value in arguments.values():
                if isinstance(value, str):
                    found += [Place(table, row) for row in world.where(table, facts.primary_key[0], value)]
    return found


def clashes(
    producer: ToolView,
    given: Mapping[str, Any],
    tool: ToolView,
    arguments: Mapping[str, Any],
    held: Collection[str] = (),
) -> bool:
    """Tell whether a look-up is for other days or people than its call, so that one request would contradict itself.

    `held` are the days of the things that the call names, for one that names no day itself.
    """
    looked, named = days(producer, given), days(tool, arguments)
    if named and not set(looked) <= set(named):
        return True
    wanted = named or list(held)
    if looked and wanted and not (min(looked) <= max(wanted) and min(wanted) <= max(looked)):
        return True
    if any(_gainsays(_in_words(producer, name, value), tool) for name, value in given.items()):
        return True
    asked, meant = party_of(producer, given), party_of(tool, arguments)
    return asked is not None and meant is not None and asked != meant


def _in_words(tool: ToolView, name: str, value: Any) -> str:
    """Return the whole phrase that a frame has for a value: `from the airport`."""
    frame = tool.frames.get("slots", {}).get(name)
    said = frame.get(str(value)) if isinstance(frame, dict) else None
    return said if isinstance(said, str) else ""


def _gainsays(said: str, tool: ToolView) -> bool:
    """Tell whether a tool's own phrases lead the other way: "to the airport", where `from the airport` is said."""
    way, _, place = said.partition(" ")
    other = _OTHER_WAY.get(way)
    return other is not None and any(f"{other} {place}" in str(each) for each in tool.frames.get("vp", []))


def party_of(tool: ToolView, given: Mapping[str, Any]) -> int | None:
    """Return how many people a call is for, by its defaults where it does not say; None where it does not ask."""
    counted = [given.get(name, tool.slots[name].parameter.default) for name in tool.party]
    return sum(each for each in counted if isinstance(each, int)) if counted else None


def days_held(view: EnvironmentView, rows: Collection[Place]) -> list[str]:
    """Return the days of rows that nobody owns, else of those that are owned.

    Of the flight that is met or the sailing that is moved to, not of the booking; but a van for a ride is for the ride's day.
    """
    theirs = [place for place in rows if view.owner(place.table) is None]
    return _days_of(theirs) or _days_of([place for place in rows if place not in theirs])


def _days_of(rows: Collection[Place]) -> list[str]:
    return [
        value[:10]
        for place in rows
        for name, value in place.row.items()
        if isinstance(value, str) and _DAY.match(value) and not name.startswith(_KEPT)
    ]


def days(tool: ToolView, given: Mapping[str, Any]) -> list[str]:
    """Return the days that a call's arguments name."""
    return [str(value)[:10] for name, value in given.items() if name in tool.slots and tool.slots[name].role in _WHEN]
