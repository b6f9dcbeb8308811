"""The noun phrase of a row that a call takes: by its name, by its author's template, by what singles it out, or pointed at."""

from __future__ import annotations

import re
from collections.abc import Mapping

from envfactory.phrasing import naming, nounphrase, nouns, referring, slots
from envfactory.phrasing.frames import EntityFrame, SlotFrame
from envfactory.phrasing.lexicon import singular, spaced
from envfactory.phrasing.meaning import Meaning
from envfactory.phrasing.nounphrase import Noun
from envfactory.phrasing.pointing import to_row
from envfactory.phrasing.sources import Described, by_trait
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, fill, holes, join, mentioned, say, string, text
from envfactory.tasks.model import FromResult, Mention, Rank


class Describer(Meaning):
    """Says the rows of one call."""

    def __init__(self, telling: Telling, number: int) -> None:
        super().__init__(telling, number)
        self.number = number

    def _noun(self, name: str, slot: SlotFrame) -> Noun:
        source = self.call.sources.get(name)
        table = slot.ref.partition(".")[0]
        environment = self.telling.environment(self.call.environment)
        if isinstance(source, FromResult):
            table = self._told_by(slot, source.path)
            described = self.telling.reader.described(self.call.environment, table, source)
            valued = self._by_value(slot, described)
            if valued:
                return valued
            if self._refers(name):
                return referring.back(self.telling, described, _at(self.call.arguments, name))
            templated = self._by_template(slot, name) or self._by_name(environment.entity(table), table, described)
            if templated:
                return templated
            if not self.telling.is_new(source.call):
                return referring.back(self.telling, described, _at(self.call.arguments, name))
            return nouns.row(self.telling, described)
        mention = self.telling.reader.mention_of(source)
        entity = environment.entity(table)
        noun = Noun(nounphrase.noun_of(entity, table, self.telling))
        if mention is None:
            return noun
        if mention.form == "referred" or mention.id not in self.telling.left:
            return to_row(self.telling, mention, entity, table)
        told = self._best(mention, table, entity) or by_trait(mention, table, entity)
        if told:
            return nouns.row(self.telling, told)
        self.telling.take(mention)
        shown = slots.value(self.telling, slot, mention)
        noun.name = shown
        noun.named = naming.called(entity, noun.noun, shown) if entity else shown
        return noun

    def _best(self, mention: Mention, table: str, entity: EntityFrame | None) -> Described | None:
        """Return the row that a ranking alone tells of, where no read shows it: "my most expensive ticket"."""
        if mention.form != "ranked":
            return None
        rank = Rank(field=mention.slot.rpartition(".")[2], order="min" if mention.value == "min" else "max")
        mine = entity is not None and bool(entity.owner)
        return Described(mention.environment, table, entity, self.number, rank=rank, ranked=mention, mine=mine)

    def _by_value(self, slot: SlotFrame, described: Described) -> Noun | None:
        """Return a row whose key the slot's author has words for: `a taxi` of the category `taxi`."""
        for trait in described.traits:
            shown = slot.values.get(str(trait.mention.value))
            if shown and self.telling.take(trait.mention):
                return Noun("", named=say(shown, trait.mention.id), fixed=True)
        return None

    def _told_by(self, slot: SlotFrame, path: str) -> str:
        """Return the table whose row is described: for a value that is no key, the row that shows it (`policies[0].city`)."""
        shown = re.match(r"(?:\w+\.)*(\w+)\[", path)
        if slot.role == "text" and shown and shown[1] in self.telling.environment(self.call.environment).entities:
            return shown[1]
        return slot.ref.partition(".")[0]

    def _by_name(self, entity: EntityFrame | None, table: str, described: Described) -> Noun | None:
        """Return a row by a name that is said of it although nothing singles it out by that: the read had but one row."""
        if entity is None or not entity.name or described.traits:
            return None
        for mention in list(self.telling.left.values()):
            if (
                mention.slot in (f"{table}.{entity.name}", f"{table}.id")
                and mention.form == "stated"
                and not self._used(mention)
            ):
                self.telling.take(mention)
                rest = nouns.row(self.telling, described)
                rest.name = say(slots.readable(mention.value), mention.id)
                rest.named = naming.called(entity, rest.noun, rest.name)
                return rest
        return None

    def _by_template(self, slot: SlotFrame, name: str) -> Noun | None:
        """Return the noun phrase of a slot whose author wrote one over the row's fields: `the parcel for {recipient}`."""
        wanted = [each for each in holes(slot.phrase) if each != "v"]
        source = self.call.sources.get(name)
        if not wanted or not isinstance(source, FromResult):
            return None
        described = self.telling.reader.described(self.call.environment, slot.ref.partition(".")[0], source)
        by_field: dict[str, Mention] = {}
        for trait in described.traits:
            for key in (trait.condition.field.rpartition(".")[2], trait.mention.slot.rpartition(".")[2]):
                by_field.setdefault(key, trait.mention)
        if len(wanted) == 1 and wanted[0] not in by_field:
            named = [each.mention for each in described.traits if each.mention.slot.endswith((".name", ".title"))]
            by_field.update(dict.fromkeys(wanted, named[0]) if named else {})
        if not all(each in by_field and by_field[each].id in self.telling.left for each in wanted):
            return None
        values = {}
        for each in wanted:
            mention = by_field[each]
            self.telling.take(mention)
            values[each] = naming.in_sentence(
                self.telling, mention, slots.by_look(self.telling, SlotFrame(each, "text"), mention)
            )
        rest = nouns.row(self.telling, described)
        return Noun(
            rest.noun,
            named=fill(_unarticled(slot.phrase, values), values),
            after=rest.after,
            adjuncts=rest.adjuncts,
            tails=rest.tails,
            fixed=True,
        )

    def _as_row(self, slot: SlotFrame, noun: Noun, act: str, *, in_head: bool, before: str = "") -> Words:
        """Return a row in its slot's phrase, or as a plain noun phrase where the phrase is for names only."""
        told = bool(noun.before or noun.after or noun.adjuncts or noun.tails)
        fresh = ("create", "search", "add", "quote", "change") if noun.loose else ("create", "search", "add", "quote")
        new = act in fresh and told and not noun.mine and not noun.fixed
        whole = noun.indefinite() if new else noun.definite(self.telling.voice.group)
        template = slot.phrase or "{v}"
        key = slot.ref.rpartition(".")[2]
        if slot.role == "text" and slot.ref and key != "id" and noun.fixed and not noun.name:
            of = singular(spaced(slot.ref.partition(".")[0] if key in ("name", "title") else key))
            if string(whole) in (f"that {of}", f"the {of}", "it"):
                whole = tuple(bit._replace(text=f"the same {of}") for bit in whole if bit.mention)
            else:
                whole = (*text(f"the same {of} as "), *whole)
        if "{" not in template:
            pointed = " ".join(mentioned(noun.named))
            return join([say(template, pointed), *noun.before, *noun.after])
        if any(each != "v" for each in holes(template)):
            return whole
        framed = nounphrase.in_frame(template, noun, whole)
        if framed is not None:
            return framed
        if in_head and slots.begins_with_preposition(template) and before in slots.PREPOSITIONS:
            return whole
        return fill(template, {"v": whole})

    def _entity(self, slot: SlotFrame) -> EntityFrame | None:
        return self.telling.environment(self.call.environment).entity(slot.ref.partition(".")[0])


def _unarticled(template: str, values: Mapping[str, Words]) -> str:
    """Return `the {lot}` without its article where the name brings one of its own: `The Gleaners`, `Gould's Birds`."""
    hole = re.fullmatch(r"the \{(\w+)\}", template)
    named = string(values.get(hole[1], NOTHING)) if hole else ""
    return template.removeprefix("the ") if re.match(r"(?:The|An?|\w+['’]s|\w+s['’]) ", named) else template


def _at(arguments: dict[str, object], name: str) -> object:
    return arguments.get(name)
