"""What singles a row out, as words around its noun: name, place, day, kind, flag, bound."""

from __future__ import annotations

import re

from envfactory.phrasing import slots
from envfactory.phrasing.frames import EntityFrame, Handle, SlotFrame
from envfactory.phrasing.lexicon import singular, spaced
from envfactory.phrasing.naming import CODE, called, lowered
from envfactory.phrasing.nounphrase import PLACES, Noun
from envfactory.phrasing.sources import Described, Trait
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import Words, fill, say, string, text
from envfactory.tasks.model import Mention

_NUMBERED = {"value": "of", "reading": "of", "year": "from", "days": "of {v} days", "nights": "of {v} nights"}
_NAMES = frozenset({"name", "title", "label", "full_name", "number"})
_KEY = re.compile(r"[a-z]{1,5}_?\d\w*|[a-z]{1,5}_[a-z0-9]*\d[a-z0-9]*")
_KINDS = frozenset(
    "category kind type status class colour color size level discipline language cuisine cabin theme fuel purpose method section species part".split()
)


def add_trait(telling: Telling, noun: Noun, described: Described, trait: Trait) -> None:
    field_name = trait.condition.field.rpartition(".")[2]
    _attach(telling, noun, described, trait.mention, field_name, trait.condition.op)


def _attach(telling: Telling, noun: Noun, described: Described, mention: Mention, column: str, op: str = "eq") -> None:
    entity = described.entity
    if entity and _is_name(entity, described.table, mention, column):
        noun.fixed = True
        noun.name = say(slots.readable(mention.value), mention.id)
        noun.named = called(entity, noun.noun, noun.name)
        return
    if op in ("le", "lt", "ge", "gt"):
        noun.after.append(_bounded(telling, mention, column, op))
        return
    flag = (entity.flags.get(column) if entity else None) or {}
    if flag and mention.value:
        place = noun.before if "pre" in flag else noun.after
        place.append(say(flag.get("pre") or flag["post"], mention.id))
        return
    holder = mention.slot.partition(".")[0]
    if described.table in PLACES and holder != described.table and CODE.fullmatch(str(mention.value)):
        noun.after.append((*text(f"of {singular(spaced(holder))} "), *say(str(mention.value), mention.id)))
        return
    handle = handle_of(entity, mention, column) or _place_of(telling, mention)
    if handle is None and (column in _KINDS or column.endswith("_status")) and isinstance(mention.value, str):
        noun.before.append(say(lowered(slots.readable(mention.value)), mention.id))
        return
    _by_handle(telling, noun, mention, column, handle)


def _is_name(entity: EntityFrame, table: str, mention: Mention, column: str) -> bool:
    if not entity.name and column in ("name", "title") and mention.slot.startswith(f"{table}."):
        return True
    if _KEY.fullmatch(str(mention.value)):
        return False
    if mention.slot == f"{table}.id" or column == f"{singular(table)}_id":
        return True
    return mention.slot == f"{table}.{entity.name}" or (column == entity.name and mention.slot.endswith(f".{column}"))


def handle_of(entity: EntityFrame | None, mention: Mention, column: str) -> Handle | None:
    """Return the handle that a mention is about, if its entity has one."""
    if entity is None:
        return None
    table, _, slot_column = mention.slot.rpartition(".")
    known = [*entity.handles, *([entity.within] if entity.within else [])]
    for each in known:
        if each.path in (column, slot_column) and not each.holder:
            return each
        if each.column == slot_column and (not each.holder or same_table(each.holder, table)):
            return each
    return next((each for each in known if each.holder == column and each.column in _NAMES), None)


def _place_of(telling: Telling, mention: Mention) -> Handle | None:
    """Return `at` for the name of another table's row that has a place (a hotel, a branch), `with` for what has a name."""
    table, _, column = mention.slot.rpartition(".")
    entity = telling.environment(mention.environment).entity(table)
    if entity is None or column != entity.name:
        return None
    return Handle(column, "at" if entity.within else "with" if entity.called else "for")


def same_table(holder: str, table: str) -> bool:
    return (
        bool(table)
        and bool(holder)
        and (singular(table) == singular(holder) or table.endswith(holder) or holder in table)
    )


def _by_handle(telling: Telling, noun: Noun, mention: Mention, column: str, handle: Handle | None) -> None:
    preposition = handle.preposition if handle else _preposition(mention, column)
    said = slots.by_look(telling, SlotFrame(column, "text"), mention)
    if preposition == f"on {noun.noun}":
        noun.after.insert(0, say(said, mention.id))
        return
    if preposition == "pre" and re.match(r"(?:The|An?) ", said):
        preposition = "called"
    if preposition == "pre":
        noun.before.append(say(said, mention.id))
        return
    if "{v}" in preposition and mention.value in (0, 1) and not isinstance(mention.value, bool):
        said, preposition = _few(mention.value, said, preposition)
    if "{v}" in preposition:
        noun.after.append(fill(preposition, {"v": say(said, mention.id)}))
        return
    if _is_dated(mention):
        noun.after.append(_dated(telling, mention, preposition))
        return
    if telling.chance(0.3) and preposition in ("in", "to") and noun.mine and not noun.before and " " not in said:
        noun.before.append(say(said, mention.id))
        return
    words = _other_row(telling, mention, said)
    if preposition == "the":
        noun.name, noun.named = words, (*text("the "), *words)
        return
    if (
        (not preposition or handle is None)
        and CODE.fullmatch(said.replace(" ", ""))
        and column in ("number", "code", "flight")
    ):
        noun.name, noun.named = words, (*text(f"{noun.noun} "), *words)
        return
    at = 0 if preposition == "at" and noun.after and not _opens_with(noun.after, "the") else len(noun.after)
    noun.after.insert(at, (*text(f"{preposition} ".lstrip()), *words))


def _few(number: int, said: str, template: str) -> tuple[str, str]:
    """Return none and one with the noun they count: `with no children`, `with 1 claim`."""
    if number == 0:
        return "no", template
    lead, _, noun = template.partition("{v} ")
    return said, f"{lead}{{v}} {singular(noun)}" if noun and " " not in noun else template


def _other_row(telling: Telling, mention: Mention, said: str) -> Words:
    """Return a value that names a row of another table as that row is called: `the Comfort plan`, `a mini`."""
    table, _, column = mention.slot.rpartition(".")
    entity = telling.environment(mention.environment).entity(table)
    words = say(said, mention.id)
    if entity is None or column != entity.name or not entity.called:
        return words
    return called(entity, entity.nouns[0] if entity.nouns else "", words)


def _opens_with(after: list[Words], word: str) -> bool:
    return string(after[0]).startswith(word)


def _is_dated(mention: Mention) -> bool:
    return bool(re.match(r"\d{4}-\d{2}-\d{2}", str(mention.value)))


def _dated(telling: Telling, mention: Mention, preposition: str) -> Words:
    timed = len(str(mention.value)) > 10
    said = slots.moment_of(telling, mention) if timed else slots.day_of(telling, mention)
    lead = said.preposition if preposition in ("on", "at", "") else preposition
    if lead.endswith(" on"):
        lead = f"{lead.removesuffix('on')}{said.preposition}"
    return (*text(f"{lead} ".lstrip()), *say(said.words, mention.id))


def _preposition(mention: Mention, column: str) -> str:
    if column in ("city", "country", "region", "area"):
        return "in"
    if _is_dated(mention):
        return "on"
    if column.endswith(("_time", "_at")) or re.fullmatch(r"\d{1,2}:\d{2}", str(mention.value)):
        return "at"
    if re.search(r"_(?:cents|pence|minor)$", column):
        return "for"
    if column in ("meets", "times", "schedule", "hours"):
        return "on"
    if column in _NAMES or isinstance(mention.value, str):
        return _text_lead(mention, column)
    return _NUMBERED.get(column) or f"with {{v}} {spaced(re.sub('_(?:id|cents|pence|minor)$', '', column))}"


def _text_lead(mention: Mention, column: str) -> str:
    """Return the preposition of a text: what a place, a person or a thing of another table is to the row."""
    table = mention.slot.partition(".")[0]
    if column in ("instructor", "teacher"):
        return "with"
    if column in _NAMES and table in PLACES:
        return "at"
    return "for"


def _bounded(telling: Telling, mention: Mention, column: str, op: str) -> Words:
    spoken = slots.by_look(telling, SlotFrame(column, "number"), mention)
    name = spaced(re.sub(r"_(?:id|cents|pence|minor|at|on)$", "", column))
    if _is_dated(mention) or re.fullmatch(r"\d{1,2}:\d{2}", str(mention.value)):
        lead = {"ge": "from", "gt": "after", "le": "by", "lt": "before"}[op]
        tail = " on" if op == "ge" else ""
        return (*text(f"{lead} "), *say(spoken, mention.id), *text(tail))
    money = re.search(r"_(?:cents|pence|minor)$", column)
    if money:
        lead = {"ge": "for at least", "gt": "for more than", "le": "for at most", "lt": "for less than"}[op]
        return (*text(f"{lead} "), *say(spoken, mention.id))
    lead = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "fewer than"}[op]
    return (*text(f"with {lead} "), *say(spoken, mention.id), *text(f" {name}"))
