"""Descriptions that time has overtaken: what a row was known by when it was read, and is no longer known by now.

"My booking on the 3rd" is no longer that after the booking was moved. A description is fresh where the same read, repeated
just before it is used, still leaves the same one value.
"""

from __future__ import annotations

import json

from envfactory.refinement.flow import turn_of_call
from envfactory.refinement.rehearsal import hear, steps_of
from envfactory.refinement.selection import candidates, distinct, left, same
from envfactory.runtime.paths import value_at
from envfactory.tasks.model import FromResult, Task
from envfactory.tasks.scope import Scope

Memory = dict[str, bool]


def stale(task: Task, scope: Scope, memory: Memory | None = None) -> list[tuple[int, str]]:
    """Return the turn and the argument (`tool.path`) of every description that no longer holds when it is used.

    `memory` keeps what was found between calls about one task and its variants.
    """
    turns = turn_of_call(task)
    found = []
    for number, call in enumerate(task.gold):
        for path, source in call.sources.items():
            if not isinstance(source, FromResult) or not _described_anew(task, number, source, turns):
                continue
            if not _remembered(task, turns[number], source, scope, {} if memory is None else memory):
                found.append((turns[number], f"{call.tool}.{path}"))
    return found


def _described_anew(task: Task, number: int, source: FromResult, turns: dict[int, int]) -> bool:
    """Tell whether a turn describes in its own words what an earlier turn read, with a change in between."""
    turn, read = turns.get(number, 0), turns.get(source.call, 0)
    here = {each.id for each in task.turns[turn].mentions if each.form != "referred"}
    named = [each.mention for each in source.where] + ([source.rank.mention] if source.rank else [])
    changed = any(task.turns[at].outcome == "done" for at in range(read, turn))
    return turn > read and changed and any(name in here for name in named)


def _remembered(task: Task, turn: int, source: FromResult, scope: Scope, memory: Memory) -> bool:
    before = [(call.environment, call.tool, call.arguments) for call in task.gold[: task.turns[turn].calls[0]]]
    read = task.gold[source.call]
    key = json.dumps([before, read.environment, read.tool, read.arguments, source.model_dump()], sort_keys=True)
    if key not in memory:
        memory[key] = _holds_now(task, turn, source, scope)
    return memory[key]


def _holds_now(task: Task, turn: int, source: FromResult, scope: Scope) -> bool:
    read = task.gold[source.call]
    heard = hear(scope, [*steps_of(task.gold[: task.turns[turn].calls[0]]), *steps_of([read])])
    if not heard or heard[-1].outcome != "ok":
        return False
    values = distinct(left(candidates(heard[-1].result, source.path), source.where, source.rank))
    return len(values) == 1 and same(values[0], value_at(read.result, source.path))
