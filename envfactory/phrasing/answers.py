"""The final answer to a turn: what was done or found, every fact of the turn, names instead of "it" and "that one".

Where a rule stood in the way the answer says what did not happen and why, and offers to look for another where the
contracts hold a search that could find one. Frames give the words; a tool without any is spoken of by its fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from envfactory.environments.contract import Contracts
from envfactory.phrasing import stating
from envfactory.phrasing.assistant import PARTICIPLES, Knowledge, fact_words, fill, knowledge, to_the_person, wish
from envfactory.phrasing.lexicon import singular
from envfactory.tasks.model import Fact, FromResult, GoldCall, Reply, Task, Turn

_OPENINGS = ["", "", "", "Done. ", "All set. ", "That's done. "]
_SORRY = ["I'm afraid", "I'm sorry, but", "Sorry,", "Unfortunately"]
_UNCHANGED = ["Nothing has been changed.", "I haven't changed anything.", "Everything is as it was.", ""]
_WELCOME = ["You're welcome!", "Glad to help.", "Any time.", "Happy to help; just say if there's more."]
_DECLINED = [
    "I'm afraid that's something I can't do here.",
    "I'm sorry, I have no way of doing that from here.",
    "Unfortunately that isn't something I can do for you.",
]
_ASKING = ["", "", "Happy to. ", "Of course. ", "Gladly. "]
_ONE = re.compile(r"\b1 ((?:[a-z-]+ )?)([a-z]+[^s\W]s)\b( are\b| were\b)?")


def answer(task: Task, turn_index: int, contracts: Mapping[str, Contracts], rng: Random) -> str:
    """Return the answer that ends a turn: all its facts, in sentences."""
    turn = task.turns[turn_index]
    known = knowledge(task, contracts, turn.calls[1])
    if turn.outcome == "chat":
        return rng.choice(_WELCOME)
    if turn.outcome == "declined":
        return _declined(known, turn, rng)
    told = [_report(known, turn, call, rng) for call in _reported(task, turn)]
    text = " ".join(each for each in told if each)
    if turn.outcome == "done" and not re.match(r"(Done|That|You|Enjoy|Thank)", text):
        text = rng.choice(_OPENINGS) + text
    return text or "Done."


def question(reply: Reply, rng: Random) -> str:
    """Return the question for what a request left open."""
    return f"{rng.choice(_ASKING)}{stating.sentence(reply.question)}".replace("?.", "?")


# --- what is reported -------------------------------------------------------------------------------------------------


def _reported(task: Task, turn: Turn) -> list[GoldCall]:
    """Return the calls the answer speaks of: those that were asked for, and those that facts come from, in order."""
    first, last = turn.calls
    wanted = {request.call for request in turn.requests} | {fact.call for fact in turn.facts}
    wanted |= {number for number in range(first, last) if task.gold[number].purpose == "goal"}
    return [task.gold[number] for number in sorted(wanted) if number < len(task.gold)]


def _report(known: Knowledge, turn: Turn, call: GoldCall, rng: Random) -> str:
    facts = [fact for fact in turn.facts if known.task.gold[fact.call] is call]
    if call.outcome != "ok":
        return _refused(known, call, facts, rng)
    opening = _opening(known, call, rng) if known.tool(call).kind == "write" or not facts else ""
    return " ".join(part for part in [opening, *_stated(known, turn, call, facts, opening, rng)] if part)


def _opening(known: Knowledge, call: GoldCall, rng: Random) -> str:
    """Return what was done, by the tool's own words or by its name."""
    tool = known.tool(call)
    filled = (fill(known, call, template) for template in tool.frames.get("done", []))
    usable = [text for text in filled if text is not None]
    if usable:
        return _tidy(rng.choice(usable))
    if tool.kind == "read":
        return _listing(call)
    verb, _, rest = call.tool.partition("_")
    done = PARTICIPLES.get(verb)
    return f"I've {done} the {rest.replace('_', ' ')}." if done and rest else "That's done."


def _listing(call: GoldCall) -> str:
    """Return how many rows a read found, where it found a list."""
    lists = [(name, value) for name, value in (call.result or {}).items() if isinstance(value, list)]
    if len(lists) != 1:
        return ""
    name, rows = lists[0]
    noun = name.replace("_", " ")
    if not rows:
        return f"There are no {noun}."
    return f"There is 1 {singular(noun)}." if len(rows) == 1 else f"There are {len(rows)} {noun}."


# --- facts ------------------------------------------------------------------------------------------------------------


def _stated(known: Knowledge, turn: Turn, call: GoldCall, facts: list[Fact], opening: str, rng: Random) -> list[str]:
    """Return the sentences for the facts of one call: one for each row they are of."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.path.rpartition(".")[0], []).append(fact)
    sentences = [_row_sentence(known, turn, call, holder, group, rng) for holder, group in groups.items()]
    return [each for each in sentences if each and each != opening]


def _row_sentence(known: Knowledge, turn: Turn, call: GoldCall, holder: str, facts: list[Fact], rng: Random) -> str:
    row = _at(call.result, holder)
    subject = _subject(known, call, holder, row)
    superlative = _superlative(known, turn, call, holder)
    clauses = [_clause(known, call, fact) for fact in facts if not _named_by(subject, fact)]
    if not clauses:
        return _tidy(f"{superlative} is {subject}") if superlative else _tidy(f"it is {subject}")
    if not subject:
        return " ".join(_tidy(clause) for clause in clauses)
    if superlative:
        return _tidy(f"{superlative} is {subject}: {_joined(clauses)}")
    first, rest = clauses[0], clauses[1:]
    if re.match(r"it('s)? ", first):
        first = re.sub(r"^it('s)? ", lambda it: f"{subject} {'is ' if it[1] else ''}", first)
        return _tidy(_joined([first, *rest]))
    return _tidy(f"{subject}: {_joined(clauses)}")


def _joined(clauses: list[str]) -> str:
    lowered = [clauses[0], *(each[0].lower() + each[1:] if not each.startswith("I") else each for each in clauses[1:])]
    return stating.listed(lowered)


def _named_by(subject: str, fact: Fact) -> bool:
    return fact.kind == "text" and bool(subject) and str(fact.value).casefold() in subject.casefold()


def _subject(known: Knowledge, call: GoldCall, holder: str, row: Any) -> str:
    """Return the name of the row that facts are of; empty for a write's own answer, which its opening is about."""
    if known.tool(call).kind == "write":
        return ""
    lore = known.lore(call)
    places = [row if isinstance(row, dict) else {}, {} if holder else call.arguments]
    for place in places:
        for name, key in place.items():
            if name in lore.tables and isinstance(key, str | int):
                found = lore.name(lore.tables[name], key)
                if found:
                    return found
    return ""


def _superlative(known: Knowledge, turn: Turn, call: GoldCall, holder: str) -> str:
    """Return `the cheapest room` where the person asked for the row by a ranking."""
    lore = known.lore(call)
    for entity_table, entity in lore.contracts.entities.items():
        for each in turn.mentions:
            adjective = entity.get("rank", {}).get(f"{each.slot.rpartition('.')[2]}:{each.value}", {}).get("adj")
            if each.form == "ranked" and adjective and _holds(lore.tables, entity_table, _at(call.result, holder)):
                return f"the {adjective} {lore.noun(entity_table)}"
    return ""


def _holds(tables: Mapping[str, str], table: str, row: Any) -> bool:
    return isinstance(row, dict) and any(tables.get(name) == table for name in row)


def _clause(known: Knowledge, call: GoldCall, fact: Fact) -> str:
    """Return one fact as a clause that can follow a name."""
    field = re.sub(r"\[\d+\]", "", fact.path).rpartition(".")[2] or fact.name
    said = fact_words(known, call, fact)
    template = known.tool(call).frames.get("facts", {}).get(field)
    if isinstance(template, str):
        return _by_template(template, said, fact)
    return _by_name(field, said, fact)


def _by_template(template: str, said: str, fact: Fact) -> str:
    """Return an authored clause: its hole filled, its verb agreeing, negated where the fact is that it is not so."""
    if fact.value is False:
        return re.sub(r"\b(is|are|has|can)\b", r"\1 not", template, count=1)
    if fact.kind in ("date", "datetime") and re.search(r"\bat \{\w+\}", template) and not said[:2].isdigit():
        template = re.sub(r"\bat (\{\w+\})", r"on \1", template)
    return re.sub(r"\{\w+\}", lambda _: said, template)


def _by_name(field: str, said: str, fact: Fact) -> str:
    """Return a clause made from a field's name: `departs_at` is "it departs at …", `places_left` "there are … left"."""
    words = stating.words_of(field)
    if fact.kind in ("date", "time", "datetime"):
        preposition = "on" if fact.kind == "date" else "at"
        verb = words.split(" ")[-1]
        if field.endswith("_until"):
            return f"it is {words} until {said}"
        if re.fullmatch(r"[a-z]{3,}s", verb) and field.endswith(("_at", "_on")):
            return f"it {words} {preposition} {said}"
        return f"it was {words} {preposition} {said}" if verb.endswith("ed") else f"the {words} is {preposition} {said}"
    if fact.kind == "number" and re.search(r"_(left|free|available)$", field):
        noun, _, rest = words.rpartition(" ")
        return f"there are {said} {noun} {rest}"
    if fact.kind == "boolean":
        return f"{words}: {said}"
    return f"the {words} is {said}"


def _tidy(text: str) -> str:
    """Return a sentence whose nouns and verbs agree with a count of one."""
    one = _ONE.sub(lambda m: f"1 {m[1]}{singular(m[2])}{' is' if m[3] else ''}", text)
    return stating.sentence(re.sub(r"\bthere are 1\b", "there is 1", one))


def _at(result: Any, path: str) -> Any:
    """Return the part of a result at a path such as `quotes[2]`; the result itself at the empty one."""
    for step in re.findall(r"\w+", path):
        if isinstance(result, list) and step.isdigit() and int(step) < len(result):
            result = result[int(step)]
        elif isinstance(result, dict):
            result = result.get(step)
    return result


# --- what could not be done -------------------------------------------------------------------------------------------


def _refused(known: Knowledge, call: GoldCall, facts: list[Fact], rng: Random) -> str:
    """Return that it was not done, and why; one of the reason's own terms stands in it."""
    tool = known.tool(call)
    authored = fill(known, call, str(tool.frames.get("errors", {}).get(call.outcome, "")))
    spec = tool.errors.get(call.outcome)
    message = spec.message if spec else call.message
    terms = [term for fact in facts for term in fact.terms]
    reason = (authored or message).rstrip(".")
    if terms and not any(term.casefold() in reason.casefold() for term in terms):
        reason = message.rstrip(".")
    wanted = to_the_person(wish(known, call))
    lead = f"{rng.choice(_SORRY)} I couldn't {wanted}"
    why = reason[0].lower() + reason[1:] if reason[:2].istitle() else reason
    parts = [stating.sentence(f"{lead}: {why}"), rng.choice(_UNCHANGED), _way_out(known, call)]
    return " ".join(part for part in parts if part)


def _way_out(known: Knowledge, call: GoldCall) -> str:
    """Return an offer to look for another row, where the call took a row that some search finds and nobody owns."""
    lore, tool = known.lore(call), known.tool(call)
    if tool.frames.get("class") not in ("create", "change", "add", "update"):
        return ""
    for name, source in call.sources.items():
        table = lore.tables.get(name, "")
        found_in_list = isinstance(source, FromResult) and "[" in source.path
        if found_in_list and table and not lore.contracts.entities.get(table, {}).get("owner"):
            return f"I can look for another {lore.noun(table)} if you like."
    return ""


def _declined(known: Knowledge, turn: Turn, rng: Random) -> str:
    terms = [fact.terms[0] for fact in turn.facts if fact.kind == "refusal" and fact.terms]
    text = rng.choice(_DECLINED)
    reason = f" There's no way to do it for {stating.listed(terms)}." if terms else ""
    return f"{text}{reason} {rng.choice(_UNCHANGED[:3])}".strip()
