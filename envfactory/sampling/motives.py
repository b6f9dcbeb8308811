"""Which motive a person needs to travel a state edge: most need none, some make sense with a reason alone, a few never.

To cancel what was just cancelled, to go on with what was given up, to give up what was just settled: nobody asks for it
out of the blue, and everybody has done it once. The edge's tools and its code say which reason fits.
"""

from __future__ import annotations

import re

from envfactory.environments.graph import StateEdge
from envfactory.sampling.plausible import for_one, is_claim, senseless_codes, things
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.tasks.motives import (
    AFTER_ALL,
    BACK,
    BESIDE,
    CALLED_OFF,
    EARLY,
    FOR_OTHERS,
    IN_CASE,
    INSTEAD,
    MORE,
    ONCE_MORE,
)

NONE = ""
_COUNTED = re.compile(r"TOO_MANY|NOT_ENOUGH|NO_\w+_LEFT|_FULL$|SOLD_OUT")
_STILL_FREE = re.compile(r"^(?!.*(?:NO|NOT)_).*_(?:AVAILABLE|FREE|LEFT)$")
_HAD = re.compile(r"ALREADY_")


class Senseless(str):
    """Why nobody would ever travel an edge."""


UNKNOWN = Senseless("a tool of it is unknown")
UNASKED = Senseless("the rule forbids only what nobody asks for")
OWED = Senseless("what one is owed is not claimed on the day one pays")
ONE_OF_A_KIND = Senseless("the very thing that one has just taken for these days, taken again")


def motive_of(view: EnvironmentView, edge: StateEdge) -> str:
    """Return the motive that an edge needs, `NONE` where it needs none; a `Senseless` reason where no motive helps."""
    if edge.producer not in view.tools or edge.consumer not in view.tools:
        return UNKNOWN
    first, then = view.tools[edge.producer], view.tools[edge.consumer]
    if edge.effect == "enables":
        return _enabled(view, edge, first, then)
    return _repeated(edge, then) if first is then else _disabled(view, edge, first, then)


def asks_again(edge: StateEdge) -> bool:
    """Tell whether an edge was proved by asking for the very same thing a second time."""
    if edge.producer != edge.consumer or edge.effect != "disables":
        return False
    return bool(edge.evidence.get("call", ["", {}])[1] == edge.evidence.get("arguments"))


def _enabled(view: EnvironmentView, edge: StateEdge, first: ToolView, then: ToolView) -> str:
    if first.verb == "cancel" and then.verb == "create":
        return INSTEAD
    if edge.code in senseless_codes(then):
        return BACK if first is then and first.verb == "change" else UNASKED
    if is_claim(then):
        return OWED
    if first is not then and first.verb == then.verb == "create" and _STILL_FREE.search(edge.code):
        return FOR_OTHERS
    return EARLY if first.verb == then.verb == "confirm" else NONE


def _repeated(edge: StateEdge, tool: ToolView) -> str:
    """Return why somebody asks twice: for more of it, for somebody else (told by itself), or since nothing came of it."""
    if _COUNTED.search(edge.code) and tool.verb in ("add", "create"):
        return MORE if tool.verb == "add" else NONE
    if tool.verb == "create" and for_one(edge.code):
        return ONE_OF_A_KIND if _agree(edge) else NONE
    same = asks_again(edge) or tool.verb in ("confirm", "cancel", "pay") or _HAD.search(edge.code) is not None
    return ONCE_MORE if same or edge.code in senseless_codes(tool) else NONE


def _agree(edge: StateEdge) -> bool:
    """Tell whether the two calls of an edge's proof differ in nothing that both of them say."""
    before, after = edge.evidence.get("call", ["", {}])[1], edge.evidence.get("arguments", {})
    return all(before[name] == after[name] for name in set(before) & set(after))


def _disabled(view: EnvironmentView, edge: StateEdge, first: ToolView, then: ToolView) -> str:
    if edge.code in senseless_codes(then):
        return UNASKED
    if first.verb == "cancel":
        return AFTER_ALL if then.verb != "create" or _share(view, edge, first, then) else IN_CASE
    if first.verb in ("confirm", "pay") and then.verb == "cancel":
        return CALLED_OFF
    return BESIDE if _HAD.search(edge.code) and then.verb == "create" else NONE


def _share(view: EnvironmentView, edge: StateEdge, first: ToolView, then: ToolView) -> bool:
    """Tell whether an edge was proved on one thing that both calls name."""
    before, after = edge.evidence.get("call", ["", {}])[1], edge.evidence.get("arguments", {})
    return bool(set(things(view, first, before)) & set(things(view, then, after)))
