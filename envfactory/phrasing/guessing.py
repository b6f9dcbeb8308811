"""Verb phrases for tools that no author has framed: from the summary's first clause, with holes where it names a row.

"Choose a seat for a ticketed booking" with a parameter that takes bookings is "choose {seat} for {booking_id}"; "List a
guest's bookings" is "show me my bookings". Where the summary gives nothing, verb and noun of the tool's name do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from envfactory.phrasing.frames import EntityFrame, SlotFrame
from envfactory.phrasing.lexicon import plural, singular, spaced, with_article

_SPOKEN = {
    "get": "check",
    "read": "check",
    "retrieve": "check",
    "fetch": "check",
    "query": "look up",
    "post": "add",
    "show": "show me",
}
_ASIDE = re.compile(
    r"[.;:(,]|\bby (?:its|their|the|id|e-mail|telephone|membership|licence)\b| (?:with (?:its|their|the|free)|before|that|so|under|around|of the same|without) "
)
_A_ROW = r"\b(?:an?|the|one|one's own|one's|their|somebody's|pending|another) (?:[a-z-]+ ){{0,2}}?{noun}\b"
_LONG = 60


def phrases_of(
    name: str, summary: str, slots: Mapping[str, SlotFrame], entities: Mapping[str, EntityFrame], principal: str
) -> tuple[str, ...]:
    """Return verb phrases for a tool without any."""
    if (
        slots
        and all(slot.contact for slot in slots.values() if slot.required)
        and any(slot.contact for slot in slots.values())
    ):
        return ("look up my account", "check my account")
    clause = _owned(_imperative(summary), principal, entities)
    if not clause:
        return (_by_name(name, slots, entities),)
    return (_shown(_plainer(_with_holes(clause, slots, entities))),)


def _imperative(summary: str) -> str:
    """Return the summary's first clause as a verb phrase, without the document's asides."""
    clause = _ASIDE.split(summary.strip())[0].strip()
    verb, space, rest = clause.partition(" ")
    if not space or not verb.isalpha() or len(clause) > _LONG:
        return ""
    lower = verb.lower()
    base = re.sub(r"(?<=[a-z]{2})s$", "", lower) if not lower.endswith("ss") else lower
    return f"{_SPOKEN.get(base, base)} {rest}"


def _owned(clause: str, principal: str, entities: Mapping[str, EntityFrame]) -> str:
    """Return the clause with what belongs to the signed-in person as mine."""
    people = {singular(spaced(principal)), "customer", "user", "member", "employee", "guest", "person"}
    owner = "|".join(sorted(each for each in people if each))
    return re.sub(rf"\b(?:an?|the|somebody's) (?:{owner})'s\b", "my", clause)


def _shown(clause: str) -> str:
    """Return `list my bookings` as `show me my bookings`; a list of things for all is looked for."""
    if clause.startswith("list my "):
        return f"show me {clause[5:]}"
    return re.sub(r"^list (?:the )?", "find ", clause)


_VAGUE = re.compile(r" (?:between|around|of|in|on|from|to|after|at) (?:two|an?|one's|somebody's) [a-z' ]+$")


def _plainer(clause: str) -> str:
    """Return the clause without what it says of things in general: `find trains between two stations on a day`."""
    clause = re.sub(r"\b(?:an?|the) [a-z]+ or (?=\{)", "", clause)
    while clause.count(" ") > 1 and _VAGUE.search(clause):
        clause = _VAGUE.sub("", clause)
    return clause


def _with_holes(clause: str, slots: Mapping[str, SlotFrame], entities: Mapping[str, EntityFrame]) -> str:
    """Return the clause with its noun phrases for rows and counted things replaced by the slots that say them."""
    for name, slot in slots.items():
        if slot.role == "entity":
            clause = _row_hole(clause, name, slot, entities, slots)
        elif slot.role == "count" and not slot.party and slot.noun:
            clause = re.sub(rf"(?<= )(?:[a-z]+ )?{plural(slot.noun)}\b", f"{{{name}}}", clause, count=1)
    return clause


def _row_hole(
    clause: str, name: str, slot: SlotFrame, entities: Mapping[str, EntityFrame], slots: Mapping[str, SlotFrame]
) -> str:
    entity = entities.get(slot.ref.partition(".")[0])
    nouns = [*(entity.nouns if entity else ()), spaced(re.sub(r"_id$", "", name))]
    for noun in nouns:
        held, found = re.subn(_A_ROW.format(noun=re.escape(noun.split(" ")[-1])), f"{{{name}}}", clause, count=1)
        if found:
            return held
    rows = [each for each in slots.values() if each.role == "entity" and each.required]
    if rows == [slot]:
        return re.sub(r"\b(?:an?|the) [a-z-]+(?: [a-z-]+)?$", f"{{{name}}}", clause, count=1)
    return clause


def _by_name(name: str, slots: Mapping[str, SlotFrame], entities: Mapping[str, EntityFrame]) -> str:
    verb, *rest = spaced(name).split(" ")
    spoken = _SPOKEN.get(verb, verb)
    for key, slot in slots.items():
        entity = entities.get(slot.ref.partition(".")[0]) if slot.role == "entity" else None
        if entity and any(noun.split(" ")[-1] in rest for noun in entity.nouns):
            return f"{spoken} {{{key}}}"
    noun = " ".join(rest) or "it"
    return f"{spoken} {noun if noun.endswith('s') or noun == 'it' else with_article(noun)}"
