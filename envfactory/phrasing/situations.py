"""Situations and reasons: why a person asks, said once, fitting party and place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from envfactory.phrasing.frames import Situation, ToolFrame
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, fill, holes, say, text
from envfactory.tasks.model import Mention

_ANYWAY = {
    "cancel": (
        "my plans have changed",
        "something's come up",
        "I've had second thoughts",
        "it won't work out after all",
        "I don't need it any more",
    ),
    "change": (
        "something's come up",
        "my plans have changed a bit",
        "that would suit me better",
        "I got it wrong the first time",
    ),
}
_LOOKING = (
    "I can't find my confirmation",
    "my diary is a mess",
    "I want to print everything out",
    "I've mixed up the dates, I think",
    "I'm packing at the moment",
    "I'm on the train and don't have my papers here",
    "I just want to be sure",
    "my calendar has lost everything",
    "I'm going through my diary",
    "I've lost track a bit",
    "I'm just planning the next few days",
    "I've deleted the e-mail by mistake",
    "I'm doing my paperwork",
)
_OTHERS = (
    "my sister's family would like to come too",
    "a friend of mine wants to do the same",
    "my parents have decided to join in",
    "some friends of ours have asked me to book for them as well",
    "my neighbours want to come along now",
    "my cousins would like the same",
)
_PLACES = frozenset({"city", "country", "region", "destination", "area"})


def opening(telling: Telling, tool: ToolFrame) -> Words:
    """Return the situation that opens the conversation: the persona's, else now and then one of the tool's."""
    chosen = telling.task.persona.situation
    if not chosen:
        fitting = [each.text for each in tool.situations if fits(each, telling.task.persona.party, _asked(telling))]
        odds = {"chatty": 0.85, "casual": 0.5, "polite": 0.5, "plain": 0.4, "brief": 0.15}[telling.voice.tone]
        if not fitting and _looks_at_own(telling, tool):
            fitting, odds = list(_LOOKING), odds / 2
        if not fitting or not telling.chance(odds):
            return NOTHING
        chosen = telling.rng.choice(fitting)
    wanted = holes(chosen)
    if not wanted:
        return _naming(telling, tool, chosen)
    filling = {hole: _place(telling, hole) for hole in wanted}
    if not all(filling.values()):
        return NOTHING
    values = {hole: say(str(mention.value), mention.id) for hole, mention in filling.items() if mention}
    for mention in filling.values():
        telling.take(mention)
    return fill(chosen, values)


def _looks_at_own(telling: Telling, tool: ToolFrame) -> bool:
    """Return whether a tool shows what the person has: their bookings, or one of them."""
    if tool.act not in ("list", "read"):
        return False
    calls = [telling.task.gold[request.call].environment for request in telling.turn.requests]
    entities = telling.environment(calls[0]).entities if calls else {}
    tables = [slot.ref.partition(".")[0] for slot in tool.slots.values() if slot.required and slot.ref]
    return any(slot.role == "profile" for slot in tool.slots.values()) or any(
        each in entities and entities[each].owner for each in tables
    )


def _asked(telling: Telling) -> Mapping[str, object]:
    """Return the arguments of the turn's first request."""
    calls = [telling.task.gold[request.call] for request in telling.turn.requests]
    return calls[0].arguments if calls else {}


def _naming(telling: Telling, tool: ToolFrame, chosen: str) -> Words:
    """Return a situation that may name a place of this turn: what it names is said there and not again.

    What is done to something one has already needs the place itself to tell which; the situation is left out then.
    """
    for mention in telling.left.values():
        before, named, after = chosen.partition(str(mention.value))
        if named and isinstance(mention.value, str) and mention.form == "stated" and len(named) > 2:
            if tool.act not in ("search", "create", "quote"):
                return NOTHING
            telling.take(mention)
            return (*text(before), *say(named, mention.id), *text(after))
    return text(chosen)


def _place(telling: Telling, hole: str) -> Mention | None:
    """Return the mention of this turn that fills a hole: by name, or any place where the hole is one."""
    waiting = [each for each in telling.left.values() if each.form == "stated" and isinstance(each.value, str)]
    exact = [each for each in waiting if each.slot.rpartition(".")[2] == hole]
    if exact:
        return exact[0]
    if hole not in _PLACES:
        return None
    return next((each for each in waiting if each.slot.rpartition(".")[2] in _PLACES), None)


def fits(situation: Situation, party: int | None, given: Mapping[str, object]) -> bool:
    """Return whether a situation goes with the size of the party and with what is asked for."""
    if any(str(given.get(name)) != value for name, value in situation.when.items()):
        return False
    if party is None:
        return not re.match(r"(?i)we\b|we'", situation.text) or not situation.party
    return not situation.party or party in situation.party


def reason(telling: Telling, tool: ToolFrame, *, certain: bool = False) -> str:
    """Return a reason for a cancellation or change, one that no earlier turn gave; empty for none."""
    said = " ".join(turn.text for turn in telling.task.turns[: telling.index]).lower()
    party = telling.task.persona.party
    known = [*tool.reasons, *(_ANYWAY.get(tool.act, ()) if tool.reasons and telling.chance(0.3) else ())]
    able = [each for each in known if each.lower() not in said and _in_number(each, party)]
    odds = {"chatty": 0.8, "polite": 0.55, "casual": 0.55, "plain": 0.5, "brief": 0.12}[telling.voice.tone]
    return telling.rng.choice(able) if able and telling.chance(1.0 if certain else odds) else ""


def for_others(telling: Telling) -> str:
    """Return why somebody asks for a second time for what is theirs already."""
    said = " ".join(turn.text for turn in telling.task.turns[: telling.index]).lower()
    return telling.rng.choice([each for each in _OTHERS if each.lower() not in said] or list(_OTHERS))


def _in_number(reason_text: str, party: int | None) -> bool:
    """Someone who travels alone does not say that we do."""
    return party != 1 or not re.search(r"\b(?:we|us|our)\b", reason_text)
