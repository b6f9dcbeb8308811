"""Pointing back at what nobody named: what belongs to the thing in hand, and the thing itself once no list shows it.

"That train" after a look at a ticket, "the way back" after one at a booking; "put them on the waiting list for it" after the
last places were taken. The reference must be one that an earlier turn allows (`antecedents`).
"""

from __future__ import annotations

from typing import Any

from envfactory.bench.sql.queries import Origin
from envfactory.runtime.paths import general
from envfactory.sampling.chain import Chain
from envfactory.sampling.holding import belonging, ends, holders, of_a_kind
from envfactory.sampling.paths import Record
from envfactory.sampling.views import EnvironmentView, Shown
from envfactory.tasks.model import Condition, FromResult, Source


def pointed(chain: Chain, view: EnvironmentView, index: int, record: Record, shown: Shown) -> Source | None:
    """Return a key as what belongs to the thing in hand; the thing may show it in its own row or in one beside it.

    Of two of a kind no words tell which is meant, but for the ends of a journey.
    """
    tool = chain.gold[index].tool
    field = shown.path.rpartition(".")[2]
    beside = [] if record.listed or shown.key is None else _holding(chain, view, index, shown.key, record.fields[field])
    for row, place in [(record, shown), *beside]:
        slot = belonging(view, tool, row, place)
        alike = of_a_kind(view, view.tools[tool], general(place.path))
        if slot and (len(alike) == 1 or ends(view, view.tools[tool], general(place.path))):
            return _referred(chain, view, slot, index, record, shown)
    return None


def recalled(chain: Chain, view: EnvironmentView, key: Origin, value: Any) -> Source | None:
    """Return a key as the thing that was just spoken of, where it stood at first."""
    for index in range(chain.turn.first - 1, -1, -1):
        call = chain.gold[index]
        known = call.environment == view.name and call.outcome == "ok"
        for record, shown in _holding(chain, view, index, key, value) if known else ():
            return _referred(chain, view, f"{key[0]}.{key[1]}", index, record, shown)
    return None


def _holding(chain: Chain, view: EnvironmentView, index: int, key: Origin, value: Any) -> list[tuple[Record, Shown]]:
    return list(holders(view.tools[chain.gold[index].tool], chain.shown[index], key, value))


def _referred(
    chain: Chain, view: EnvironmentView, slot: str, index: int, record: Record, shown: Shown
) -> Source | None:
    """Return the source of a key that this turn points back at, if an earlier one spoke of one such thing alone."""
    field = shown.path.rpartition(".")[2]
    value = record.fields[field]
    if index >= chain.turn.first or not chain.spoken_of(view.name, slot, value):
        return None
    said = chain.say(view.name, slot, value, "referred")
    where = [Condition(field=field, value=value, mention=said)] if record.listed else []
    return FromResult(call=index, path=record.at(field), where=where)
