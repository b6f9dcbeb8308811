"""One request as a clause, ready for any mood: a head with holes, its adjuncts apart, its target nameable.

The author's phrase `book {room} | {stay} | {guests}` gives head and adjuncts (`building`); a mood chooses what stands
around them (`moods`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from envfactory.phrasing.frames import ToolFrame
from envfactory.phrasing.nounphrase import Noun
from envfactory.phrasing.words import NOTHING, Words, fill, holes, string, text

_DUTY = re.compile(
    r"(?:leave|rate|report|note|confirm|let them know|give|hand|return|settle|attach|send in|check me|check us|do the)\b"
)
_ASSISTANT_ONLY = re.compile(r"\b(?:me|us)\b|^(?:let|have|tell|show) ")


_PARTICLE = re.compile(r"^(\w+) (off|up|in|back|down|out) \{\}")


@dataclass
class Part:
    """An adjunct: its words and what kind of thing it says (the role of its slot, or `row`)."""

    words: Words
    kind: str


def set_apart(parts: list[Part]) -> tuple[list[Part], list[Words]]:
    """Part adjuncts from clauses that are sentences of their own: "I'm 19", "it's 40 decimetres long and 15 high"."""
    kept: list[Part] = []
    own: list[Words] = []
    last_apart = False
    for part in parts:
        said = string(part.words)
        if last_apart and said.startswith("and "):
            own[-1] = (*own[-1], *text(" "), *part.words)
            continue
        last_apart = said.startswith("that's ")
        if last_apart:
            own.append((part.words[0]._replace(text=part.words[0].text.replace("that's", "it's", 1)), *part.words[1:]))
        elif is_apart(said):
            own.append(part.words)
        elif kept and said.startswith("and "):
            kept[-1] = Part((*kept[-1].words, *text(" "), *part.words), kept[-1].kind)
        elif not kept and re.match(r"and (?!be |have |pay |tell |let )", said):
            first = part.words[0]
            kept.append(Part((first._replace(text=first.text.replace("and", "with", 1)), *part.words[1:]), part.kind))
        else:
            kept.append(part)
    return kept, own


def is_apart(said: str) -> bool:
    """Return whether words are a sentence of their own: "I'm 19", "the oldest of us is 37"."""
    return re.match(r"(?:(?:I|we)(?:'m|'re)?|it was|what happened:?|the oldest of us is) ", said) is not None


@dataclass
class Clause:
    """A request ready for any mood. `head` has holes; `fillers` their words; `target` is the hole a pronoun may fill."""

    call: int
    tool: ToolFrame
    environment: str
    head: str
    fillers: dict[str, Words] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    tails: list[Words] = field(default_factory=list)
    target: str = ""
    noun: Noun | None = None

    @property
    def act(self) -> str:
        """The class of act of the clause's tool."""
        return self.tool.act

    @property
    def told(self) -> bool:
        """Whether only the assistant can be its subject ("put me in seat 4A")."""
        return bool(_ASSISTANT_ONLY.search(self.head))

    @property
    def dutiful(self) -> bool:
        """Whether it is nothing that one would love to do, or hopes for: to cancel, to pay, to report."""
        return self.act in ("cancel", "claim", "pay", "confirm", "return") or _DUTY.match(self.head) is not None

    def verb_phrase(self, pronoun: str = "", *, asked: bool = False) -> Words:
        """Return the head with its holes filled, the target by a pronoun if one is given.

        `asked`: the assistant does it, so what a person sees is shown to them.
        """
        fillers = {**self.fillers, self.target: text(pronoun)} if pronoun and self.target else self.fillers
        head = _pruned(_shown(self.head) if asked else self.head, fillers)
        if self.target and f"{{{self.target}}}'s" in head and string(fillers.get(self.target, NOTHING)) == "it":
            fillers = {**fillers, self.target: tuple(bit._replace(text="its") for bit in fillers[self.target])}
            head = head.replace(f"{{{self.target}}}'s", f"{{{self.target}}}", 1)
        head, fillers = _owned(head, fillers)
        if self.target and string(fillers.get(self.target, NOTHING)) in ("it", "them", "that"):
            head = head.replace(f"show me {{{self.target}}}", f"show {{{self.target}}} to me", 1)
            head = re.sub(rf"^get (me|us) \{{{self.target}\}}", rf"get {{{self.target}}} for \1", head)
            head = _PARTICLE.sub(rf"\1 {{{self.target}}} \2", head.replace(f" {{{self.target}}}", " {}", 1), count=1)
        return fill(head.replace(" {}", f" {{{self.target}}}"), fillers)


def _owned(head: str, fillers: dict[str, Words]) -> tuple[str, dict[str, Words]]:
    """Return `its status` for `the status of it`."""
    for name in holes(head):
        found = re.search(rf"\bthe (\w+) of \{{{name}\}}", head)
        if found and string(fillers.get(name, NOTHING)) == "it":
            its = tuple(bit._replace(text=bit.text.replace("it", "its", 1)) for bit in fillers[name])
            return head.replace(found[0], f"{{{name}}} {found[1]}", 1), {**fillers, name: its}
    return head, fillers


def _pruned(head: str, fillers: Mapping[str, Words]) -> str:
    """Return the head without its empty holes and the little words that tied them in; an article before a noun stays."""
    for name in holes(head):
        if string(fillers.get(name, NOTHING)):
            continue
        if re.search(rf"\b(?:the|an?|my|our) \{{{name}\}} (?!instead\b)[a-z{{]", head):
            head = head.replace(f"{{{name}}} ", "", 1)
            continue
        head = re.sub(
            rf"(?: (?:and|with|to|on|from|until|for|of|in|at|as))?(?: the| an?)? ?\{{{name}\}}(?: of\b)?",
            "",
            head,
            count=1,
        )
    return head


def _shown(head: str) -> str:
    """Return a head that tells what the person sees as one that tells what the assistant does."""
    if re.match(r"see (?:who|what|when|where|which|how|whether)\b", head):
        return f"check {head[4:]}"
    return f"show me {head[4:]}" if head.startswith("see ") else head
