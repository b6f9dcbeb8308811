"""What a read found, in sentences: a count, the rows of a list by what tells them apart, single facts of one row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from envfactory.phrasing import stating
from envfactory.phrasing.assistant import Knowledge, fact_words, fill
from envfactory.phrasing.lexicon import plural, singular
from envfactory.phrasing.listing import listed_rows, row_key, row_noun
from envfactory.runtime.paths import value_at
from envfactory.tasks.model import Fact, GoldCall, Turn

_INDEX = re.compile(r"\[\d+\]")
_ONE = re.compile(
    r"\b1 ((?:(?!hundred)[a-z-]*[a-rt-z-] )?)(?!goes\b|has\b|was\b|costs\b)"
    r"([a-z]+[^s\W]s|people|children|men|women|feet)\b(?: (are|were|have|go|cost)\b)?"
)
_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} [A-Z][a-z]+(?: \d{4})?")
_OF_IT = re.compile(r"it('s)? ")
_THIRD = {"are": "is", "were": "was", "have": "has", "go": "goes", "cost": "costs"}
_PRICES = frozenset(
    "price total fare cost fee amount balance premium deposit refund difference discount rent rate sum tax".split()
)


def reported_read(known: Knowledge, turn: Turn, call: GoldCall, facts: Sequence[Fact], rng: Random) -> str:
    """Return what a read found; how many rows, where no fact says what matters."""
    counts = [fact for fact in facts if fact.path.endswith("[]")]
    rest = [fact for fact in facts if not fact.path.endswith("[]")]
    parts = [counted_rows(known, call, rng)] if counts or not rest else []
    if _are_rows(rest, known.tool(call).frames.get("class") in ("list", "search")):
        return " ".join([*parts, tidy(listed_rows(known, call, rest, rng))])
    groups: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in rest:
        subject, table = _about(known, call, fact)
        holder = fact.path.rpartition(".")[0]
        groups.setdefault((subject, table, "" if subject and "[" not in holder else holder), []).append(fact)
    parts += [_row_sentence(known, turn, call, group, *about[:2]) for about, group in groups.items()]
    return " ".join(part for part in parts if part)


def counted_rows(known: Knowledge, call: GoldCall, rng: Random) -> str:
    """Return how many rows a read found, in the tool's own words where it has some."""
    templates = [text for text in known.tool(call).frames.get("done", []) if "{count}" in text]
    filled = [text for text in (fill(known, call, template) for template in templates) if text is not None]
    if filled:
        return tidy(rng.choice(filled))
    lists = [(name, value) for name, value in (call.result or {}).items() if isinstance(value, list)]
    if not lists:
        return ""
    name, rows = lists[0]
    lore = known.after.get(call.environment, known.lore(call))
    keys = [row_key(lore, row) for row in rows]
    noun = row_noun(lore, name, rows) if len(set(keys)) == len(keys) else singular(name.replace("_", " "))
    start = rng.choice(["There are", "I found", "I see"])
    return tidy(f"{start} {len(rows) or 'no'} {noun if len(rows) == 1 else plural(noun)}")


def clause(known: Knowledge, call: GoldCall, fact: Fact) -> str:
    """Return one fact as a clause that can stand alone or follow a name."""
    field = _INDEX.sub("", fact.path).rpartition(".")[2] or fact.name
    said = fact_words(known, call, fact)
    template = known.tool(call).frames.get("facts", {}).get(field)
    if isinstance(fact.value, int | float) and fact.value < 0:
        return _below(field, fact_words(known, call, fact.model_copy(update={"value": -fact.value})), str(template))
    if isinstance(template, str):
        return _by_template(template, said, fact)
    return _by_name(field, said, fact)


def tidy(text: str) -> str:
    """Return a sentence whose nouns and verbs agree with a count of one."""
    one = _ONE.sub(lambda m: f"1 {m[1]}{singular(m[2])}" + (f" {_THIRD[m[3]]}" if m[3] else ""), text)
    return stating.sentence(re.sub(r"\bthere are 1\b", "there is 1", re.sub(r"\bThere are 1\b", "There is 1", one)))


# --- rows of a list ---------------------------------------------------------------------------------------------------


def _are_rows(facts: Sequence[Fact], finds_rows: bool) -> bool:
    """Tell whether facts are what tells the rows of one list apart: several rows, or the one row that was found."""
    rows = {fact.path.rpartition(".")[0] for fact in facts}
    lists = {_INDEX.sub("[]", row) for row in rows}
    if not all("[" in fact.path for fact in facts) or len(lists) != 1:
        return False
    alone = not any(fact.rivals or fact.kind in ("money", "number", "boolean") for fact in facts)
    return len(rows) > 1 or (alone and (len(facts) == 1 or finds_rows))


# --- facts of one row -------------------------------------------------------------------------------------------------


def _row_sentence(known: Knowledge, turn: Turn, call: GoldCall, facts: list[Fact], subject: str, table: str) -> str:
    superlative = _superlative(known, turn, table) if any("[" in fact.path for fact in facts) else ""
    clauses = [clause(known, call, fact) for fact in facts if not _held(known, call, fact, subject)]
    if not clauses and superlative:
        return tidy(f"{superlative} is {subject}")
    if not clauses:
        return _named_already(known, call, facts, subject, table)
    if not subject:
        return " ".join(tidy(each) for each in clauses)
    if superlative:
        return tidy(f"{superlative} is {subject}: {_joined(clauses)}")
    first, *rest = sorted(clauses, key=lambda each: not _OF_IT.match(each))
    if _OF_IT.match(first):
        first = re.sub(r"^it('s)? ", lambda it: f"{subject} {'is ' if it[1] else ''}", first)
        return tidy(_day_once(subject, _joined([first, *rest])))
    return tidy(_day_once(subject, f"{subject}: {_joined([first, *rest])}"))


def _held(known: Knowledge, call: GoldCall, fact: Fact, subject: str) -> bool:
    """Tell whether a row's name states a fact; a number in it is never meant for one."""
    return fact.kind not in ("number", "money") and fact_words(known, call, fact).casefold() in subject.casefold()


def _named_already(known: Knowledge, call: GoldCall, facts: list[Fact], subject: str, table: str) -> str:
    """Return the sentence for facts that the row's name holds already: the clause itself, about the bare noun."""
    dated = [clause(known, call, fact) for fact in facts if fact.kind in ("date", "datetime", "time")]
    if len(dated) < len(facts):
        return tidy(f"that is {subject}")
    whose = known.lore(call).whose(table)
    return tidy(_joined([re.sub(r"^it ", f"{whose} ", each) for each in dated]))


def _day_once(subject: str, text: str) -> str:
    """Return a sentence that says the day its subject has only there: `… on Friday 6 August leaves at 06:40`."""
    day = _DAY.search(subject)
    if day is None:
        return text
    head, rest = text[: len(subject)], text[len(subject) :]
    return head + rest.replace(f" on {day[0]}", "")


def _joined(clauses: list[str]) -> str:
    lowered = [clauses[0], *(each if each.startswith("I ") else each[0].lower() + each[1:] for each in clauses[1:])]
    return stating.listed(lowered)


def _about(known: Knowledge, call: GoldCall, fact: Fact) -> tuple[str, str]:
    """Return the name and table of what a fact is of.

    What a look at somebody's booking says of its fare is said of the booking: "2 bags are included".
    """
    lore, holder = known.after[call.environment], fact.path.rpartition(".")[0]
    row = value_at(call.result, holder)
    found = _named_by(known, call, row if isinstance(row, dict) else {})
    given = ("", "") if "[" in holder else _named_by(known, call, call.arguments)
    if not found[0] or (lore.is_owned(given[1]) and not _OF_IT.match(clause(known, call, fact))):
        return given if given[0] else found
    return found


def _named_by(known: Knowledge, call: GoldCall, place: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and table of the first row whose key stands in an object, the signed-in person's aside."""
    lore = known.after[call.environment]
    for name, key in place.items():
        table = lore.tables.get(name, "")
        if table and table != lore.contracts.principal and isinstance(key, str | int):
            found = lore.name(table, key)
            if found:
                return found, table
    return "", ""


def _superlative(known: Knowledge, turn: Turn, table: str) -> str:
    """Return `the cheapest room` where the person asked for the row by a ranking."""
    for lore in known.lores.values():
        ranks = lore.contracts.entities.get(table, {}).get("rank", {})
        for each in turn.mentions:
            adjective = ranks.get(f"{each.slot.rpartition('.')[2]}:{each.value}", {}).get("adj")
            if each.form == "ranked" and adjective:
                return f"the {adjective} {lore.noun(table)}"
    return ""


def _by_template(template: str, said: str, fact: Fact) -> str:
    """Return an authored clause: its hole filled, negated where the fact is that it is not so."""
    if fact.value is False:
        return re.sub(r"\b(is|are|has|can)\b", r"\1 not", template, count=1)
    if fact.kind == "date":
        template = re.sub(r"\bat (\{\w+\})", r"on \1", template)
    return re.sub(r"\{\w+\}", lambda _: said, template)


def _by_name(field: str, said: str, fact: Fact) -> str:
    """Return a clause made from a field's name: `departs_at` is "it departs at …", `places_left` "there are … left"."""
    words = stating.words_of(field)
    if fact.kind in ("date", "time", "datetime"):
        return _dated(field, words, said, "on" if fact.kind == "date" else "at")
    if fact.kind == "number" and re.search(r"_(left|free|available)$", field):
        noun, _, rest = words.rpartition(" ")
        return f"there are {said} {noun} {rest}"
    if fact.kind == "boolean":
        return f"{words}: {said}"
    if field == "status":
        return f"it is {said}"
    if fact.kind == "money" and words.split(" ")[-1] not in _PRICES:
        return f"the {words} price is {said}"
    return f"the {words} is {said}"


def _below(field: str, said: str, template: str) -> str:
    """Return what is below zero as people say it: "that is €8.61 less", "you get €5.00 back" of what is still to pay."""
    words = stating.words_of(field)
    if re.search(r"\b(?:to pay|owed?|open|outstanding|due)\b", f"{template} {words}"):
        return f"you get {said} back"
    if "difference" not in words:
        return f"the {words} is {said} under zero"
    noun = words.replace("difference", "").strip()
    return " ".join(f"that is {said} {noun} less".split())


def _dated(field: str, words: str, said: str, preposition: str) -> str:
    verb = words.split(" ")[-1]
    if verb in ("date", "day", "time"):
        return f"the {words} is {said}"
    if field.endswith("_until"):
        return f"it is {words} until {said}"
    if re.fullmatch(r"[a-z]{3,}s", verb) and field.endswith(("_at", "_on")):
        return f"it {words} {preposition} {said}"
    return f"it was {words} {preposition} {said}" if verb.endswith("ed") else f"the {words} is {preposition} {said}"
