"""Noun phrases for rows: how a person names the thing they mean, from what the argument's source says of it.

A name where the row has one, else the entity's noun with what singles it out: an adjective for a ranking or a kind, a
place, a day, a flag; the values a search was made with follow as its own adjuncts. What is mine is "my".
"""

from __future__ import annotations

import re

from envfactory.phrasing import journeys, slots
from envfactory.phrasing.clauses import is_apart
from envfactory.phrasing.frames import EntityFrame, SlotFrame
from envfactory.phrasing.lexicon import singular
from envfactory.phrasing.naming import called, measure, superlative
from envfactory.phrasing.nounphrase import Noun, in_frame, is_place, noun_of
from envfactory.phrasing.pointing import there, to_row
from envfactory.phrasing.sources import Described, Nested, Searched
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.traits import add_trait, same_table
from envfactory.phrasing.words import Words, capitalised, fill, say, string, text
from envfactory.tasks.model import Mention

_ARTICLED = re.compile(r"(an?|the) \{v\} (\w[\w ]*)")


def row(telling: Telling, described: Described) -> Noun:
    """Return the noun phrase of a row, saying every mention of its description that is still to be said."""
    entity = described.entity
    noun = Noun(noun_of(entity, described.table, telling), mine=described.mine and bool(entity and entity.owner))
    for trait in described.traits:
        if telling.take(trait.mention):
            is_bound = trait.condition.op in ("le", "lt", "ge", "gt")
            noun.fixed, noun.loose = noun.fixed or not is_bound, noun.loose or is_bound
            add_trait(telling, noun, described, trait)
    for searched in described.searched:
        later = telling.dated_later(searched.mention) or telling.counted_later(searched.slot, searched.mention)
        if not later and telling.take(searched.mention):
            _add_searched(telling, noun, described, searched)
    back = journeys.both_nested(telling, described.nested)
    if back:
        noun.after.append(back)
    for nested in described.nested:
        _add_nested(telling, noun, described, nested)
    if described.ranked and telling.take(described.ranked):
        _add_rank(telling, noun, described)
    return noun


def _add_nested(telling: Telling, noun: Noun, described: Described, nested: Nested) -> None:
    """Say the row that the read was made with: pointed back at, or described in its turn."""
    pointed = telling.pointed(nested.value)
    if pointed:
        inner = to_row(telling, pointed, nested.row.entity, nested.row.table)
        own = nested.row.entity is not None and bool(nested.row.entity.owner)
        if own and not described.mine and not noun.named:
            noun.before.insert(0, tuple(bit._replace(text="same") for bit in inner.named if bit.mention))
            noun.fixed = True
            return
        placed = _placed(described.entity, nested, inner, telling)
        if string(placed) == "for it":
            placed = tuple(bit._replace(text=f"that {inner.noun}") if bit.text == "it" else bit for bit in placed)
        noun.after.append(there(placed) if is_place(nested.row.entity, nested.row.table) else placed)
        return
    if not telling.waiting(nested.row.mentions()):
        return
    inner = row(telling, nested.row)
    if inner.mine and not described.mine and not (noun.named or noun.after) and "[" in described.path:
        noun.after.append((*text("for "), *inner.definite(telling.voice.group)))
        noun.fixed, noun.adjuncts, noun.tails = True, noun.adjuncts + inner.adjuncts, noun.tails + inner.tails
        return
    if inner.mine and not described.mine and not (noun.named or noun.after):
        same = () if noun.before else text("same")
        noun.before += [same] if same else []
        noun.after.append((*text("as " if same else "as for "), *inner.definite(telling.voice.group)))
        noun.fixed, noun.adjuncts, noun.tails = True, noun.adjuncts + inner.adjuncts, noun.tails + inner.tails
        return
    noun.adjuncts += inner.adjuncts
    noun.tails += inner.tails
    if inner.named and nested.row.table == described.table and not noun.named:
        noun.named, noun.name = inner.named, inner.name
        return
    noun.after.append(_placed(described.entity, nested, inner, telling))
    noun.fixed = noun.fixed or inner.mine


def _placed(entity: EntityFrame | None, nested: Nested, inner: Noun, telling: Telling) -> Words:
    whole = inner.definite(telling.voice.group)
    template = nested.slot.phrase or "{v}"
    words = in_frame(template, inner, whole) or fill(template, {"v": whole})
    if slots.begins_with_preposition(string(words)):
        return words
    table = nested.row.table
    handles = entity.handles if entity else ()
    held = next((each for each in handles if same_table(each.holder, table) or each.path == singular(table)), None)
    if held and held.preposition in slots.PREPOSITIONS:
        return (*text(f"{held.preposition} "), *whole)
    return (*text("at " if is_place(nested.row.entity, table) else "for "), *whole)


# --- what the search was made with ------------------------------------------------------------------------------------


def _add_searched(telling: Telling, noun: Noun, described: Described, searched: Searched) -> None:
    slot, mention = searched.slot, searched.mention
    entity = described.entity
    if slot.contact:
        noun.tails.append(contact(telling, slot, mention))
        return
    ref_table, _, ref_column = slot.ref.partition(".")
    if entity and ref_table == described.table and ref_column == entity.name:
        framed = slot.phrase not in ("", "{v}") and not slots.begins_with_preposition(slot.phrase)
        said = say(str(mention.value), mention.id)
        noun.name = said
        noun.named = fill(slot.phrase, {"v": said}) if framed else called(entity, noun.noun, said)
        noun.fixed = True
        return
    if slot.columns:
        noun.adjuncts.append(_pair(telling, described, slot, mention))
        return
    if slot.role == "enum" and _add_kind(telling, noun, slot, mention):
        return
    said = slots.phrase(telling, slot, mention)
    close = slot.role in ("text", "entity", "enum", "boolean", "number") or ref_table == described.table
    (noun.after if close and not is_apart(string(said)) else noun.adjuncts).append(said)


def _pair(telling: Telling, described: Described, slot: SlotFrame, mention: Mention) -> Words:
    """Return the whole stretch of days (or the size) that a mention is one part of."""
    said: dict[str, Mention | None] = dict.fromkeys(slot.columns)
    for each in described.searched:
        if each.slot is slot:
            said[each.parameter] = each.mention if each.mention is mention or telling.take(each.mention) else None
    if slot.role == "size":
        return (*text("of "), *slots.size(telling, [each for each in said.values() if each]))
    start, end = (said.get(column) for column in slot.columns[:2])
    if slot.role == "span":
        return slots.span(telling, start, end, bare=False)
    return slots.interval(telling, slot, start, end, bare=False)


def _add_kind(telling: Telling, noun: Noun, slot: SlotFrame, mention: Mention) -> bool:
    """Put `a {v} room` before the noun; tell whether the slot's phrase is of that kind."""
    match = _ARTICLED.fullmatch(slot.phrase)
    if match:
        noun.before.append(slots.value(telling, slot, mention))
        noun.noun = match[2]
        return True
    if slot.adjective or slot.phrase == "{v}":
        noun.before.append(slots.value(telling, slot, mention))
        return True
    return False


def contact(telling: Telling, slot: SlotFrame, mention: Mention) -> Words:
    """Return the remark by which a person says how the account is found."""
    number = "@" not in str(mention.value)
    what = (
        "number"
        if number
        else telling.rng.choice(["e-mail address", "email"])
        if not telling.plain
        else "e-mail address"
    )
    leads = [f"my {what} is ", "the account is under " if number else "I'm registered under ", "it's under "]
    return (*text(leads[0] if telling.plain else telling.rng.choice(leads)), *say(str(mention.value), mention.id))


# --- rankings ---------------------------------------------------------------------------------------------------------


def _is_choosing(telling: Telling) -> bool:
    """Return whether the turn asks for something new, of which "whatever is cheapest" can be said."""
    acts = [telling.reader.tool(telling.task.gold[each.call]).act for each in telling.turn.requests]
    return all(act in ("create", "search", "add", "quote") for act in acts)


def _add_rank(telling: Telling, noun: Noun, described: Described) -> None:
    rank, mention = described.rank, described.ranked
    if rank is None or mention is None:
        return
    column = rank.field.rpartition(".")[2]
    ranking = described.entity.ranking(column, rank.order) if described.entity else None
    noun.ranked = True
    if ranking is None:
        adjective = superlative(column, rank.order)
        least = "lowest" if rank.order == "min" else "highest"
        place = noun.before if adjective else noun.after
        place.insert(0, say(adjective or f"with the {least} {measure(column)}", mention.id))
        return
    if ranking.tails and not noun.named and _is_choosing(telling) and telling.chance(0.25):
        noun.tails.append(capitalised(say(telling.rng.choice(ranking.tails), mention.id)))
        noun.ranked = False
        return
    if ranking.adjective:
        noun.before.insert(0, say(ranking.adjective, mention.id))
    else:
        noun.after.insert(0, say(ranking.post, mention.id))
