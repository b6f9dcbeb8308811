"""Referring back: pronouns and short descriptions for rows that earlier turns brought up.

"it" only for what the last turn was about; otherwise the noun again with a demonstrative, or what was done with it.
"""

from __future__ import annotations

from envfactory.phrasing import nouns, slots
from envfactory.phrasing.frames import EntityFrame
from envfactory.phrasing.nounphrase import Noun, noun_of
from envfactory.phrasing.sources import Described
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import say, string, text
from envfactory.tasks.model import Mention

_PERSONS = frozenset("payee guest traveller customer member colleague employee person contact driver".split())


def to_row(telling: Telling, mention: Mention, entity: EntityFrame | None, table: str) -> Noun:
    """Return a reference to the row that a `referred` mention stands for (its words are the mention's)."""
    noun = noun_of(entity, table, telling)
    new = telling.take(mention)
    spoken = _short(telling, noun, _in_focus(telling, mention.value))
    return Noun(noun, named=say(spoken, mention.id) if new else text(spoken), fixed=True)


def back(telling: Telling, described: Described, value: object) -> Noun:
    """Return a reference to a row of an earlier turn's result, with what this turn says to single it out."""
    entity = described.entity
    referred = next((each for each in telling.left.values() if each.form == "referred" and each.value == value), None)
    if referred:
        return to_row(telling, referred, entity, described.table)
    plain = noun_of(entity, described.table, telling)
    if telling.waiting(described.mentions()):
        made = nouns.row(telling, described)
        if not made.named and not telling.plain and _takes_one(made) and telling.rng.random() < 0.5:
            made.noun, made.mine = "one", False
        return made
    return Noun(plain, named=text(_short(telling, plain, _is_last(telling, described.call))), fixed=True)


def _takes_one(noun: Noun) -> bool:
    """Return whether `the one` can stand for the noun: what follows it must not need the noun to lean on."""
    ties = {*slots.PREPOSITIONS, "called", "due"} - {"of"}
    return bool(noun.before or noun.after) and all(string(each).split(" ")[0] in ties for each in noun.after)


def _short(telling: Telling, noun: str, focus: bool) -> str:
    if telling.plain:
        return f"that {noun}"
    if focus:
        it = "them" if noun in _PERSONS else "it"
        return telling.rng.choice([it, it, it, f"that {noun}", f"the {noun}"])
    return telling.rng.choice([f"that {noun}", f"the {noun}"])


def _is_last(telling: Telling, call: int) -> bool:
    if telling.index == 0:
        return False
    first, last = telling.task.turns[telling.index - 1].calls
    return first <= call < last


def _in_focus(telling: Telling, value: object) -> bool:
    """Return whether the last turn's wanted call was about the row with this key, or brought it about."""
    if telling.index == 0:
        return False
    turn = telling.task.turns[telling.index - 1]
    wanted = [telling.task.gold[request.call] for request in turn.requests]
    return any(value in call.arguments.values() or _holds(call.result, value) for call in wanted[-1:])


def _holds(result: object, value: object) -> bool:
    return isinstance(result, dict) and value in [each for each in result.values() if isinstance(each, str)]
