"""Builds clauses: fills a tool's phrase with what the turn says of a call.

Mentions are taken in the order: values said outright, then rows; what the phrase has no place for becomes an adjunct.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from envfactory.phrasing import journeys, naming, nounphrase, slots
from envfactory.phrasing.clauses import Clause, Part, set_apart
from envfactory.phrasing.describing import Describer
from envfactory.phrasing.frames import SlotFrame
from envfactory.phrasing.lexicon import with_article
from envfactory.phrasing.nounphrase import Noun, is_place
from envfactory.phrasing.pointing import there
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Bit, Words, fill, holes, join, mentioned, say, string, text
from envfactory.tasks.model import Mention


def clause(telling: Telling, number: int, phrase: str = "") -> Clause:
    """Return the clause of a gold call by a phrase of its tool (or the one given), saying all that is still to be said."""
    return _Builder(telling, number).build(phrase)


class _Builder(Describer):
    """Fills one call's phrase. Kept as an object because every step needs call, tool and telling."""

    def __init__(self, telling: Telling, number: int) -> None:
        super().__init__(telling, number)
        self.rows: dict[str, Noun] = {}

    def build(self, phrase: str) -> Clause:
        """See `clause`."""
        head, *segments = [part.strip() for part in (phrase or self._phrase()).split("|")]
        made = Clause(self.number, self.tool, self.call.environment, head)
        in_phrase = [name for each in (head, *segments) for name in holes(each)]
        self._fill_head(made, in_phrase)
        for segment in segments:
            made.parts.extend(self._segment(segment))
        made.parts.extend(self._rest(in_phrase))
        for noun in self.rows.values():
            if made.act == "change" and noun.adjuncts and not noun.mine:
                made.tails.append((*text("that's "), *join(noun.adjuncts)))
            else:
                made.parts.extend(Part(each, "row") for each in noun.adjuncts)
            made.tails.extend(noun.tails)
        _merge(made)
        made.parts, remarks = set_apart(made.parts)
        made.tails.extend(remarks)
        made.tails.extend(self._contacts(made))
        return made

    def _contacts(self, made: Clause) -> list[Words]:
        """Take out of the sentence what the account is found by: that is a remark of its own, but for a look-up."""
        look_up = re.match(r"(?:look|find|check)\b", made.head)
        if made.act in ("identify", "read") and look_up and len(made.parts) == 1:
            return []
        out = [part for part in made.parts if part.kind == "contact"]
        made.parts = [part for part in made.parts if part.kind != "contact"]
        leads = ["it's {v}", "the account is {v}"]
        return [
            fill("the account is {v}" if self.telling.plain else self.telling.rng.choice(leads), {"v": part.words})
            for part in out
        ]

    # --- choosing a phrase --------------------------------------------------------------------------------------------

    def _phrase(self) -> str:
        """Return the phrase that has a place for most of what is said, any of the best."""
        scored = [(self._fit(each), each) for each in self.tool.phrases]
        best = max(score for score, _ in scored)
        fitting = [each for score, each in scored if score == best]
        return fitting[0] if self.telling.plain else self.telling.rng.choice(fitting)

    def _fit(self, phrase: str) -> int:
        head = holes(phrase.split("|")[0])
        fit = sum(1 for name in holes(phrase) if self._says(name))
        missing = sum(
            1 for name in head if not self._says(name) and not self._fillable(name) and not self._optional(name)
        )
        return 2 * fit - 5 * missing

    def _fillable(self, name: str) -> bool:
        """Return whether a hole of the head can be filled although nothing of it is said in this turn."""
        slot = self._slot(name)
        return slot is not None and slot.role in ("entity", "profile") and bool(slot.ref)

    def _optional(self, name: str) -> bool:
        """Return whether the phrase reads as well without the hole: an adjective, a count that has a default."""
        slot = self._slot(name)
        return slot is not None and (
            slot.adjective or slot.role == "number" or (slot.role == "count" and slot.default == 1)
        )

    # --- head ---------------------------------------------------------------------------------------------------------

    def _fill_head(self, made: Clause, in_phrase: list[str]) -> None:
        """Fill values first, so that a row's description does not take what the call itself says."""
        said_here = [name for name in in_phrase if name in holes(made.head)]
        values = [name for name in said_here if not self._is_row(name)]
        for name in values:
            made.fillers[name] = self._bare(name, _before(made.head, name))
        for name in said_here:
            if name not in values:
                held = self._reserve(name)
                self._fill_row(made, name)
                self._release(held)

    def _fill_row(self, made: Clause, name: str) -> None:
        slot = self._slot(name)
        if slot is None:
            return
        noun = self._noun(name, slot)
        self.rows[name] = noun
        if noun.named and self._multiplied(made, name):
            noun.named = naming.several(noun.named)
        targeted = not made.target and self._targeted(made.head, name)
        if (
            not targeted
            and self._is_beside(slot)
            and len([each for each in holes(made.head) if self._is_row(each)]) > 1
        ):
            _name_again(noun, f"that {noun.noun}")
        placed = self._as_row(slot, noun, made.act, in_head=True, before=_before(made.head, name))
        if string(placed) == "it" and _before(made.head, name) in ("at", "in", "after", "before"):
            placed = tuple(bit._replace(text=f"that {noun.noun}") for bit in placed)
        made.fillers[name] = placed
        if targeted:
            made.target, made.noun = name, noun

    def _is_beside(self, slot: SlotFrame) -> bool:
        """Return whether a row is nobody's own: a fare or a class, which "it" beside a booking cannot mean."""
        entity = self._entity(slot)
        return entity is None or not entity.owner

    def _again(self, noun: str) -> str:
        return f"that {noun}" if self.telling.plain else self.telling.rng.choice([f"that {noun}", f"the same {noun}"])

    def _multiplied(self, made: Clause, name: str) -> bool:
        """Return whether a number stands right before the row: `add two child seats`."""
        return any(f"{{{each}}} {{{name}}}" in made.head and string(words) for each, words in made.fillers.items())

    def _targeted(self, head: str, name: str) -> bool:
        """The first row of the head is what the request is about, where its place takes a pronoun."""
        return bool(
            re.search(
                rf"(?:{{{name}}})(?:$| (?:to|on|for|from|in|into|until|over|back|out|off|with|by|instead|called|lost|down)\b)",
                head,
            )
        )

    def _bare(self, name: str, before: str) -> Words:
        """Return a value inside the head."""
        slot = self._slot(name)
        if slot is None:
            return NOTHING
        if slot.columns:
            return self._stretched(slot, before)
        mention = self._said(name)
        if mention is None:
            return self._default(slot)
        taken = before in slots.PREPOSITIONS or before in ("a", "an", "the", "my")
        if slot.phrase and not (slots.begins_with_preposition(slot.phrase) and taken):
            return (
                slots.phrase(self.telling, slot, mention)
                if slot.role != "date"
                else slots.value(self.telling, slot, mention)
            )
        return slots.value(self.telling, slot, mention)

    def _stretched(self, slot: SlotFrame, before: str) -> Words:
        """Return a stretch inside the head; two ends after `to` are what something comes to run over."""
        start = self.telling.reader.mention_of(self.call.sources.get(slot.columns[0]))
        words = self._columns(slot, bare=before in slots.PREPOSITIONS)
        two_ends = start is not None and bool(words) and words[0].mention == start.id and len(mentioned(words)) > 1
        return (*text("run from "), *words) if slot.role == "interval" and before == "to" and two_ends else words

    def _default(self, slot: SlotFrame) -> Words:
        """Return what stands in the head for a value that is not said: "add a checked bag", "take a cabin"."""
        if slot.role == "count" and slot.default == 1:
            return text(with_article(slot.noun))
        kind = re.fullmatch(r"an? \{v\} (\w[\w ]*)", slot.phrase)
        if kind:
            return text(with_article(kind[1]))
        if slot.role == "money" and slot.required:
            return text("something")
        if slot.role != "entity" or slot.columns:
            return NOTHING
        table = slot.ref.partition(".")[0]
        entity = self.telling.environment(self.call.environment).entity(table)
        noun = nounphrase.noun_of(entity, table, self.telling)
        return text(f"my {noun}" if entity and entity.owner else with_article(noun))

    def _columns(self, slot: SlotFrame, *, bare: bool) -> Words:
        said = [self._said(column) for column in slot.columns]
        if slot.role == "size":
            words = slots.size(self.telling, [each for each in said if each])
            return words if bare or not words else (*text("measuring "), *words)
        start, end = (*said, None, None)[:2]
        if slot.role == "span":
            return slots.span(self.telling, start, end, bare=bare)
        return slots.interval(self.telling, slot, start, end, bare=bare)

    # --- adjuncts -----------------------------------------------------------------------------------------------------

    def _segment(self, segment: str) -> Iterator[Part]:
        names = holes(segment)
        if re.sub(r"\{\w+\}", "", segment).strip():
            yield from self._lettered(segment, names)
            return
        yield from self._parts(names)

    def _lettered(self, segment: str, names: list[str]) -> Iterator[Part]:
        """Yield a segment with words of its own (`from {account}`) if what it holds is said."""
        values = {}
        for name in names:
            slot = self._slot(name)
            if slot is None or not self._says(name):
                continue
            if self._is_row(name):
                self.rows[name] = self._noun(name, slot)
                values[name] = self._as_row(
                    slot, self.rows[name], self.tool.act, in_head=True, before=_before(segment, name)
                )
            else:
                values[name] = self._bare(name, _before(segment, name))
        if names and all(values.get(name) for name in names):
            yield Part(fill(segment, values), "row" if len(names) == 1 and self._is_row(names[0]) else "lettered")

    def _parts(self, names: list[str]) -> Iterator[Part]:
        both = journeys.both_ends(self.telling, self.call, [slot for name in names if (slot := self._slot(name))])
        if both:
            yield Part(both, "row")
        counted: list[tuple[SlotFrame, Mention]] = []
        for name in names:
            slot = self._slot(name)
            if slot is None or not self._says(name):
                continue
            if slot.role == "count" and not slot.phrase:
                mention = self._said(name)
                if mention:
                    counted.append((slot, mention))
                continue
            words = self._adjunct(name, slot)
            if words:
                fixed = string(words).startswith(("and ", "that's "))
                yield Part(words, "contact" if slot.contact else "lettered" if fixed else slot.role)
        if counted:
            yield Part(slots.counts(self.telling, counted), "count")

    def _adjunct(self, name: str, slot: SlotFrame) -> Words:
        if slot.columns:
            return self._columns(slot, bare=False)
        if self._is_row(name):
            ended = journeys.one_end(self.telling, self.call, slot, self._entity(slot))
            if ended:
                return ended
            held = self._reserve(name)
            self.rows[name] = self._noun(name, slot)
            self._release(held)
            if self.rows[name].remarked or self.rows[name].blank:
                return NOTHING
            if self._is_beside(slot) and not is_place(self._entity(slot), slot.ref.partition(".")[0]):
                _name_again(self.rows[name], self._again(self.rows[name].noun))
            placed = self._as_row(slot, self.rows[name], self.tool.act, in_head=False)
            if string(placed).startswith("that ") or not slots.begins_with_preposition(string(placed)):
                return (*text("for "), *placed)
            table = slot.ref.partition(".")[0]
            return there(placed) if is_place(self._entity(slot), table) else placed
        mention = self._said(name)
        if mention is None:
            return NOTHING
        apposed = re.match(r"an? \{v\} \w", slot.phrase)
        return (*text(", " if apposed else ""), *slots.phrase(self.telling, slot, mention))

    def _rest(self, in_phrase: list[str]) -> Iterator[Part]:
        """Yield what the call says that its phrase has no place for."""
        phrased = list(self.tool.slots.values())
        covered = {column for slot in phrased for column in slot.columns}
        names = [
            name
            for name, slot in self.tool.slots.items()
            if name not in covered and (slot.role != "profile" or self._is_row(name)) and self._says(name)
        ]
        yield from self._parts([name for name in names if name not in self.rows])


def _merge(made: Clause) -> None:
    """Let the head's own words say a value that they give anyhow: "book a car to the airport", said once."""
    for part in list(made.parts):
        for bit in part.words:
            same = rf"\b{re.escape(bit.text)}(?![^ |])"
            if bit.mention and re.match(r"(?:from|to) [a-z]", bit.text) and re.search(same, made.head):
                name = f"same{len(made.fillers)}"
                made.head = re.sub(same, f"{{{name}}}", made.head, count=1)
                made.fillers[name] = (bit,)
                part.words = _without(part.words, bit)
    made.parts = [part for part in made.parts if string(part.words).strip()]


def _without(words: Words, gone: Bit) -> Words:
    """Return words without one bit, and without the space before it."""
    at = words.index(gone)
    before = words[:at]
    if before and before[-1].text.endswith(" "):
        before = (*before[:-1], before[-1]._replace(text=before[-1].text.rstrip()))
    return (*before, *words[at + 1 :])


def _name_again(noun: Noun, words: str) -> None:
    """Let a reference say its noun: `in the same class` for `in it`, which would be the booking."""
    if string(noun.named) in ("it", f"the {noun.noun}"):
        noun.named = tuple(bit._replace(text=words) for bit in noun.named)


def _before(template: str, name: str) -> str:
    """Return the word before a hole."""
    words = template.partition(f"{{{name}}}")[0].split()
    return words[-1] if words else ""


def loose(telling: Telling, mention: Mention) -> Words:
    """Return words for a mention that no clause of the turn had a place for."""
    tool_name, _, parameter = mention.slot.rpartition(".")
    tool = telling.environment(mention.environment).tools.get(tool_name)
    slot = tool.slots.get(parameter) if tool else None
    telling.take(mention)
    if slot:
        return slots.phrase(telling, slot, mention)
    return say(slots.by_look(telling, SlotFrame(parameter, "text"), mention), mention.id)
