"""Whether a look-up and the call it is made for speak of the same: the same rows, prices and days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from envfactory.bench.inputs.world import Place
from envfactory.sampling.views import EnvironmentView, Slot, ToolView

_WHEN = ("date", "moment")


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


def named_rows(view: EnvironmentView, world: Any, arguments: Mapping[str, Any]) -> list[Place]:
    """Return the rows that a call's keys name."""
    found = []
    for table, facts in view.schema.tables.items():
        if len(facts.primary_key) == 1:
            for value in arguments.values():
                if isinstance(value, str):
                    found += [Place(table, row) for row in world.where(table, facts.primary_key[0], value)]
    return found


def clashes(producer: ToolView, given: Mapping[str, Any], tool: ToolView, arguments: Mapping[str, Any]) -> bool:
    """Tell whether a look-up is for other days than its call, so that one request would name two that contradict."""
    looked, wanted = days(producer, given), days(tool, arguments)
    return bool(looked and wanted) and not (min(looked) <= max(wanted) and min(wanted) <= max(looked))


def days(tool: ToolView, given: Mapping[str, Any]) -> list[str]:
    """Return the days that a call's arguments name."""
    return [str(value)[:10] for name, value in given.items() if name in tool.slots and tool.slots[name].role in _WHEN]
