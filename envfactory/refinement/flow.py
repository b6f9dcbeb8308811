"""The information-flow audit: for every leaf of every gold argument, whence a solver can have it.

It believes no operator and no sampler: what a task claims of an argument's source is evaluated again on what the turns
say and on what the earlier calls returned, and an argument nobody could know is a line with `recovered` false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from envfactory.refinement.selection import candidates, distinct, left, runner_up, same
from envfactory.runtime.paths import value_at
from envfactory.sampling.antecedents import antecedent, argument_leaves
from envfactory.tasks.model import (
    Condition,
    Flow,
    Free,
    FromClock,
    FromProfile,
    FromResult,
    GoldCall,
    Mention,
    Rank,
    Said,
    Source,
    Task,
)


class Spoken(NamedTuple):
    """A mention and the turn it is said in; `asked` where it is said only when the assistant asks."""

    mention: Mention
    turn: int
    asked: bool


class _Way(NamedTuple):
    """How one argument can be had, or why it cannot."""

    told: str
    recovered: bool


def audit_flow(task: Task) -> list[Flow]:
    """Return one line for each leaf of each gold call's arguments, re-derived from the task as it is."""
    spoken = {each.mention.id: each for each in spoken_in(task)}
    turns = turn_of_call(task)
    lines: list[Flow] = []
    for number, call in enumerate(task.gold):
        known = {key: each for key, each in spoken.items() if each.turn <= turns.get(number, -1)}
        for path, value in argument_leaves(call.arguments):
            way = _way(task, number, call.sources.get(path), value, known)
            lines.append(Flow(call=number, path=path, way=way.told, recovered=way.recovered))
    return lines


def unrecovered(lines: Iterable[Flow]) -> list[Flow]:
    """Return the lines whose argument no solver could have."""
    return [line for line in lines if not line.recovered]


def spoken_in(task: Task) -> Iterator[Spoken]:
    """Yield every mention with its turn, replies after what is said unasked."""
    for number, turn in enumerate(task.turns):
        for mention in turn.mentions:
            yield Spoken(mention, number, asked=False)
        for reply in turn.replies:
            for mention in reply.mentions:
                yield Spoken(mention, number, asked=True)


def turn_of_call(task: Task) -> dict[int, int]:
    """Return the turn of each gold call."""
    return {call: number for number, turn in enumerate(task.turns) for call in range(*turn.calls)}


def _way(task: Task, number: int, source: Source | None, value: Any, known: dict[str, Spoken]) -> _Way:
    if isinstance(source, Said):
        return _said(source, value, known)
    if isinstance(source, FromResult):
        return _from_result(task, number, source, value, known)
    if isinstance(source, FromProfile):
        return _from_profile(task, source, value)
    if isinstance(source, FromClock):
        now = next((each.now for each in task.environments if each.name == task.gold[number].environment), "")
        return _Way(f"clock: {now}", bool(now) and str(value).startswith(now[:10]))
    if isinstance(source, Free):
        return _Way("free: the assistant's own words", isinstance(value, str) and bool(value))
    return _Way("no source", recovered=False)


def _said(source: Said, value: Any, known: dict[str, Spoken]) -> _Way:
    spoken = known.get(source.mention)
    if spoken is None:
        return _Way(f"said: {source.mention} is not said by then", recovered=False)
    if not same(spoken.mention.value, value):
        return _Way(f"said: {quoted(spoken)} means {spoken.mention.value!r}, not {value!r}", recovered=False)
    if spoken.mention.form == "referred":
        return _Way(f"said: {quoted(spoken)} only refers back, and names no value", recovered=False)
    return _Way(f"said: {quoted(spoken)}", recovered=True)


def quoted(spoken: Spoken) -> str:
    """Return the words of a mention with the turn, counted from one, and whether they answer a question."""
    words = spoken.mention.words or str(spoken.mention.value)
    return f'"{words}" (turn {spoken.turn + 1}{", when asked" if spoken.asked else ""})'


def _from_profile(task: Task, source: FromProfile, value: Any) -> _Way:
    for profile in task.profile:
        if profile.environment == source.environment and same(profile.columns.get(source.column), value):
            return _Way(f"profile: {profile.table}.{source.column}", recovered=True)
    return _Way(f"profile: {source.column} is not told", recovered=False)


def _from_result(task: Task, number: int, source: FromResult, value: Any, known: dict[str, Spoken]) -> _Way:
    if not 0 <= source.call < number:
        return _Way(f"result of call {source.call}, which comes no earlier", recovered=False)
    call = task.gold[source.call]
    place = f"result of {call.tool}: {source.path}"
    if call.outcome != "ok" or not same(value_at(call.result, source.path), value):
        return _Way(f"{place} does not hold {value!r}", recovered=False)
    mine = call.environment == task.gold[number].environment
    unsaid = _unsaid(call, source, known, task)
    where = [condition for condition in source.where if condition not in unsaid]
    found = distinct(left(candidates(call.result, source.path), where, source.rank))
    described = place + _selection(where, source.rank) + ("" if mine else f" (of {call.environment})")
    if len(found) != 1 or not same(found[0], value):
        reason = f"; not said: {', '.join(each.field for each in unsaid)}" if unsaid else ""
        return _Way(f"{described}: {len(found)} values are left{reason}", recovered=False)
    if source.rank is not None:
        return _ranked(described, call, source, where, known)
    return _Way(described, recovered=True)


def _ranked(
    described: str, call: GoldCall, source: FromResult, where: list[Condition], known: dict[str, Spoken]
) -> _Way:
    rank = source.rank
    if rank is None or rank.mention not in known:
        return _Way(f"{described}: the ranking is not said", recovered=False)
    best, second = runner_up(candidates(call.result, source.path), where, rank)
    return _Way(f"{described}, {best} before {second}", recovered=not same(best, second))


def _unsaid(call: GoldCall, source: FromResult, known: dict[str, Spoken], task: Task) -> list[Condition]:
    """Return the conditions whose constants a solver does not have."""
    return [condition for condition in source.where if not _constant_known(condition, known, task, call)]


def _constant_known(condition: Condition, known: dict[str, Spoken], task: Task, call: GoldCall) -> bool:
    if condition.mention is not None:
        spoken = known.get(condition.mention)
        if spoken is None:
            return False
        if spoken.mention.form == "referred":
            return pointed_at(task, spoken) is not None and same(spoken.mention.value, condition.value)
        return says(spoken.mention, condition)
    told = (value for each in task.profile if each.environment == call.environment for value in each.columns.values())
    return any(same(value, condition.value) for value in told)


def pointed_at(task: Task, spoken: Spoken) -> int | None:
    """Return the last earlier turn that dealt with what a reference points at, where it dealt with one such thing alone."""
    return antecedent(task.turns, task.gold, spoken.turn, spoken.mention)


def says(mention: Mention, condition: Condition) -> bool:
    """Tell whether a mention's denotation is a condition's constant (a day may stand in an instant)."""
    if same(mention.value, condition.value):
        return True
    return condition.op == "contains" and str(condition.value) in str(mention.value)


def _selection(where: Iterable[Condition], rank: Rank | None) -> str:
    parts = [f"{each.field} {each.op} {each.value}" for each in where]
    told = f" where {' and '.join(parts)}" if parts else ""
    return told + (f", {rank.order} {rank.field}" if rank else "")
