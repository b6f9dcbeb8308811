"""Which records of a result hold a key, and how they speak of it: as what they are about, or only in passing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envfactory.bench.sql.queries import Origin
from envfactory.dependencies.lineage import canonical
from envfactory.sampling.paths import Record
from envfactory.sampling.views import EnvironmentView, Shown, ToolView

_THERE = ("destination", "to_", "arrival")
_WHERE = ("city", "town", "country", "region", "address", "latitude")


def holders(
    producer: ToolView, everything: Sequence[Record], key: Origin, value: Any
) -> Iterator[tuple[Record, Shown]]:
    """Yield the records that hold a key's value, with the field that does."""
    for shown in producer.shows(key):
        place, _, name = shown.path.rpartition(".")
        for record in everything:
            if record.place == place and record.fields.get(name) == value:
                yield record, shown


def names_two(view: EnvironmentView, tool: str, record: Record, shown: Shown) -> bool:
    """Tell whether a record names another thing of the same kind, so that "it" could be either.

    Of the two ends of a journey "there" is the one it goes to.
    """
    if shown.path.rpartition(".")[2].startswith(_THERE):
        return False
    others = [
        each
        for each in view.tools[tool].shown.values()
        if each.key == shown.key and each.path != shown.path and each.path.rpartition(".")[0] == record.place
    ]
    mine = record.fields[shown.path.rpartition(".")[2]]
    return any(record.fields.get(each.path.rpartition(".")[2], mine) != mine for each in others)


def about(view: EnvironmentView, producer: ToolView, key: Origin) -> int:
    """Tell whether a tool shows a key as what its rows are about (0), or only in passing (1)."""
    for shown in producer.shows(key):
        place = shown.path.rpartition(".")[0]
        keys = [
            other
            for path, other in producer.shown.items()
            if path.rpartition(".")[0] == place and other.key is not None and view.names_row(other.key)
        ]
        if keys and keys[0] is shown:
            return 0
    return 1


def in_passing(view: EnvironmentView, producer: ToolView, record: Record, shown: Shown) -> int:
    """Tell how much in passing a record shows a key: 0 as what it is about, 1 alone in a result, 2 in one of many rows."""
    for name in record.fields:
        other = producer.shown.get(f"{record.place}.{name}" if record.place else name)
        if other is not None and other.key is not None and view.names_row(other.key):
            return 0 if other.path == shown.path else 1 if not record.listed else 2
    return 0


def joint(
    view: EnvironmentView, producer: ToolView, record: Record, tool: ToolView, arguments: Mapping[str, Any]
) -> bool:
    """Tell whether a record agrees with every key of the call that it shows."""
    for slot in tool.slots.values():
        if slot.role == "key" and slot.column is not None and slot.name in arguments:
            for shown in producer.shows(canonical(slot.column, view.schema)):
                place, _, name = shown.path.rpartition(".")
                if place == record.place and record.fields.get(name) != arguments[slot.name]:
                    return False
    return True


def belonging(view: EnvironmentView, tool: str, record: Record, shown: Shown) -> str:
    """Return the column by which a record's own thing has a key (`bookings.destination_id`); empty where it is the thing's.

    The person is nobody's, and what is not of the record itself belongs to another thing.
    """
    name = shown.path.rpartition(".")[2]
    for field in record.fields:
        other = view.tools[tool].shown.get(f"{record.place}.{field}" if record.place else field)
        if other is not None and other.key is not None and view.names_row(other.key):
            own = other.path == shown.path or shown.key == view.person_key
            return "" if own or other.key == view.person_key else f"{other.key[0]}.{name}"
    return ""


def ends(view: EnvironmentView, tool: ToolView, field: str) -> list[Shown]:
    """Return the two ends of a journey that a row shows by their keys, where it has a field as one of them: start first."""
    alike = of_a_kind(view, tool, field)
    key = alike[0].key if len(alike) == 2 else None
    return alike if key and _is_place(view, key[0]) and about(view, tool, key) else []


def of_a_kind(view: EnvironmentView, tool: ToolView, field: str) -> list[Shown]:
    """Return the fields of a row that show keys of the same table as one of its fields does, that among them."""
    shown = tool.shown.get(field)
    if shown is None or shown.key is None or shown.key == view.person_key or not view.names_row(shown.key):
        return []
    place = field.rpartition(".")[0]
    return [each for each in tool.shows(shown.key) if each.path.rpartition(".")[0] == place]


def _is_place(view: EnvironmentView, table: str) -> bool:
    """Tell whether the rows of a table are places, which one can leave and arrive at."""
    facts = view.schema.tables.get(table)
    within = view.entities.get(table, {}).get("within")
    return within is not None or (facts is not None and any(name in _WHERE for name in facts.columns))
