"""Sentence plans: one clause as a request, a question, a wish, a need, a bare noun, or a topic with a comment.

Plans differ in shape, not only in words; each says whether a clause allows it, and tones weigh them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from envfactory.phrasing.afterthoughts import Sentence, afterthoughts, remarks, split, tail
from envfactory.phrasing.clauses import Clause
from envfactory.phrasing.lexicon import gerund
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import NOTHING, Words, join, string, text

_SEEKING = (
    "find",
    "look for",
    "look up",
    "search for",
    "search",
    "get",
    "book",
    "reserve",
    "buy",
    "hold",
    "order",
    "rent",
    "hire",
)


@dataclass
class Plan:
    """A way to put a clause. `weight` by tone; `allows` says whether the clause can take it."""

    name: str
    weights: dict[str, float]
    allows: Callable[[Telling, Clause], bool]
    build: Callable[[Telling, Clause], list[Sentence]]


def sentences(telling: Telling, clause: Clause) -> list[Sentence]:
    """Return a clause as one or more sentences."""
    if telling.plain:
        return [Sentence(join([text("please"), _done(clause)])), *remarks(clause)]
    plans = [plan for plan in PLANS if plan.weights.get(telling.voice.tone, 0) and plan.allows(telling, clause)]
    weights = [each.weights[telling.voice.tone] * _freshness(telling, each) for each in plans]
    plan = telling.rng.choices(plans, weights)[0]
    kept, later = split(telling, clause.parts)
    shaped = Clause(
        clause.call,
        clause.tool,
        clause.environment,
        clause.head,
        clause.fillers,
        kept,
        clause.tails,
        clause.target,
        clause.noun,
    )
    return [*plan.build(telling, shaped), *afterthoughts(telling, later, clause.act), *remarks(clause)]


_WORN = {
    "wonder": r"\bwondering\b",
    "mind": r"\bwould you mind\b",
    "possible": r"\b(?:possible to|a way to)\b",
    "wish": r"\b(?:I|we)(?:'d| would| want| wanna| need|'m hoping|'re hoping|'m trying|'re trying)\b",
    "can I": r"\b(?:can|could|may) (?:I|we)\b",
}


def _freshness(telling: Telling, plan: Plan) -> float:
    """Return how much a plan is still worth after the turns before: what was worn out there is said again seldom."""
    worn = _WORN.get(plan.name)
    before = [turn.text for turn in telling.task.turns[: telling.index]]
    used = sum(1 for each in before if worn and re.search(worn, each, re.IGNORECASE))
    return float((0.15 if plan.name in ("wonder", "mind", "possible") else 0.5) ** used)


def unworn(telling: Telling, leads: list[str]) -> list[str]:
    """Return the leads that no turn before has used; all of them where each was."""
    before = " ".join(turn.text.lower() for turn in telling.task.turns[: telling.index])
    return [each for each in leads if each.lower() not in before] or leads


# --- building blocks --------------------------------------------------------------------------------------------------


def _whole(clause: Clause, pronoun: str = "") -> Words:
    return join([clause.verb_phrase(pronoun), *tail(clause.parts)])


def _done(clause: Clause, pronoun: str = "") -> Words:
    """Return the clause as something that the assistant does."""
    return join([clause.verb_phrase(pronoun, asked=True), *tail(clause.parts)])


def _please(telling: Telling, odds: float) -> Words:
    return text(", please") if telling.chance(odds) else NOTHING


def _subject(telling: Telling) -> str:
    return "we" if telling.voice.group else "I"


def _would(telling: Telling) -> str:
    who = _subject(telling)
    return f"{who}'d" if telling.voice.contracts else f"{who} would"


def _always(telling: Telling, clause: Clause) -> bool:
    return True


def _own(telling: Telling, clause: Clause) -> bool:
    """The person can be its subject."""
    return not clause.told


_PERSONAL = re.compile(
    r"(?:borrow|come back|give you|report|collect the|pick up the|return the car|hand back|hand \{loan|return \{loan|bring \{loan"
    r"|check \{copy_id\} out|take \{copy_id\} home)\b"
)


def _delegable(telling: Telling, clause: Clause) -> bool:
    """The assistant can be its subject: nobody else borrows a book for one."""
    return not _PERSONAL.match(clause.head)


def _allowed(telling: Telling, clause: Clause) -> bool:
    """The person can ask to be allowed it; nobody asks to be allowed to look."""
    return not clause.told and not re.match(r"(?:find|look|search|compare)\b", clause.head)


def _is_me(clause: Clause) -> bool:
    return clause.told


# --- plans ------------------------------------------------------------------------------------------------------------


def _imperative(telling: Telling, clause: Clause) -> list[Sentence]:
    tone = telling.voice.tone
    if telling.chance({"polite": 0.8, "plain": 0.45, "chatty": 0.4, "casual": 0.2, "brief": 0.1}[tone]):
        return [Sentence(join([text("please"), _done(clause)]))]
    odds = {"polite": 1.0, "plain": 0.6, "chatty": 0.6, "casual": 0.45, "brief": 0.15}[tone]
    return [Sentence((*_done(clause), *_please(telling, odds)))]


def _can_you(telling: Telling, clause: Clause) -> list[Sentence]:
    asking = {
        "polite": ["could you please", "could you", "would you", "would you kindly"],
        "plain": ["can you", "could you", "would you"],
        "chatty": ["could you", "can you", "could you", "do you think you could"],
        "casual": ["can you", "could you", "can u" if telling.voice.small else "can you", "any chance you could"],
        "brief": ["can you", "could you"],
    }[telling.voice.tone]
    lead = telling.rng.choice(asking)
    return [
        Sentence(
            (*text(f"{lead} "), *_done(clause), *_please(telling, 0.0 if re.search("please|kindly", lead) else 0.22)),
            "?",
        )
    ]


def _can_i(telling: Telling, clause: Clause) -> list[Sentence]:
    who = _subject(telling)
    asking = {
        "polite": [
            f"could {who}",
            f"may {who}",
            f"would it be possible for {'us' if who == 'we' else 'me'} to",
        ],
        "plain": [f"can {who}", f"could {who}"],
        "chatty": [f"could {who}", f"can {who}", f"could {who} maybe"],
        "casual": [f"can {who}", f"could {who}"],
        "brief": [f"can {who}"],
    }[telling.voice.tone]
    return [Sentence((*text(f"{telling.rng.choice(asking)} "), *_whole(clause), *_please(telling, 0.15)), "?")]


def _wish(telling: Telling, clause: Clause) -> list[Sentence]:
    who, would = _subject(telling), _would(telling)
    am = f"{who}'m" if who == "I" else f"{who}'re"
    wishes = {
        "polite": [f"{would} like to", f"{would} like to", f"{would} be grateful if {who} could", f"{am} hoping to"],
        "plain": [f"{would} like to", f"{who} want to", f"{who} need to"],
        "chatty": [
            f"{would} like to",
            f"{who} want to",
            f"{would} love to",
            f"{who} need to",
            f"{am} hoping to",
        ],
        "casual": [
            f"{who} wanna" if telling.voice.small else f"{who} want to",
            f"{who} need to",
            f"{would} like to",
        ],
        "brief": [f"{who} want to", f"{who} need to", f"{would} like to"],
    }[telling.voice.tone]
    if clause.dutiful:
        wishes = [each for each in wishes if not each.endswith(("love to", "hoping to"))]
    return [
        Sentence((*text(f"{telling.rng.choice(unworn(telling, wishes))} "), *_whole(clause), *_please(telling, 0.1)))
    ]


def _wish_you(telling: Telling, clause: Clause) -> list[Sentence]:
    who, would = _subject(telling), _would(telling)
    leads = (
        [f"{would} like you to", f"{who} need you to"]
        if telling.voice.tone != "polite"
        else [f"{would} be grateful if you could", f"{would} appreciate it if you could", f"{would} like you to"]
    )
    return [Sentence((*text(f"{telling.rng.choice(leads)} "), *_done(clause)))]


def _mind(telling: Telling, clause: Clause) -> list[Sentence]:
    verb, space, rest = clause.head.partition(" ")
    shaped = Clause(
        clause.call,
        clause.tool,
        clause.environment,
        f"{gerund(verb)}{space}{rest}",
        clause.fillers,
        clause.parts,
        [],
        clause.target,
    )
    return [Sentence((*text("would you mind "), *_whole(shaped)), "?")]


def _wonder(telling: Telling, clause: Clause) -> list[Sentence]:
    who = _subject(telling)
    doer = "you" if clause.told or telling.rng.random() < 0.5 else who
    whole = _done(clause) if doer == "you" else _whole(clause)
    leads = [
        f"{who} was wondering if {doer} could" if who == "I" else f"{who} were wondering if {doer} could",
    ]
    return [Sentence((*text(f"{telling.rng.choice(leads)} "), *whole))]


def _possible(telling: Telling, clause: Clause) -> list[Sentence]:
    lead = telling.rng.choice(["is it possible to", "would it be possible to", "is there a way to"])
    return [Sentence((*text(f"{lead} "), *_whole(clause)), "?")]


def _sought(clause: Clause) -> str:
    """Return the head's verb where what follows it is a thing sought: `find` of `find a room`."""
    verb = next((each for each in sorted(_SEEKING, key=len, reverse=True) if clause.head.startswith(f"{each} ")), "")
    rest = clause.head[len(verb) :].strip()
    if not verb or not rest or re.match(r"(?:me|us|out|where|what|which|when)\b", rest) or rest.endswith(" ahead"):
        return ""
    return verb


def _thing(clause: Clause) -> Words:
    """Return what is sought: the verb phrase without its verb."""
    shaped = clause.verb_phrase()
    verb = _sought(clause)
    first = shaped[0]
    return (first._replace(text=first.text[len(verb) :].lstrip()), *shaped[1:])


def _seeks(telling: Telling, clause: Clause) -> bool:
    return bool(_sought(clause)) and bool(
        re.match(r"(?:an?|some|somewhere|flights|trains|trips)\b", string(_thing(clause)))
    )


def _needs(telling: Telling, clause: Clause) -> bool:
    return _seeks(telling, clause)


def _need(telling: Telling, clause: Clause) -> list[Sentence]:
    who = _subject(telling)
    am = "I'm" if who == "I" else "we're"
    leads = {
        "polite": [f"{_would(telling)} like", f"{am} looking for", f"{who} would need"],
        "plain": [f"{who} need", f"{am} looking for", f"{_would(telling)} like"],
        "chatty": [f"{am} looking for", f"{who} need", f"{am} after", f"{who} could do with"],
        "casual": [f"{who} need", f"{am} after", f"{am} looking for", "looking for", "need"],
        "brief": [f"{who} need", "need", "looking for"],
    }[telling.voice.tone]
    if clause.act != "search":
        leads = [f"{who} need", _would(telling) + " like"]
    if telling.index:
        leads = [each for each in leads if each not in ("looking for", "need")] or leads
    return [Sentence(join([text(telling.rng.choice(leads)), _thing(clause), *tail(clause.parts)]))]


def _available(telling: Telling, clause: Clause) -> list[Sentence]:
    thing = _thing(clause)
    several = not re.match(r"(?:an?|some|somewhere)\b", string(thing))
    leads = (
        ["are there", "do you have", "have you got"]
        if several
        else ["is there", "do you have", "have you got", "any chance of"]
    )
    return [Sentence(join([text(telling.rng.choice(leads)), thing, *tail(clause.parts)]), "?")]


def _searching(telling: Telling, clause: Clause) -> bool:
    return clause.act == "search" and _seeks(telling, clause)


def _fragment(telling: Telling, clause: Clause) -> list[Sentence]:
    thing = join([_thing(clause), *tail(clause.parts)])
    end = "?" if clause.act == "search" and telling.chance(0.4) else "."
    return [Sentence((*thing, *(_please(telling, 0.5) if end == "." else NOTHING)), end)]


def _has_topic(telling: Telling, clause: Clause) -> bool:
    noun = clause.noun
    if not noun or not clause.target or not noun.mine or noun.named:
        return False
    if any(
        re.search(r"\bit\b", string(words)) for words in (*clause.fillers.values(), *(p.words for p in clause.parts))
    ):
        return False
    return bool(noun.after or noun.before) and not noun.ranked


def _topic(telling: Telling, clause: Clause) -> list[Sentence]:
    """Say what it is about first, then what is to be done with it."""
    noun = clause.noun
    if noun is None:
        return _imperative(telling, clause)
    who = _subject(telling)
    kinds = ["have", "about", "comma"]
    kind = telling.rng.choice(kinds)
    request = _pronoun_request(telling, clause)
    if kind == "comma" and request.end == "?":
        opening = join([text(f"{who}'ve got"), noun.indefinite()])
        return [Sentence((*opening, *text(telling.rng.choice([", ", " – "])), *request.words), "?")]
    if kind == "have":
        opening = join([text(telling.rng.choice([f"{who} have", f"{who}'ve got"])), noun.indefinite()])
    else:
        opening = join([text(telling.rng.choice(["it's about", "this is about"])), noun.definite(telling.voice.group)])
    return [Sentence(opening), request]


def _pronoun_request(telling: Telling, clause: Clause) -> Sentence:
    asked = ["can you", "could you", "please"] if _delegable(telling, clause) else []
    leads = [*asked, *([] if clause.told else [f"{_would(telling)} like to"])]
    lead = telling.rng.choice(leads)
    whole = _whole(clause, "it") if "like" in lead else _done(clause, "it")
    return Sentence((*text(f"{lead} "), *whole), "?" if lead.startswith("c") else ".")


def _fronted(telling: Telling, clause: Clause) -> bool:
    return (
        bool(clause.parts)
        and clause.parts[0].kind in ("date", "interval")
        and not clause.told
        and clause.act in ("create", "search")
    )


def _front(telling: Telling, clause: Clause) -> list[Sentence]:
    first, *rest = clause.parts
    return [Sentence((*first.words, *text(f" {_would(telling)} like to "), *join([clause.verb_phrase(), *tail(rest)])))]


def _gerundive(telling: Telling, clause: Clause) -> bool:
    return _delegable(telling, clause) and not re.match(r"(?:see|tell|show|let|have|give)\b", clause.head)


PLANS = [
    Plan("imperative", {"plain": 3, "polite": 2.2, "brief": 5, "chatty": 2.2, "casual": 3}, _delegable, _imperative),
    Plan("can you", {"plain": 2.5, "polite": 3, "brief": 1, "chatty": 3, "casual": 3}, _delegable, _can_you),
    Plan("can I", {"plain": 1.2, "polite": 1.5, "brief": 0.5, "chatty": 1.2, "casual": 1.5}, _allowed, _can_i),
    Plan("wish", {"plain": 2.4, "polite": 2, "brief": 1, "chatty": 2, "casual": 2}, _own, _wish),
    Plan(
        "wish you",
        {"plain": 0.6, "polite": 1.5, "brief": 0.3, "chatty": 0.6, "casual": 0.4},
        lambda _t, c: _is_me(c),
        _wish_you,
    ),
    Plan("mind", {"polite": 0.5, "chatty": 0.25}, _gerundive, _mind),
    Plan("wonder", {"polite": 0.35, "chatty": 0.25}, _delegable, _wonder),
    Plan(
        "possible",
        {"polite": 0.7, "plain": 0.5, "chatty": 0.5, "casual": 0.2},
        lambda t, c: _own(t, c) and c.act in ("change", "add", "cancel"),
        _possible,
    ),
    Plan("need", {"plain": 3, "polite": 2.5, "brief": 2.5, "chatty": 3.5, "casual": 4}, _needs, _need),
    Plan("available", {"plain": 2, "polite": 2, "brief": 1.2, "chatty": 2, "casual": 2.5}, _searching, _available),
    Plan("fragment", {"brief": 6, "casual": 1.6, "plain": 0.7}, _seeks, _fragment),
    Plan("topic", {"plain": 1.8, "polite": 1.6, "brief": 0.8, "chatty": 2.6, "casual": 2.2}, _has_topic, _topic),
    Plan("front", {"plain": 0.5, "polite": 0.5, "chatty": 0.5}, _fronted, _front),
]
