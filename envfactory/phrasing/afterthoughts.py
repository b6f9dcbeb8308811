"""What a sentence keeps and what comes after it: adjuncts put off to a sentence of their own, remarks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from envfactory.phrasing.clauses import Clause, Part
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, string, text

_TOPIC = re.compile(r"(?:I|we)(?:'ve| have)\b|(?:it|this)(?:'s| is) about\b")


@dataclass
class Sentence:
    """Words, the mark that ends them, and whether they are a request of their own."""

    words: Words
    end: str = "."
    asks: bool = True

    @property
    def tells(self) -> bool:
        """Whether it tells what it is about, and asks for nothing that a ground before it could lead to."""
        return _TOPIC.match(string(self.words)) is not None


def remarks(clause: Clause) -> list[Sentence]:
    return [Sentence(tail) for tail in clause.tails]


def tail(parts: list[Part]) -> list[Words]:
    """Return the adjuncts, with a comma where one ends on the word that the next begins with."""
    said: list[Words] = []
    for part in parts:
        again = said and string(said[-1]).rpartition(" ")[2] == string(part.words).partition(" ")[0]
        said.append((*text(", "), *part.words) if again else part.words)
    return said


_LATER = {
    "count": 1.0,
    "boolean": 1.0,
    "enum": 0.5,
    "money": 0.8,
    "interval": 0.5,
    "date": 0.35,
    "datetime": 0.4,
    "number": 0.6,
    "free": 1.0,
}
_ODDS = {"plain": 0.22, "polite": 0.18, "brief": 0.3, "chatty": 0.42, "casual": 0.36}


def split(telling: Telling, parts: list[Part]) -> tuple[list[Part], list[Part]]:
    """Return the adjuncts kept in the sentence and those that come as an afterthought."""
    odds = _ODDS[telling.voice.tone] * (1.6 if len(parts) > 3 else 1.0)
    later: list[Part] = []
    if len(parts) > 1 and telling.chance(odds):
        able = [part for part in parts if _LATER.get(part.kind, 0) > telling.rng.random()]
        later = able[-2:] if len(parts) > 4 else able[-1:]
        later = [] if len(later) == len(parts) else later
    kept = [part for part in parts if all(part is not each for each in later)]
    return _ordered(telling, kept), later


def _ordered(telling: Telling, parts: list[Part]) -> list[Part]:
    """Let two neighbouring adjuncts change places now and then; what reads as a list of its own stays last."""
    if len(parts) > 1 and telling.chance(0.35):
        at = telling.rng.randrange(len(parts) - 1)
        if not {parts[at].kind, parts[at + 1].kind} & {"free", "lettered"}:
            parts = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
    return parts


def afterthoughts(telling: Telling, parts: list[Part], act: str) -> list[Sentence]:
    """Return adjuncts as sentences after the request; "ideally" only where there is something to choose from."""
    said: list[Sentence] = []
    for at, part in enumerate(parts):
        leads = _AFTER.get(part.kind, ["", "oh, and"]) if at == 0 else ["and"]
        leads = [each for each in leads if each != "ideally" or act == "search"]
        lead = telling.rng.choice(leads)
        if string(part.words).startswith("and "):
            lead = ""
        if string(part.words).startswith(("that ", "which ", "where ")):
            lead = telling.rng.choice(["ideally one", "one", "oh, and one"]) if at == 0 else "and one"
        words = (part.words[0]._replace(text=part.words[0].text.removeprefix(", ")), *part.words[1:])
        closing = text(", please") if not lead and telling.chance(0.25) else NOTHING
        said.append(Sentence((*text(f"{lead} ".lstrip()), *words, *closing)))
    return said


_AFTER = {
    "count": ["", "it's", "that's", "oh, and it's"],
    "interval": ["it'd be", "that's"],
    "date": ["it's", "that'd be", "oh, and"],
    "datetime": ["it's", "that'd be", "ideally"],
    "money": ["", "ideally", "oh, and"],
    "boolean": ["ideally", "oh, and", ""],
    "row": ["", "oh, and"],
    "enum": ["", "oh, and", "ideally"],
    "number": ["", "oh, and"],
    "free": [""],
}
