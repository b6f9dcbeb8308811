"""What has been spoken of: the one thing that "it", "there" or "that flight" can point at.

A thing was spoken of where an earlier turn asked about it, made it, was told its name, or named it; what a list merely
showed was not. Where the last turn that has the thing has several of its kind, a reference could be any of them.

What belongs to the thing in hand can be pointed at by it though nobody named it: "the way back" goes from where that
booking ends to where it begins. The slot of such a reference is the thing's own column (`bookings.destination_id`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from envfactory.sampling.paths import Record, records
from envfactory.tasks.model import GoldCall, Mention, Turn


def antecedent(turns: Sequence[Turn], gold: Sequence[GoldCall], before: int, wanted: Mention) -> int | None:
    """Return the last turn before `before` that dealt with what a reference points at, where that is one thing alone.

    Things are of a type where they go by the same name in arguments and results (`booking_id`).
    """
    held = _held(gold, wanted)
    if held:
        return _in_hand(turns, gold, before, held, wanted.slot.partition(".")[0])
    for number in range(before - 1, -1, -1):
        turn = turns[number]
        groups = [*_dealt_with(turn, gold).values(), _named_in(turn, wanted), _told_of(turn, gold, wanted)]
        holding = [values for values in groups if any(_same(value, wanted.value) for value in values)]
        if holding:
            return number if any(len(values) == 1 for values in holding) else None
        found = _found_in(turn, gold, wanted)
        if found and not any(_same(value, wanted.value) for value in found):
            return None  # others of its kind have been found since
    return None


def _found_in(turn: Turn, gold: Sequence[GoldCall], wanted: Mention) -> set[Any]:
    """Return the keys of things of a reference's kind that a turn's searches found and its answer told."""
    table, _, column = wanted.slot.partition(".")
    told = {fact.call for fact in turn.facts}
    rows = (row for each in turn.requests if each.call in told for row in records(gold[each.call].result) if row.listed)
    return {_key_of(row, table) for row in rows} - {None} if column == "id" else set()


def _held(gold: Sequence[GoldCall], wanted: Mention) -> set[Any]:
    """Return the keys of the things that hold a reference's value in its column, and no other; empty where it is not by a thing.

    A flight on offer at three fares holds none of them: "that fare" is any.
    """
    table, _, column = wanted.slot.rpartition(".")
    if not column.endswith("_id") or column.startswith(_stem(table)):
        return set()
    shown: dict[Any, list[Any]] = {}
    for row in (row for call in gold if call.environment == wanted.environment for row in records(call.result)):
        if row.fields.get(column) is not None:
            shown.setdefault(_key_of(row, table), []).append(row.fields[column])
    return {key for key, values in shown.items() if all(_same(each, wanted.value) for each in values)} - {None}


def _in_hand(turns: Sequence[Turn], gold: Sequence[GoldCall], before: int, held: set[Any], table: str) -> int | None:
    """Return the last turn before `before` about things of a table, where it was about one alone and that is `held`."""
    for number in range(before - 1, -1, -1):
        found = _in_turn(turns[number], gold, table)
        if found:
            return number if len(found) == 1 and found <= held else None
    return None


def _in_turn(turn: Turn, gold: Sequence[GoldCall], table: str) -> set[Any]:
    """Return the keys of a table's things that a turn was about: dealt with, else shown."""
    dealt = _dealt_with(turn, gold).items()
    found = {value for name, values in dealt if _names_key(name, table) for value in values}
    shown = (_key_of(row, table) for each in turn.requests for row in records(gold[each.call].result))
    return found or set(shown) - {None}


def _key_of(row: Record, table: str) -> Any:
    """Return the key that a row shows of its thing in a table, None where it shows none."""
    return next((value for name, value in row.fields.items() if _names_key(name, table)), None)


def _names_key(name: str, table: str) -> bool:
    return name.endswith("id") and name.startswith(_stem(table))


def _stem(table: str) -> str:
    return table.removesuffix("s")[:6]


def _said(turn: Turn) -> list[Mention]:
    return [*turn.mentions, *(each for reply in turn.replies for each in reply.mentions)]


def _named_in(turn: Turn, wanted: Mention) -> list[Any]:
    """Return what a turn's words give for the column that a reference is about ("in Lisbon", then "there")."""
    column = wanted.slot.rpartition(".")[2]
    values: list[Any] = []
    for mention in _said(turn):
        if mention.slot.rpartition(".")[2] == column and mention.environment == wanted.environment:
            values += [] if mention.value in values else [mention.value]
    return values


def _told_of(turn: Turn, gold: Sequence[GoldCall], wanted: Mention) -> list[Any]:
    """Return the row of a reference's table that a turn spoke of by a property: the booking's flight, by when it leaves."""
    table = wanted.slot.partition(".")[0]
    if not any(each.slot.partition(".")[0] == table and each.form != "referred" for each in turn.mentions):
        return []
    stem = _stem(table)
    values: list[Any] = []
    for request in turn.requests:
        for path, value in shown_once(gold[request.call].result):
            if path.rpartition(".")[2].startswith(stem) and path.endswith("id") and value not in values:
                values.append(value)
    return values


def _dealt_with(turn: Turn, gold: Sequence[GoldCall]) -> dict[str, list[Any]]:
    """Return what a turn asked about, made, or was told the name of, by the name of the key."""
    found: dict[str, list[Any]] = {}
    asked = {each.call for each in turn.requests}
    for number in range(*turn.calls):
        call = gold[number]
        if call.purpose == "resolve" and number not in asked:
            continue
        told = [each.name for each in turn.facts if each.call == number]
        made = turn.outcome == "done"
        shown = [
            (path, value) for path, value in shown_once(call.result) if made or spoken_of(path.rpartition(".")[2], told)
        ]
        for path, value in [*argument_leaves(call.arguments), *shown]:
            values = found.setdefault(path.rpartition(".")[2].partition("[")[0], [])
            if value not in values:
                values.append(value)
    return found


def argument_leaves(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every scalar of a call's arguments with its path (`items[0].sku`); an empty list or object is a leaf."""
    for name, value in arguments.items():
        yield from _leaves(value, name)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, below in value.items():
            yield from _leaves(below, f"{path}.{name}")
    elif isinstance(value, list) and value:
        for number, below in enumerate(value):
            yield from _leaves(below, f"{path}[{number}]")
    else:
        yield path, value


def shown_once(result: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a result shows outside its lists."""
    leaves = argument_leaves(result) if isinstance(result, Mapping) else ()
    yield from ((path, value) for path, value in leaves if "[" not in path)


def spoken_of(key: str, told: Iterable[str]) -> bool:
    """Tell whether an answer that states some facts names what a key stands for: `vehicle` for `vehicle_class_id`."""
    return any(key.startswith(name) or name.startswith(key.removesuffix("_id")) for name in told)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    return bool(one == other)
