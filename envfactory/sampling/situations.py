"""Why somebody wants all this: a situation from the frames of the tools used, fit for the party and the places.

It opens the conversation, so it must be the ground of what is asked for first: of the first turn's own tool, or of what is
done right after a first look. Nobody looks up their bookings because they need a break.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from envfactory.sampling.plausible import is_claim
from envfactory.sampling.scenes import Stage
from envfactory.sampling.views import ToolView
from envfactory.tasks.model import GoldCall, Turn

_GAP = re.compile(r"\{(\w+)\}")
_OWN = ("list", "detail", "identify")
_NEW = ("create", "search")


def situation(stage: Stage, rng: random.Random) -> str:
    """Return a situation for the story so far; empty where no frame offers one that fits."""
    fitting = list(_fitting(stage))
    return rng.choice(fitting) if fitting else ""


def _fitting(stage: Stage) -> Iterator[str]:
    said = {mention.slot.rpartition(".")[2]: mention.value for mention in stage.chain.turns[0].mentions}
    for call, tool in _grounds(stage):
        for each in tool.frames.get("situations", []):
            if _suits(each, stage, call):
                text = str(each.get("text", ""))
                filled = _GAP.sub(lambda match: str(said.get(match[1], match[0])), text)
                if text and "{" not in filled:
                    yield filled


def _grounds(stage: Stage) -> Iterator[tuple[GoldCall, ToolView]]:
    """Yield what the first turn asks for, and the second where the first only looks at what that is about."""
    turns = stage.chain.turns
    first = _asked(stage, turns[0])
    yield from first
    if len(turns) < 2 or any(tool.kind == "write" for _, tool in first):
        return
    own = any(tool.verb in _OWN for _, tool in first)
    for call, tool in _asked(stage, turns[1]):
        new = own and tool.verb in _NEW and not is_claim(tool)
        if not new and tool.name not in [each.name for _, each in first]:
            yield call, tool


def _asked(stage: Stage, turn: Turn) -> list[tuple[GoldCall, ToolView]]:
    calls = [stage.chain.gold[request.call] for request in turn.requests]
    return [(call, stage.view(call.environment).tools[call.tool]) for call in calls]


def _suits(each: Any, stage: Stage, call: GoldCall) -> bool:
    if not isinstance(each, dict):
        return False
    when = each.get("when") or {}
    if any(str(call.arguments.get(name)) != value for name, value in when.items()):
        return False
    party = each.get("party")
    return not party or (stage.party_said and stage.party in party)
