"""Referring back: pronouns and short descriptions for rows that earlier turns brought up.

"it" only for what the last turn was about; otherwise the noun again with a demonstrative, or what was done with it.
"""

from __future__ import annotations

from envfactory.phrasing import nouns, slots
from envfactory.phrasing.nounphrase import Noun, noun_of
from envfactory.phrasing.pointing import in_focus, short, to_row
from envfactory.phrasing.sources import Described
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import string, text


def back(telling: Telling, described: Described, value: object) -> Noun:
    """Return a reference to a row of an earlier turn's result, with what this turn says to single it out."""
    entity = described.entity
    referred = next((each for each in telling.left.values() if each.form == "referred" and each.value == value), None)
    if referred:
        return to_row(telling, referred, entity, described.table)
    plain = noun_of(entity, described.table, telling)
    if asked_for(telling, described):
        return Noun(plain, mine=bool(entity and entity.owner))
    if telling.waiting(described.mentions()):
        made = nouns.row(telling, described)
        near = _is_last(telling, described.call) and telling.chance(0.35)
        if near and not made.named and _takes_one(made):
            made.noun, made.mine = "one", False
        return made
    listed = telling.reader.tool(telling.task.gold[described.call]).act in ("list", "search")
    focus = _is_last(telling, described.call) and (listed or in_focus(telling, value))
    return Noun(plain, named=text(short(telling, plain, focus)), fixed=True)


def asked_for(telling: Telling, described: Described) -> bool:
    """Return whether the person says only when asked which row they mean: until then it is just one of theirs."""
    later = {each.id for reply in telling.turn.replies for each in reply.mentions}
    return any(each.id in later for each in described.mentions()) and not any(each in telling.left for each in later)


def _takes_one(noun: Noun) -> bool:
    """Return whether `the one` can stand for the noun: what follows it must not need the noun to lean on."""
    ties = {*slots.PREPOSITIONS, "called", "due"} - {"of"}
    return bool(noun.before or noun.after) and all(string(each).split(" ")[0] in ties for each in noun.after)


def _is_last(telling: Telling, call: int) -> bool:
    if telling.index == 0:
        return False
    first, last = telling.task.turns[telling.index - 1].calls
    return first <= call < last
