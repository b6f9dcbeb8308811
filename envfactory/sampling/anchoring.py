"""What the own things that a call is about tell by themselves: where a ride leaves, which hotel a booking is in.

An anchor is the place in a result where a call's own thing stands. What its row, or a look at it alone, shows need not be
said to make a look-up for the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envfactory.bench.sql.queries import Origin
from envfactory.runtime.paths import general, value_at
from envfactory.sampling.chain import Chain
from envfactory.sampling.holding import holders
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import FromResult


def same_row(
    chain: Chain, view: EnvironmentView, name: str, value: Any, anchors: Sequence[FromResult]
) -> FromResult | None:
    """Return the place of a value in the row that shows an own thing, under a parameter's own name."""
    for anchor in anchors:
        row, _, _ = anchor.path.rpartition(".")
        if row and owned_key(chain, view, anchor) is not None:
            path = f"{row}.{name}"
            if value_at(chain.gold[anchor.call].result, path) == value:
                return anchor.model_copy(update={"path": path})
    return None


def beside(
    chain: Chain, view: EnvironmentView, key: Origin, value: Any, anchors: Sequence[FromResult]
) -> FromResult | None:
    """Return where a result about an own thing alone shows a key: the home of this very stay."""
    owned = [each for each in anchors if owned_key(chain, view, each) is not None]
    mine = owned_values(chain, view, anchors)
    for index in range(len(chain.gold) - 1, -1, -1):
        call = chain.gold[index]
        if call.environment != view.name or call.outcome != "ok":
            continue
        for record, shown in holders(view.tools[call.tool], chain.shown[index], key, value):
            path = record.at(shown.path.rpartition(".")[2])
            if not record.listed and any(each in record.fields.values() for each in mine):
                return FromResult(call=index, path=path)
            for anchor in owned:  # the station of that very row
                if anchor.call == index and anchor.path.rpartition(".")[0] == path.rpartition(".")[0]:
                    return anchor.model_copy(update={"path": path})
    return None


def tables(chain: Chain, view: EnvironmentView, anchors: Sequence[FromResult]) -> set[str]:
    """Return the tables of the own things that a call is about."""
    found = [owned_key(chain, view, each) for each in anchors]
    return {key[0] for key in found if key is not None}


def owned_values(chain: Chain, view: EnvironmentView, anchors: Sequence[FromResult]) -> list[Any]:
    """Return the keys of the own things that a call is about."""
    owned = [each for each in anchors if owned_key(chain, view, each) is not None]
    return [value_at(chain.gold[each.call].result, each.path) for each in owned]


def owned_key(chain: Chain, view: EnvironmentView, place: FromResult) -> Origin | None:
    """Return the key that stands at a place, where it is that of something that somebody owns."""
    call = chain.gold[place.call]
    shown = view.tools[call.tool].shown.get(general(place.path)) if call.environment == view.name else None
    if shown is None or shown.key is None or view.owner(shown.key[0]) is None:
        return None
    return shown.key
