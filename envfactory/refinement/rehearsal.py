"""Playing a task's gold calls again: what each answers, and what the state is before any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from envfactory.tasks.model import Change, GoldCall, Step, Task
from envfactory.tasks.play import play, word
from envfactory.tasks.scope import Scope


class Heard(NamedTuple):
    """What a call answered: `ok` or its code, and its result."""

    outcome: str
    result: Any


def steps_of(calls: Iterable[GoldCall]) -> list[Step]:
    """Return gold calls as steps of a path."""
    return [Step(environment=each.environment, tool=each.tool, arguments=each.arguments) for each in calls]


def hear(scope: Scope, steps: Sequence[Step]) -> list[Heard] | None:
    """Play steps from the initial state; None where the machinery failed, for then nothing is known."""
    if not steps:
        return []
    played = play(scope, steps)
    if not played.played:
        return None
    return [Heard(word(outcome), outcome.get("result")) for outcome in played.outcomes]


def changes_of(scope: Scope, steps: Sequence[Step]) -> dict[str, list[Change]] | None:
    """Return the net changes of steps played from the initial state; None where the machinery failed."""
    if not steps:
        return {}
    played = play(scope, steps)
    return played.changes if played.played else None


def same_as_recorded(scope: Scope, task: Task) -> bool:
    """Tell whether the gold calls, played again, answer what the task says."""
    return replayed(scope, task) is not None


def replayed(scope: Scope, task: Task) -> dict[str, list[Change]] | None:
    """Return the net changes of the gold calls, played again; None where one of them answers other than recorded."""
    if not task.gold:
        return {}
    played = play(scope, steps_of(task.gold))
    if not played.played or not all(map(_answers_alike, played.outcomes, task.gold)):
        return None
    return played.changes


def _answers_alike(outcome: dict[str, Any], call: GoldCall) -> bool:
    return word(outcome) == call.outcome and (call.outcome != "ok" or outcome.get("result") == call.result)


def before_turn(task: Task, turn: int) -> list[Step]:
    """Return the steps of all earlier turns: the state in which a turn begins."""
    return steps_of(task.gold[: task.turns[turn].calls[0]])
