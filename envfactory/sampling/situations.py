"""Why somebody wants all this: a situation from the frames of the tools used, fit for the party and the places."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from envfactory.sampling.scenes import Stage

_GAP = re.compile(r"\{(\w+)\}")


def situation(stage: Stage, rng: random.Random) -> str:
    """Return a situation for the story so far; empty where no frame offers one that fits."""
    fitting = list(_fitting(stage))
    return rng.choice(fitting) if fitting else ""


def _fitting(stage: Stage) -> Iterator[str]:
    said = {mention.slot.rpartition(".")[2]: mention.value for turn in stage.chain.turns for mention in turn.mentions}
    for call in stage.chain.gold:
        if call.purpose != "goal":
            continue
        frames = stage.view(call.environment).tools[call.tool].frames
        for each in frames.get("situations", []):
            if _suits(each, stage):
                text = str(each.get("text", ""))
                filled = _GAP.sub(lambda match: str(said.get(match[1], match[0])), text)
                if text and "{" not in filled:
                    yield filled


def _suits(each: Any, stage: Stage) -> bool:
    party = each.get("party") if isinstance(each, dict) else None
    if not isinstance(each, dict):
        return False
    return not party or (stage.party_said and stage.party in party)
