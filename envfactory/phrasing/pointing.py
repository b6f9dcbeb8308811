"""Pointing at a row that was spoken of: `it` for what the last turn was about, else its noun with a demonstrative."""

from __future__ import annotations

from envfactory.phrasing.frames import EntityFrame
from envfactory.phrasing.nounphrase import Noun, noun_of
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import Words, mentioned, say, string, text
from envfactory.tasks.model import Mention

_PERSONS = frozenset("payee guest traveller customer member colleague employee person contact driver".split())


def to_row(telling: Telling, mention: Mention, entity: EntityFrame | None, table: str) -> Noun:
    """Return a reference to the row that a `referred` mention stands for (its words are the mention's)."""
    noun = noun_of(entity, table, telling)
    new = telling.take(mention)
    if is_belonging(mention, table):
        return Noun(noun, named=say(f"that {noun}", mention.id) if new else text(f"that {noun}"), fixed=True)
    spoken = short(telling, noun, in_focus(telling, mention.value))
    return Noun(noun, named=say(spoken, mention.id) if new else text(spoken), fixed=True)


def is_belonging(mention: Mention, table: str) -> bool:
    """Return whether a reference to a row of a table points at it by another thing that has it: a booking's flight."""
    holder, _, column = mention.slot.partition(".")
    return mention.form == "referred" and holder != table and column.endswith("_id")


def short(telling: Telling, noun: str, focus: bool) -> str:
    if telling.plain:
        return f"that {noun}"
    if focus:
        it = "them" if noun in _PERSONS else "it"
        return telling.rng.choice([it, it, it, f"that {noun}", f"the {noun}"])
    return telling.rng.choice([f"that {noun}", f"the {noun}"])


def in_focus(telling: Telling, value: object) -> bool:
    """Return whether the last turn's wanted call was about the row with this key, or brought it about."""
    if telling.index == 0:
        return False
    turn = telling.task.turns[telling.index - 1]
    wanted = [telling.task.gold[request.call] for request in turn.requests]
    return any(value in call.arguments.values() or _holds(call.result, value) for call in wanted[-1:])


def _holds(result: object, value: object) -> bool:
    return isinstance(result, dict) and value in [each for each in result.values() if isinstance(each, str)]


def there(placed: Words) -> Words:
    """Return `at it`, `from it` as one says them of a place."""
    said = {"at it": "there", "in it": "there", "to it": "there", "from it": "from there"}.get(string(placed))
    return say(said, " ".join(mentioned(placed))) if said else placed
