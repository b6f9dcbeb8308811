"""Words for the ends of a journey in hand: the way back, the same way, on from there, where that one is picked up.

A reference to an end has the journey's own column as its slot (`bookings.destination_id`). Which words fit follows from
which end it was and which one it is to be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from envfactory.phrasing.frames import EntityFrame, SlotFrame
from envfactory.phrasing.nounphrase import is_place, noun_of
from envfactory.phrasing.pointing import is_belonging
from envfactory.phrasing.sources import Nested
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, fill, say, text
from envfactory.runtime.paths import value_at
from envfactory.tasks.model import FromResult, GoldCall, Mention

_ENDS = ("to_", "dest", "arriv", "return", "end", "drop")
_WHICH = re.compile(r"^(?:from|to|origin|destination|dest|departure|arrival|pickup|return|dropoff|start|end)_")
_BACK = ("for the way back", "for the way back", "for the journey back")
_AGAIN = ("on the same route", "on the same route", "for the same journey")
_START = {"from": "from the same {noun}", "to": "back to where that one starts"}
_END = {"from": "from where that one ends", "to": "to the same {noun}"}
_STOPS = frozenset(
    "stations airports ports marinas branches stops depots".split()
)  # where things are picked up and brought back
_HELD = {False: "the {noun} where I pick that one up", True: "the {noun} where I bring that one back"}


def both_ends(telling: Telling, call: GoldCall, slots: Sequence[SlotFrame]) -> Words:
    """Return words for a call that takes both ends of one journey, changed about or as they are; else nothing."""
    found = [(slot, mention) for slot in slots if (mention := _end(telling, call, slot))]
    if len(found) != 2 or len({mention.slot.partition(".")[0] for _, mention in found}) != 1:
        return NOTHING
    turned = [_at_end(slot.name) != _at_end(mention.slot.partition(".")[2]) for slot, mention in found]
    return _both(telling, [mention for _, mention in found], turned)


def _both(telling: Telling, ends: Sequence[Mention], turned: Sequence[bool]) -> Words:
    """Return the words of both ends of a journey, which are said by them: changed about, or as they are."""
    if turned[0] != turned[1]:
        return NOTHING
    for mention in ends:
        telling.take(mention)
    ways = _BACK if turned[0] else _AGAIN
    return say(ways[0] if telling.plain else telling.rng.choice(ways), " ".join(mention.id for mention in ends))


def both_nested(telling: Telling, nested: Sequence[Nested]) -> Words:
    """Return words for a thing that was looked for between both ends of one journey: a seat on it for the way back."""
    found = [(each.slot, mention) for each in nested if (mention := telling.pointed(each.value))]
    if len(found) != 2 or len({mention.slot.partition(".")[0] for _, mention in found}) != 1:
        return NOTHING
    columns = [mention.slot.partition(".")[2] for _, mention in found]
    if not _are_ends(*columns):
        return NOTHING
    turned = [_at_end(slot.name) != _at_end(column) for (slot, _), column in zip(found, columns, strict=True)]
    return _both(telling, [mention for _, mention in found], turned)


def one_end(telling: Telling, call: GoldCall, slot: SlotFrame, entity: EntityFrame | None) -> Words:
    """Return words for a call that takes one end of a journey, with their preposition; nothing where it takes none."""
    mention, table = _end(telling, call, slot), slot.ref.partition(".")[0]
    if mention is None or table not in _STOPS or not is_place(entity, table) or not telling.take(mention):
        return NOTHING
    column = mention.slot.partition(".")[2]
    noun = noun_of(entity, table, telling)
    way = (_END if _at_end(column) else _START).get(slot.phrase.partition(" ")[0])
    if way:
        return say(way.format(noun=noun), mention.id)
    held = say(_HELD[_at_end(column)].format(noun=noun), mention.id)
    return fill(slot.phrase, {"v": held}) if "{v}" in slot.phrase else (*text("for "), *held)


def _end(telling: Telling, call: GoldCall, slot: SlotFrame) -> Mention | None:
    """Return the reference, still to be said, by which a call takes an end of a journey for a parameter."""
    source, table = call.sources.get(slot.name), slot.ref.partition(".")[0]
    if not isinstance(source, FromResult):
        return None
    mention = telling.pointed(call.arguments.get(slot.name))
    if mention is None or not is_belonging(mention, table):
        return None
    row = value_at(telling.task.gold[source.call].result, source.path.rpartition(".")[0])
    column = mention.slot.partition(".")[2]
    return mention if isinstance(row, Mapping) and any(_are_ends(column, str(name)) for name in row) else None


def _are_ends(one: str, other: str) -> bool:
    """Return whether two fields are called as the two ends of a journey: `station_id` and `return_station_id`."""
    return _at_end(one) != _at_end(other) and _WHICH.sub("", one) == _WHICH.sub("", other)


def _at_end(name: str) -> bool:
    return name.startswith(_ENDS)
