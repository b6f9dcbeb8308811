"""What a page of a task says of its parts, in a terminal as in HTML: where an argument comes from, what a result held,
what must be stated, what became of a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from envfactory.phrasing.stating import amount
from envfactory.runtime.paths import value_at
from envfactory.tasks.model import (
    Change,
    Condition,
    Fact,
    Free,
    FromClock,
    FromProfile,
    FromResult,
    OperatorRecord,
    Rank,
    Said,
    Source,
    Task,
)

BAD, OPEN = "red", "yellow"

_RELATIONS = {
    "eq": "is",
    "ne": "is not",
    "le": "is at most",
    "ge": "is at least",
    "lt": "is below",
    "gt": "is above",
    "contains": "has",
}
_ROW = re.compile(r"^(.*\[\d+\])")
_FEW = 12


def source_words(task: Task, turn: int, source: Source | None) -> Text:
    """Say where an argument of a call in a turn comes from."""
    if isinstance(source, Said):
        return Text.assemble(("said ", "dim"), quoted(task, turn, source.mention))
    if isinstance(source, FromResult):
        return _from_result(task, turn, source)
    if isinstance(source, FromProfile):
        return Text.assemble(("profile ", "dim"), source.column)
    if isinstance(source, FromClock):
        return Text("the clock", style="dim")
    return Text("free text", style="dim") if isinstance(source, Free) else Text("no source", style=BAD)


def _from_result(task: Task, turn: int, source: FromResult) -> Text:
    told = Text.assemble((f"call {source.call + 1} ", "dim"), source.path)
    own = [each for each in source.where if _says_itself(each, source)]
    told.append("".join(f" ({quoted(task, turn, each.mention)})" for each in own if each.mention))
    parts = [_condition(task, turn, condition) for condition in source.where if condition not in own]
    if parts:
        told.append(f", where {' and '.join(parts)}")
    if source.rank is not None:
        told.append(f", {_rank(task, turn, source.rank)}")
    return told


def _says_itself(condition: Condition, source: FromResult) -> bool:
    """Whether a condition only says that a value is what it is: the words refer to it, and nothing singles it out."""
    return condition.op == "eq" and source.path == condition.field


def _condition(task: Task, turn: int, condition: Condition) -> str:
    said = f" ({quoted(task, turn, condition.mention)})" if condition.mention else ""
    return f"{condition.field} {_RELATIONS[condition.op]} {shown(condition.value)}{said}"


def _rank(task: Task, turn: int, rank: Rank) -> str:
    said = f" ({quoted(task, turn, rank.mention)})" if rank.mention else ""
    return f"{'least' if rank.order == 'min' else 'greatest'} {rank.field}{said}"


def quoted(task: Task, turn: int, name: str) -> str:
    """Return the words of a mention, and where they stand if not in this turn."""
    for number, each in enumerate(task.turns):
        asked = [mention for reply in each.replies for mention in reply.mentions]
        for mention in [*each.mentions, *asked]:
            if mention.id == name:
                when = "" if number == turn else f" in turn {number + 1}"
                return f"“{mention.words or shown(mention.value)}”{when}{' when asked' if mention in asked else ''}"
    return f"{name}, which nobody says"


def result_words(task: Task, place: int) -> Iterator[Text]:
    """Yield what a call answered: counts of rows and plain values, then each row that something later rests on."""
    call = task.gold[place]
    if call.outcome != "ok":
        yield Text(f"{call.outcome}: {call.message}" if call.message else call.outcome, style=OPEN)
        return
    rows = _rested_on(task, place)
    yield Text(_outline(call.result) or "nothing", style="dim")
    for path in rows:
        yield Text(f"{path}: {_flat(value_at(call.result, path))}", style="dim")


def _rested_on(task: Task, place: int) -> list[str]:
    """Return the paths of the rows of a call's result that later arguments and facts are taken from."""
    sources = [source for call in task.gold for source in call.sources.values() if isinstance(source, FromResult)]
    paths = [source.path for source in sources if source.call == place]
    paths += [fact.path for turn in task.turns for fact in turn.facts if fact.call == place]
    found = [match.group(1) for path in paths if (match := _ROW.match(path))]
    return list(dict.fromkeys(found))


def _outline(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(item)}" for name, item in value.items() if item is not None)
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} row{'s'[: len(value) != 1]}" if value and isinstance(value[0], dict) else shown(value)
    return f"({_flat(value)})" if isinstance(value, dict) else shown(value)


def _flat(value: Any) -> str:
    if not isinstance(value, dict):
        return shown(value)
    told = [f"{name} {_short(item)}" for name, item in value.items() if item is not None]
    return ", ".join(told[:_FEW]) + (", …" if len(told) > _FEW else "")


def fact_words(fact: Fact) -> Text:
    """Say what an answer must state, and where a solver sees it."""
    if fact.kind == "refusal":
        terms = f", with a word of the reason ({', '.join(fact.terms[:6])})" if fact.terms else ""
        return Text.assemble("that it was refused: ", (str(fact.value), "bold"), f" (call {fact.call + 1}){terms}")
    value = amount(fact.value, fact.unit) if fact.kind == "money" and fact.unit else shown(fact.value)
    told = Text.assemble(f"{fact.name} ", (value, "bold"), (f" (call {fact.call + 1} {fact.path})", "dim"))
    if fact.rivals:
        rivals = ", ".join(shown(rival) for rival in fact.rivals[:4])
        told.append(f", and not {rivals}{', …' if len(fact.rivals) > 4 else ''}", style="dim")
    return told


def difference(change: Change) -> str:
    """Say what became of a row."""
    before, after = change.before or {}, change.after or {}
    if change.op == "update":
        return ", ".join(f"{column} {shown(before.get(column))} → {shown(value)}" for column, value in after.items())
    told = {column: value for column, value in (after or before).items() if value is not None and [value] != change.key}
    return ", ".join(f"{column} {shown(value)}" for column, value in told.items())


def shown(value: Any) -> str:
    """Return a value as a person reads it: text as it is, all else as JSON."""
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def operator_words(task: Task, turn: int, record: OperatorRecord) -> str:
    """Say what a refinement was applied to."""
    words = [quoted(task, turn, mention) for mention in record.mentions]
    return f"{record.operator} ({', '.join(words)})" if words else record.operator


def gold_answer(task: Task, turn: int) -> str:
    """Return the answer of a turn, or that of the path that the grader was proven with."""
    gold = next((path for path in task.accept if path.kind == "gold"), None)
    proven = gold.answers[turn] if gold is not None and turn < len(gold.answers) else ""
    return task.turns[turn].answer or proven
