"""Questions: what a person wants to know of a read, from the facts that its answer must state.

The author's `wants` come first (`how much I'd get back if I cancelled {booking}`, or a whole question that ends in `?`);
else the question that `curiosity` finds is asked after the read itself: "check my booking and tell me when it starts".
"""

from __future__ import annotations

import re

from envfactory.phrasing.afterthoughts import Sentence
from envfactory.phrasing.building import clause
from envfactory.phrasing.clauses import Clause
from envfactory.phrasing.curiosity import embedded
from envfactory.phrasing.frames import ToolFrame
from envfactory.phrasing.lexicon import plural
from envfactory.phrasing.moods import sentences, unworn
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import Words, holes, join, text
from envfactory.tasks.model import Fact

_DETAILS = ("give me the details", "show me the details", "tell me the details")


def questions(telling: Telling, number: int, facts: list[Fact]) -> list[Sentence]:
    """Return a read as what the person wants to know."""
    tool = telling.reader.tool(telling.task.gold[number])
    asked = [fact for fact in facts if fact.call == number and fact.kind != "refusal"]
    wanted = [each for fact in asked for each in tool.wants.get(fact.name, ())[:1]]
    if asked and len(wanted) == len(asked):
        return _wanted(telling, number, tool, asked)
    if len(asked) == 1 and asked[0].name == "count" and asked[0].path.endswith("[]"):
        return _how_many(telling, number)
    if tool.act in ("search", "list", "identify", "quote") or not asked:
        return _plainly(telling, number, tool)
    return _read_and_tell(telling, number, tool, asked)


def _plainly(telling: Telling, number: int, tool: ToolFrame) -> list[Sentence]:
    ways = [each for each in tool.questions if not _kinds(telling, number, tool) - set(holes(each))]
    if ways and telling.chance(0.5):
        made = clause(telling, number, _lowered(telling.rng.choice(ways)))
        return [Sentence(_said(made), "?"), *_remarks(made)]
    return sentences(telling, clause(telling, number))


def _kinds(telling: Telling, number: int, tool: ToolFrame) -> set[str]:
    """Return the parameters that are said by a bare word, which wants its place before a noun: an Italian restaurant."""
    sources = telling.task.gold[number].sources
    told = {
        name
        for name, source in sources.items()
        if (found := telling.reader.mention_of(source)) and found.id in telling.left
    }
    return {name for name in told if (slot := tool.slots.get(name)) and slot.role == "enum" and slot.phrase == "{v}"}


def _said(made: Clause) -> Words:
    return join([made.verb_phrase(asked=True), *(part.words for part in made.parts)])


def _remarks(made: Clause) -> list[Sentence]:
    return [Sentence(tail) for tail in made.tails]


def _wanted(telling: Telling, number: int, tool: ToolFrame, asked: list[Fact]) -> list[Sentence]:
    ways = [_one_way(telling, tool.wants[fact.name]) for fact in asked]
    made = clause(telling, number, _lowered(ways[0]))
    first = _said(made)
    direct = ways[0].endswith("?")
    out = [Sentence(first, "?")] if direct else [_enveloped(telling, first)]
    for way in ways[1:]:
        rest = _pronominal(_lowered(way), made)
        lead = "and " if telling.rng.random() < 0.6 else "and also, " if way.endswith("?") else "and "
        out.append(
            Sentence(text(f"{lead}{rest.rstrip('?')}"), "?")
            if way.endswith("?")
            else _enveloped(telling, text(rest), also=True)
        )
    return [*out, *_remarks(made)]


def _lowered(way: str) -> str:
    """Return a question without its mark and its capital, to stand anywhere in a sentence."""
    bare = way.rstrip("?")
    return bare if bare.startswith("I ") else bare[:1].lower() + bare[1:]


def _one_way(telling: Telling, ways: tuple[str, ...]) -> str:
    if telling.plain:
        return ways[0]
    way = telling.rng.choice(ways)
    if telling.voice.group:
        for mine, ours in _OURS:
            way = re.sub(mine, ours, way)
    return way


_OURS = (
    (r"\bI'm\b", "we're"),
    (r"\bam I\b", "are we"),
    (r"\bI was\b", "we were"),
    (r"\bI\b(?=[ ']|$)", "we"),
    (r"\bmy\b", "our"),
)


def _pronominal(way: str, made: Clause) -> str:
    """Return a want with its row as a pronoun."""
    head = way.split("|")[0].strip()
    return re.sub(r"\bthe (\w+) of it\b", r"its \1", re.sub(r"\{\w+\}", "it", head))


def _enveloped(telling: Telling, clause_words: Words, *, also: bool = False) -> Sentence:
    """Return an embedded question in a request to be told."""
    who, would = ("we", "we'd") if telling.voice.group else ("I", "I'd")
    leads = {
        "plain": ["can you tell me", f"{would} like to know", "could you tell me", "please tell me"],
        "polite": [
            "could you please tell me",
            f"{would} like to know",
            "could you let me know",
            "would you be able to tell me",
        ],
        "brief": ["tell me", "tell me", "I need to know", "can you check"],
        "chatty": [
            "do you know",
            "can you tell me",
            f"{who} was wondering" if who == "I" else "we were wondering",
            "any idea",
            "could you check",
        ],
        "casual": [
            "any idea",
            "do you know",
            "can you tell me",
            "can you check",
            f"{who} wanna know" if telling.voice.small else f"{who} want to know",
        ],
    }[telling.voice.tone]
    lead = "please tell me" if telling.plain else telling.rng.choice(unworn(telling, leads))
    ending = "?" if lead.split(" ")[0] in ("can", "could", "do", "any", "would") else "."
    return Sentence((*text(f"{'and ' if also else ''}{lead} "), *clause_words), ending)


def _how_many(telling: Telling, number: int) -> list[Sentence]:
    made = clause(telling, number)
    match = re.match(r"(?:find|look for|search for|search|look up) (?:(?:an?|some|the)\s+)?([\w -]*?)$", made.head)
    if (
        match
        and match[1]
        and not re.match(r"(?:out|where|what|when|which|me)\b", match[1])
        and not telling.plain
        and telling.chance(0.6)
    ):
        noun = match[1] if match[1].endswith("s") else plural(match[1])
        lead = telling.rng.choice(["how many {n} are there", "how many {n} do you have", "how many {n} have you got"])
        return [Sentence(join([text(lead.format(n=noun)), *(part.words for part in made.parts)]), "?"), *_remarks(made)]
    return _with_rider(
        telling, made, telling.rng.choice(["tell me how many there are", "let me know how many there are"])
    )


def _read_and_tell(telling: Telling, number: int, tool: ToolFrame, asked: list[Fact]) -> list[Sentence]:
    """Ask for what a person has words for; for the whole row where there are none for one of the facts."""
    made = clause(telling, number)
    wanted = list(dict.fromkeys(embedded(tool, fact) for fact in asked))
    if not all(wanted):
        return _with_rider(telling, made, _DETAILS[0] if telling.plain else telling.rng.choice(_DETAILS))
    verb = "tell me" if telling.plain else telling.rng.choice(["tell me", "let me know"])
    return _with_rider(telling, made, f"{verb} {' and '.join(wanted)}")


def _with_rider(telling: Telling, made: Clause, rider: str) -> list[Sentence]:
    """Return a clause as a request, and what is wanted of it added to the same sentence."""
    said = _said(made)
    leads = ["could you", "can you", "please"] if telling.voice.tone != "brief" else ["please", ""]
    lead = "please" if telling.plain else telling.rng.choice(leads)
    words = (*text(f"{lead} ".lstrip()), *said, *text(f" and {rider}"))
    return [Sentence(words, "?" if lead.startswith("c") else "."), *_remarks(made)]
