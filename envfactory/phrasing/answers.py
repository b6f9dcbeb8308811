"""The final answer to a turn: what was done or found, every fact of the turn, names instead of "it" and "that one".

Where a rule stood in the way the answer says what did not happen and why, and offers to look for another where the
contracts hold a search that could find one. Frames give the words; a tool without any is spoken of by its fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from envfactory.environments.contract import Contracts
from envfactory.phrasing import stating
from envfactory.phrasing.assistant import (
    PARTICIPLES,
    Knowledge,
    fact_words,
    fill,
    knowledge,
    thing,
    to_the_person,
    wish,
)
from envfactory.phrasing.findings import clause, reported_read, tidy
from envfactory.reading.values import states
from envfactory.tasks.model import Fact, FromResult, GoldCall, Reply, Task, Turn

_OPENINGS = ["", "", "", "Done. ", "All set. ", "That's done. "]
_SORRY = ["I'm afraid", "I'm sorry, but", "Sorry,", "Unfortunately"]
_UNCHANGED = ["Nothing has been changed.", "I haven't changed anything.", "Everything is as it was.", ""]
_WELCOME = ["You're welcome!", "Glad to help.", "Any time.", "Happy to help; just say if there's more."]
_DECLINED = [
    "I'm afraid I can't do that here.",
    "Unfortunately I'm not able to do that for you.",
    "I'm sorry, but that can't be done from here.",
]
_ASKING = ["", "", "Happy to. ", "Of course. ", "Gladly. "]
_SECOND = {"has": "have", "is": "are", "was": "were", "does": "do", "owes": "owe", "needs": "need"}
# Where one is full, gone or does not fit, another one may do; where the person's own booking or debt stands in the way, not.
_OTHER_MAY_DO = re.compile(
    r"FULL|SOLD|TAKEN|UNAVAILABLE|NOT_(?:AVAILABLE|FREE|OFFERED|ENOUGH|ADMITTED|ALLOWED|COVERED|SUITABLE|ON_SALE)"
    r"|NO_\w+_(?:LEFT|FREE)|NONE_LEFT|OUT_OF_STOCK|TOO_(?:SMALL|FEW|LONG|EXPENSIVE|YOUNG|BIG|LARGE|HEAVY|TALL)"
    r"|TOO_MANY_(?:PEOPLE|PETS|GUESTS|PLACES)|OTHER_|NEEDS_|OCCUPIED|BOOKED_OUT"
)
_OWN = re.compile(r"ALREADY|YOUR|PARTY_TOO|AMOUNT_TOO|DELAY_TOO|STAY_TOO|BALANCE|CREDIT")
_TAKES = {"added": "to", "put": "to", "removed": "from", "taken": "from"}
_FRAGMENT = re.compile(r"(?:payable|for|which|so|with|by|plus|including|from)\b|\S*\d\S* of it\b")


def spoken(task: Task, turn_index: int, contracts: Mapping[str, Contracts]) -> str:
    """Return the answer a turn has, or the one it will have: worded by the task's own randomness, the same everywhere."""
    told = task.turns[turn_index].answer
    return told or answer(task, turn_index, contracts, Random(f"answer/{task.seed}/{task.id}/{turn_index}"))


def answered(task: Task, contracts: Mapping[str, Contracts]) -> Task:
    """Return the task with the answer to each turn written into it."""
    turns = [
        turn.model_copy(update={"answer": spoken(task, number, contracts)}) for number, turn in enumerate(task.turns)
    ]
    return task.model_copy(update={"turns": turns})


def answer(task: Task, turn_index: int, contracts: Mapping[str, Contracts], rng: Random) -> str:
    """Return the answer that ends a turn: all its facts, in sentences."""
    turn = task.turns[turn_index]
    if turn.outcome == "chat":
        return rng.choice(_WELCOME)
    if turn.outcome == "declined":
        return _declined(turn, rng)
    told = [
        _report(knowledge(task, contracts, number, answered=True), turn, number, rng)
        for number in _reported(task, turn, contracts)
    ]
    text = " ".join(_subjects_once([each for each in dict.fromkeys(told) if each]))
    if turn.outcome == "done" and not re.match(r"(Done|That|You|Enjoy|Thank|We)", text):
        text = rng.choice(_OPENINGS) + text
    return _complete(text, task, turn, contracts) or "Done."


def _subjects_once(reports: Sequence[str]) -> list[str]:
    """Return reports without a subject that an earlier one had: `Your stay at X: …. Your stay at X: …`."""
    told: list[str] = []
    seen: set[str] = set()
    for report in reports:
        subject, colon, rest = report.partition(": ")
        told.append(stating.sentence(rest) if colon and subject in seen else report)
        seen |= {subject} if colon else set()
    return told


def _complete(text: str, task: Task, turn: Turn, contracts: Mapping[str, Contracts]) -> str:
    """Return an answer with a bare sentence for each fact that a reader would not find in it."""
    for fact in turn.facts:
        call = task.gold[fact.call]
        if not _is_stated(text, fact, contracts[call.environment].now):
            known = knowledge(task, contracts, fact.call, answered=True)
            text = f"{text} {tidy(clause(known, call, fact))}".strip()
    return text


def _is_stated(text: str, fact: Fact, now: str) -> bool:
    """Tell whether a reader finds a fact; a refusal is said by `_refused`."""
    if fact.kind == "refusal":
        return True
    unit = fact.unit or (fact.name if fact.kind == "boolean" else "")
    is_negative = fact.kind in ("money", "number") and fact.value < 0
    return states(text, fact.kind, -fact.value if is_negative else fact.value, unit, now)


def question(reply: Reply, rng: Random) -> str:
    """Return the question for what a request left open."""
    return f"{rng.choice(_ASKING)}{stating.sentence(reply.question)}"


# --- what is reported -------------------------------------------------------------------------------------------------


def _reported(task: Task, turn: Turn, contracts: Mapping[str, Contracts]) -> list[int]:
    """Return the calls the answer speaks of, in order: what was asked for, what facts come from, all that was changed."""
    wanted = {request.call for request in turn.requests} | {fact.call for fact in turn.facts}
    for number in range(*turn.calls):
        call = task.gold[number]
        is_write = contracts[call.environment].tool(call.tool).kind == "write"
        if is_write or (call.purpose == "goal" and not turn.requests):
            wanted.add(number)
    return [number for number in sorted(wanted) if number < len(task.gold)]


def _report(known: Knowledge, turn: Turn, number: int, rng: Random) -> str:
    call = known.task.gold[number]
    facts = [fact for fact in turn.facts if fact.call == number]
    if call.outcome != "ok":
        return _refused(known, call, facts, rng)
    if known.tool(call).kind == "read":
        return reported_read(known, turn, call, facts, rng)
    opening = _opening(known, call, rng)
    parts = [opening]
    for fact in facts:
        if not _said_already(known, call, fact, " ".join(parts)):
            parts.append(clause(known, call, fact))
    return _run_on(parts)


def _opening(known: Knowledge, call: GoldCall, rng: Random) -> str:
    """Return what was done, by the tool's own words or by its name, and to what."""
    tool = known.tool(call)
    filled = (fill(known, call, template) for template in tool.frames.get("done", []))
    usable = [text for text in filled if text is not None]
    if usable:
        return _with_object(known, call, tidy(rng.choice(usable)))
    verb, _, rest = call.tool.partition("_")
    done = PARTICIPLES.get(verb)
    told = f"I've {done} {thing(known, call, rest)}." if done and rest else "That's done."
    return _with_object(known, call, told)


def _with_object(known: Knowledge, call: GoldCall, opening: str) -> str:
    """Return an opening that names what was changed, where it does not yet: "Your place is given up: Barre Basics"."""
    lore = known.lore(call)
    if known.tool(call).frames.get("class") == "create" or opening.startswith(("Enjoy", "Thank")):
        return opening
    for field, key in call.arguments.items():
        table = lore.tables.get(field, "")
        if not table or table == lore.contracts.principal or not isinstance(key, str | int):
            continue
        is_own = bool(lore.contracts.entities.get(table, {}).get("identify"))
        name = known.name(call, table, key)
        if not is_own or not name:
            return opening
        known_by = re.findall(r"[A-Z\d][\w:.'-]*", lore.handle(table, key))
        if any(word in opening for word in known_by):
            return opening
        return _named_in(opening, name, lore.noun(table))
    return opening


def _named_in(opening: str, name: str, noun: str) -> str:
    """Return an opening with the name of what it speaks of, in place of its bare noun or after it."""
    bare = re.search(rf"\b(?:the|your) {re.escape(noun)}\b(?! (?:of|to|for|at|in|on|from)\b)", opening, re.IGNORECASE)
    if bare:
        return tidy(opening[: bare.start()] + name + opening[bare.end() :])
    if not opening.endswith("."):
        return opening
    goes_on = re.match(r"(?:Done\. |That's done\. )?(?:I've (\w+)|I'm|You\b(?!r))", opening)
    if not goes_on:
        return f"{opening[:-1]}: {name}."
    return f"{opening[:-1]} {_TAKES.get(goes_on[1] or '', 'on' if ' seat ' in opening else 'for')} {name}."


def _said_already(known: Knowledge, call: GoldCall, fact: Fact, told: str) -> bool:
    """Tell whether what is told states a fact: its very words, other than a bare number, stand in it."""
    return fact.kind != "number" and fact_words(known, call, fact) in told


def _run_on(parts: list[str]) -> str:
    """Return sentences, with what is only a part of one ("payable by Friday") put after a comma."""
    text = ""
    for part in parts:
        goes_on = text and _FRAGMENT.match(part)
        text = f"{text.rstrip('.')}, {part}." if goes_on else f"{text} {tidy(part)}".strip()
    return tidy(text) if text else ""


# --- what could not be done -------------------------------------------------------------------------------------------


def _refused(known: Knowledge, call: GoldCall, facts: list[Fact], rng: Random) -> str:
    """Return that it was not done, and why; one of the reason's own terms stands in it."""
    tool = known.tool(call)
    template = str(tool.frames.get("errors", {}).get(call.outcome, ""))
    authored = fill(known, call, template) or ""
    spec = tool.errors.get(call.outcome)
    message = spec.message if spec else call.message
    terms = [term for fact in facts for term in fact.terms]
    reasons = [_addressed(known, call, authored), authored, _addressed(known, call, message), message]
    told = [reason.rstrip(".") for reason in reasons if reason]
    fitting = (reason for reason in told if any(term.casefold() in reason.casefold() for term in terms))
    reason = next(fitting, told[0] if told else "it is not allowed")
    wanted = to_the_person(wish(known, call))
    lead = f"{rng.choice(_SORRY)} I couldn't {wanted}"
    is_named = template.startswith("{") and reason in [each.rstrip(".") for each in reasons[:2]]
    why = reason[0].lower() + reason[1:] if reason[:2].istitle() and not is_named else reason
    refusal = stating.sentence(f"{lead} – {why}" if ": " in lead else f"{lead}: {why}")
    parts = [refusal, rng.choice(_UNCHANGED), _way_out(known, call, refusal)]
    return " ".join(part for part in parts if part)


def _addressed(known: Knowledge, call: GoldCall, reason: str) -> str:
    """Return a reason that speaks of the signed-in person ("the diner already has …") as said to them."""
    lore = known.lore(call)
    noun = re.escape(lore.noun(lore.contracts.principal or ""))
    told = re.sub(rf"\b[Tt]he {noun}'s\b", "your", reason)
    verb = re.compile(rf"\b[Tt]he {noun} ((?:already|still|only) )?(has|is|was|does|owes|needs)\b")
    return verb.sub(lambda match: f"you {match[1] or ''}{_SECOND[match[2]]}", told)


def _way_out(known: Knowledge, call: GoldCall, told: str) -> str:
    """Return an offer to look for another row, where the one that was found is what stands in the way.

    It is one that the refusal speaks of (`told`), and nobody's own: "the RJ 60 is too full" offers another train.
    """
    lore, tool = known.lore(call), known.tool(call)
    if not _OTHER_MAY_DO.search(call.outcome) or _OWN.search(call.outcome):
        return ""
    if tool.frames.get("class") not in ("create", "change", "add", "update"):
        return ""
    found: list[tuple[str, str]] = []
    for name, source in call.sources.items():
        table = lore.tables.get(name, "")
        if not isinstance(source, FromResult) or not table or lore.is_owned(table):
            continue
        called = known.name(call, table, call.arguments[name]).removeprefix("the ").partition(" on ")[0]
        found.append((table, called))
    spoken_of = [table for table, _ in found if re.search(rf"\b{re.escape(lore.noun(table))}s?\b", told)]
    named = [table for table, called in found if called and called in told]
    return f"I can look for another {lore.noun((spoken_of + named)[0])} if you like." if spoken_of + named else ""


def _declined(turn: Turn, rng: Random) -> str:
    terms = [fact.terms[0] for fact in turn.facts if fact.kind == "refusal" and fact.terms]
    text = rng.choice(_DECLINED)
    reason = f" There's no way to do it for {stating.listed(terms)}." if terms else ""
    return f"{text}{reason} {rng.choice(_UNCHANGED[:3])}".strip()
