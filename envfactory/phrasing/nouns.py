"""Noun phrases for rows: how a person names the thing they mean, from what the argument's source says of it.

A name where the row has one, else the entity's noun with what singles it out: an adjective for a ranking or a kind, a
place, a day, a flag; the values a search was made with follow as its own adjuncts. What is mine is "my".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from envfactory.phrasing import slots
from envfactory.phrasing.frames import EntityFrame, Handle, SlotFrame
from envfactory.phrasing.lexicon import plural, singular, spaced, with_article
from envfactory.phrasing.sources import Described, Nested, Searched, Trait
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, capitalised, fill, join, say, string, text
from envfactory.tasks.model import Mention

PLACES = frozenset(
    "hotels homes stations branches restaurants marinas ports airports clubs gyms rooms libraries stores shops buildings".split()
)
_COMMON = re.compile(r"[A-Z][a-z-]+(?: [a-z-]+)*")
_NUMBERED = {"value": "of", "reading": "of", "year": "from", "days": "of {v} days", "nights": "of {v} nights"}
_NAMES = frozenset({"name", "title", "label", "full_name", "number"})
_KINDS = frozenset(
    "category kind type status class colour color size level discipline language cuisine cabin theme fuel purpose method section species part".split()
)
_CODE = re.compile(r"[A-Z]{1,4}[- ]?\d+[A-Z]?|\d+[A-Z]")
_UNCOUNTED = re.compile(
    r"(?:breakfast|parking|access|hire|check-out|firewood|wine|water|linen|coffee|tea|sharing|lunch|rolls)$"
)
_NAME_FRAME = re.compile(r"(?:(?P<lead>[a-z ]*?) ?)?\b(?:the|an?|my) \{v\}(?: [\w -]+)?")
_ARTICLED = re.compile(r"(an?|the) \{v\} (\w[\w ]*)")


@dataclass
class Noun:
    """A noun phrase in parts. `named`: a complete name that takes no determiner, `name` its bare form. `tails`: remarks for afterwards."""

    noun: str
    before: list[Words] = field(default_factory=list)
    after: list[Words] = field(default_factory=list)
    adjuncts: list[Words] = field(default_factory=list)
    tails: list[Words] = field(default_factory=list)
    named: Words = NOTHING
    name: Words = NOTHING
    ranked: bool = False
    mine: bool = False
    fixed: bool = False
    """Something singles the row out."""

    @property
    def bare(self) -> Words:
        """The phrase without a determiner."""
        return join([*self.before, text(self.noun), *self.after])

    def definite(self, our: bool = False) -> Words:
        """Return the phrase as of something known: `my booking in Bath`, `the cheapest room`."""
        if self.named:
            kind = (*text(", the "), *join(self.before), *text(" one")) if self.before else NOTHING
            return join([(*self.named, *kind), *self.after])
        owner = ("our " if our else "my ") if self.mine else "the "
        return (*text(owner), *self.bare)

    def indefinite(self) -> Words:
        """Return the phrase as of something new: `a double room`; what a superlative names is definite all the same."""
        if self.named or self.ranked:
            return self.definite()
        bare = self.bare
        article = with_article(string(bare)).split(" ")[0]
        return (*text(f"{article} "), *bare)


def noun_of(entity: EntityFrame | None, table: str, telling: Telling) -> str:
    """Return a noun for rows of a table: the first in plain wording, any of the author's otherwise."""
    if entity is None or not entity.nouns:
        return singular(spaced(table.partition(".")[0])) or "one"
    return entity.nouns[0] if telling.plain else telling.rng.choice(entity.nouns[:2])


def row(telling: Telling, described: Described) -> Noun:
    """Return the noun phrase of a row, saying every mention of its description that is still to be said."""
    entity = described.entity
    noun = Noun(noun_of(entity, described.table, telling), mine=described.mine and bool(entity and entity.owner))
    for trait in described.traits:
        if telling.take(trait.mention):
            noun.fixed = True
            _add_trait(telling, noun, described, trait)
    for searched in described.searched:
        if not telling.counted_later(searched.slot, searched.mention) and telling.take(searched.mention):
            _add_searched(telling, noun, described, searched)
    for nested in described.nested:
        if telling.waiting(nested.row.mentions()):
            inner = row(telling, nested.row)
            if inner.named and nested.row.table == described.table and not noun.named:
                noun.named, noun.name, noun.tails = inner.named, inner.name, [*noun.tails, *inner.tails]
                noun.adjuncts += inner.adjuncts
                continue
            noun.after.append(_placed(entity, nested, inner, telling))
            noun.fixed = noun.fixed or inner.mine
            noun.adjuncts += inner.adjuncts
            noun.tails += inner.tails
    if described.ranked and telling.take(described.ranked):
        _add_rank(telling, noun, described)
    return noun


def in_frame(template: str, noun: Noun, whole: Words) -> Words | None:
    """Return a row in a slot's phrase that is made for names (`on the {v} rate`); None where it is not such a phrase.

    What has no name keeps the phrase's preposition only: `on the cheapest rate`.
    """
    framed = _NAME_FRAME.fullmatch(template)
    if framed is None:
        return None
    if noun.name:
        return join([fill(template, {"v": noun.name}), *noun.after])
    lead = framed["lead"] or ""
    return (*text(f"{lead} ".lstrip()), *whole)


def _placed(entity: EntityFrame | None, nested: Nested, inner: Noun, telling: Telling) -> Words:
    whole = inner.definite(telling.voice.group)
    template = nested.slot.phrase or "{v}"
    words = in_frame(template, inner, whole) or fill(template, {"v": whole})
    if slots.begins_with_preposition(string(words)):
        return words
    held = next((each for each in entity.handles if _same(each.holder, nested.row.table)), None) if entity else None
    if held and held.preposition in slots.PREPOSITIONS:
        return (*text(f"{held.preposition} "), *whole)
    place = nested.row.entity is not None and nested.row.entity.within is not None
    return (*text("at " if place else "for "), *whole)


# --- traits -----------------------------------------------------------------------------------------------------------


def _add_trait(telling: Telling, noun: Noun, described: Described, trait: Trait) -> None:
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
    handle = handle_of(entity, mention, column) or _place_of(telling, mention)
    if handle is None and column in _KINDS and isinstance(mention.value, str):
        noun.before.append(say(_lowered(slots.readable(mention.value)), mention.id))
        return
    _by_handle(telling, noun, mention, column, handle)


def _is_name(entity: EntityFrame, table: str, mention: Mention, column: str) -> bool:
    if not entity.name and column in ("name", "title") and mention.slot.startswith(f"{table}."):
        return True
    if mention.slot == f"{table}.id" or column == f"{singular(table)}_id":
        return True
    return mention.slot == f"{table}.{entity.name}" or (column == entity.name and mention.slot.endswith(f".{column}"))


def called(entity: EntityFrame, noun: str, name: Words) -> Words:
    """Return a row by its name, as its author or the look of the name says: `flight KT214`, `a child seat`, `the Lanes`."""
    shown = string(name)
    if entity.common and _COMMON.fullmatch(shown):
        name = tuple(bit._replace(text=_lowered(bit.text)) for bit in name)
    if entity.called == "the {v}" and re.match(r"(?:The|An?|\w+['’]s|\w+s['’]) ", shown):
        return name
    if entity.called:
        template = entity.called.replace("a {v}", f"{with_article(shown).split(' ')[0]} {{v}}", 1)
        kind = template.rpartition("{v}")[2].strip()
        if kind and shown.lower().endswith(f" {kind}"):
            template = template[: -len(kind) - 1]
        return fill(template, {"v": name})
    if _CODE.fullmatch(shown):
        return (*text(f"{noun} "), *name)
    if shown == shown.lower() and not _UNCOUNTED.search(shown) and not shown.endswith("s"):
        return (*text(f"{with_article(shown).split(' ')[0]} "), *name)
    return name


def in_sentence(telling: Telling, mention: Mention, said: str) -> Words:
    """Return a value as it stands within a sentence: a common name of another table's row without its capital."""
    table, _, column = mention.slot.rpartition(".")
    entity = telling.environment(mention.environment).entity(table)
    common = entity is not None and entity.common and column == entity.name
    return say(_lowered(said) if common and _COMMON.fullmatch(said) else said, mention.id)


def several(named: Words) -> Words:
    """Return a name that a number counts: without its article, in the plural where it has one."""
    bits = [bit for bit in named if bit.mention or bit.text.strip() not in ("a", "an", "the")]
    last = bits[-1]
    if not _UNCOUNTED.search(last.text) and re.search(r"[a-rt-z]$", last.text):
        bits[-1] = last._replace(text=plural(last.text))
    return tuple(bits)


def handle_of(entity: EntityFrame | None, mention: Mention, column: str) -> Handle | None:
    """Return the handle that a mention is about, if its entity has one."""
    if entity is None:
        return None
    table, _, slot_column = mention.slot.rpartition(".")
    known = [*entity.handles, *([entity.within] if entity.within else [])]
    for each in known:
        if each.path in (column, slot_column) and not each.holder:
            return each
        if each.column == slot_column and (not each.holder or _same(each.holder, table)):
            return each
    return next((each for each in known if each.holder == column and each.column in _NAMES), None)


def _place_of(telling: Telling, mention: Mention) -> Handle | None:
    """Return `at` for the name of another table's row that has a place (a hotel, a branch), `with` for what has a name."""
    table, _, column = mention.slot.rpartition(".")
    entity = telling.environment(mention.environment).entity(table)
    if entity is None or column != entity.name:
        return None
    return Handle(column, "at" if entity.within else "with" if entity.called else "for")


def _same(holder: str, table: str) -> bool:
    return (
        bool(table)
        and bool(holder)
        and (singular(table) == singular(holder) or table.endswith(holder) or holder in table)
    )


def _by_handle(telling: Telling, noun: Noun, mention: Mention, column: str, handle: Handle | None) -> None:
    preposition = handle.preposition if handle else _preposition(mention, column)
    said = slots.by_look(telling, SlotFrame(column, "text"), mention)
    if preposition == "pre":
        noun.before.append(say(said, mention.id))
        return
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
        and _CODE.fullmatch(said.replace(" ", ""))
        and column in ("number", "code", "flight")
    ):
        noun.name, noun.named = words, (*text(f"{noun.noun} "), *words)
        return
    at = 0 if preposition == "at" and noun.after and not _opens_with(noun.after, "the") else len(noun.after)
    noun.after.insert(at, (*text(f"{preposition} ".lstrip()), *words))


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
    if slot.role in ("text", "entity", "enum", "boolean", "number") or ref_table == described.table:
        noun.after.append(slots.phrase(telling, slot, mention))
        return
    noun.adjuncts.append(slots.phrase(telling, slot, mention))


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
        place.insert(0, say(adjective or f"with the {least} {_measure(column)}", mention.id))
        return
    if ranking.tails and telling.chance(0.25) and not noun.named:
        noun.tails.append(capitalised(say(telling.rng.choice(ranking.tails), mention.id)))
        noun.ranked = False
        return
    if ranking.adjective:
        noun.before.insert(0, say(ranking.adjective, mention.id))
    else:
        noun.after.insert(0, say(ranking.post, mention.id))


_SUPERLATIVES = (
    (r"(?:_at|_on|day|date|time|check_in|departure|arrival|starts?|begins?)$", "earliest", "latest"),
    (r"year$", "oldest", "newest"),
    (
        r"(?:price|total|fare|cost|premium|rate|nightly|adult|monthly|fee)\w*_(?:cents|pence|minor)$",
        "cheapest",
        "most expensive",
    ),
    (r"_(?:cents|pence|minor)$", "smallest", "biggest"),
    (r"(?:minutes|duration|hours|days|nights)$", "shortest", "longest"),
    (r"(?:rating|stars|stars_tenths)$", "lowest-rated", "best-rated"),
    (r"(?:weight_g|weight|_kg)$", "lightest", "heaviest"),
    (r"(?:seats|sleeps|capacity|size)$", "smallest", "biggest"),
)


def superlative(column: str, order: str) -> str:
    """Return the adjective by which rows are ranked on a column, from the look of its name; empty where it has none."""
    for form, least, greatest in _SUPERLATIVES:
        if re.search(form, column):
            return least if order == "min" else greatest
    return ""


def _measure(column: str) -> str:
    return spaced(re.sub(r"_(?:cents|pence|minor|g|cm|km)$", "", column)) or "price"


def _lowered(words: str) -> str:
    return words if words.isupper() else words[:1].lower() + words[1:]
