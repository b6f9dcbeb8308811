"""A noun phrase in parts, before it is known whether it will be definite, indefinite or a bare name."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from envfactory.phrasing.frames import EntityFrame
from envfactory.phrasing.lexicon import singular, spaced, with_article
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, fill, join, string, text

PLACES = frozenset(
    "hotels homes stations branches restaurants marinas ports airports clubs gyms rooms libraries stores shops buildings".split()
)
_FAITHFUL = 0.85  # how often a person stays with the noun they have for a thing
_NAME_FRAME = re.compile(r"(?:(?P<lead>[a-z ]*?) ?)?\b(?:the|an?|my) \{v\}(?: [\w -]+)?")


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
    loose: bool = False
    """What is said of the row is a bound that others may keep as well: `for at most €50`."""

    @property
    def remarked(self) -> bool:
        """Whether all that is said of the row comes afterwards: `whatever is cheapest`."""
        return bool(self.tails) and not (self.named or self.before or self.after or self.adjuncts or self.mine)

    @property
    def blank(self) -> bool:
        """Whether nothing at all is said of the row: "to a country"."""
        told = self.named or self.before or self.after or self.adjuncts or self.tails
        return not (told or self.mine or self.fixed)

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
        if string(bare).startswith("one "):
            return bare
        article = with_article(string(bare)).split(" ")[0]
        return (*text(f"{article} "), *bare)


def noun_of(entity: EntityFrame | None, table: str, telling: Telling) -> str:
    """Return a noun for rows of a table: the first in plain wording, any of the author's otherwise."""
    if entity is None or not entity.nouns:
        return singular(spaced(table.partition(".")[0])) or "one"
    if telling.plain:
        return entity.nouns[0]
    usual = random.Random(f"noun:{telling.task.id}:{table}").choice(entity.nouns[:2])
    return usual if telling.rng.random() < _FAITHFUL else telling.rng.choice(entity.nouns[:2])


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


def is_place(entity: EntityFrame | None, table: str) -> bool:
    """Return whether rows of a table are places, where one can be and which one can leave."""
    within = entity.within if entity else None
    return table in PLACES or (within is not None and within.preposition in ("in", "at"))
