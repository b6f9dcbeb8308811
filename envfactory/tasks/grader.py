"""Grading: a rollout's calls are replayed from the initial state, then compared with the goal.

Only the calls count, not what a rollout says came of them; so stored rollouts can be graded again at any time, under
another reward too. The final diff is read by the witnesses from the state images. Where infrastructure fails there
is no reward at all, which is not the same as 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from envfactory.errors import SandboxError
from envfactory.runtime.paths import find
from envfactory.tasks.changes import compare
from envfactory.tasks.facts import Executed, check_facts
from envfactory.tasks.model import FromResult, GoldCall, Grade, Path, Played, Rollout, Step, Task
from envfactory.tasks.play import FAULTS, Changes, Outcome, Playback, play, word
from envfactory.tasks.rewards import Evidence, TurnEvidence, goal, paper
from envfactory.tasks.scope import Scope, all_references

RewardName = Literal["goal", "paper"]
_NO_CALL: Outcome = {"status": "error", "code": "UNKNOWN_TOOL", "message": "no such tool was offered"}
_NO_ARGUMENTS: Outcome = {"status": "error", "code": "INVALID_ARGUMENT", "message": "the arguments must be an object"}


def grade(
    task: Task,
    rollout: Rollout,
    scope: Scope,
    reward: RewardName = "goal",
    *,
    gold_by_turn: Sequence[Changes] | None = None,
) -> Grade:
    """Grade a rollout; raise TaskError where the scope does not hold the environments the task was made in.

    Who grades many rollouts of a task gives what `ends_of` says of it, which is played each time otherwise.
    """
    scope.require(all_references(task))
    if rollout.status == "infrastructure":
        return _ungraded("the rollout's own infrastructure failed")
    offered = set(scope.served(task).values())
    kept = [number for number, call in enumerate(rollout.calls) if _is_played(call, offered)]
    steps = [_step(rollout.calls[number]) for number in kept]
    played = play(scope, steps, marks=turn_marks(task, steps), images=True)
    if not played.played:
        return _ungraded(played.message)
    outcomes = dict(zip(kept, played.outcomes, strict=True))
    calls = [
        Executed(call.environment, call.tool, call.arguments, outcomes.get(number) or _unplayed(call), call.turn)
        for number, call in enumerate(rollout.calls)
    ]
    if reward == "paper":
        return paper(task, rollout, played.changes)
    try:
        return assess(task, rollout, calls, played, turn_marks(task, steps), scope, gold_by_turn, explained=True)
    except SandboxError as error:
        return _ungraded(str(error))


def grade_path(task: Task, path: Path, played: Playback, scope: Scope, gold_by_turn: Sequence[Changes] | None) -> Grade:
    """Grade a path that was played with the marks `turn_marks(task, path.steps)`."""
    if not played.played:
        return _ungraded(played.message)
    calls = executed(path, played)
    rollout = as_rollout(path, played)
    return assess(task, rollout, calls, played, turn_marks(task, path.steps), scope, gold_by_turn)


def assess(
    task: Task,
    rollout: Rollout,
    calls: Sequence[Executed],
    played: Playback,
    marks: Sequence[int],
    scope: Scope,
    gold_by_turn: Sequence[Changes] | None,
    *,
    explained: bool = False,
) -> Grade:
    """Grade what was played; `gold_by_turn` (net changes of the gold after each turn) is played if not given."""
    state = compare(task.goal.changes, played.changes, scope, task.goal, explained=explained)
    facts = check_facts(task, rollout.answers, calls, state.renaming)
    ends = ends_of(task, scope) if gold_by_turn is None else gold_by_turn
    turns = _turns(task, played, marks, ends, calls, scope)
    clean = state.same or _is_some_end(played.changes, ends, task, scope)
    return goal(task, rollout, Evidence(state, turns, facts, clean))


def _turns(
    task: Task,
    played: Playback,
    marks: Sequence[int],
    ends: Sequence[Changes],
    calls: Sequence[Executed],
    scope: Scope,
) -> list[TurnEvidence]:
    found: list[TurnEvidence] = []
    before: Changes = {}
    for number, mark in enumerate(marks):
        after = played.marked.get(mark, {})
        right = compare(ends[number], after, scope, task.goal).same
        found.append(TurnEvidence(right, after == before, _engaged(task, number, calls)))
        before = after
    return found


def _is_some_end(changes: Changes, ends: Sequence[Changes], task: Task, scope: Scope) -> bool:
    return not changes or any(compare(end, changes, scope, task.goal).same for end in ends)


def _engaged(task: Task, number: int, calls: Sequence[Executed]) -> bool:
    first, last = task.turns[number].calls
    wanted = {call.environment for call in task.gold[first:last]}
    return wanted <= {call.environment for call in calls if call.turn <= number} if wanted else True


# --- rollouts, paths, gold --------------------------------------------------------------------------------------------


def turn_marks(task: Task, steps: Sequence[Step]) -> list[int]:
    """Return for each turn how many steps were made by its end."""
    return [sum(step.turn <= number for step in steps) for number in range(len(task.turns))]


def gold_path(task: Task, scope: Scope, answers: Sequence[str] = ()) -> Path:
    """Return the gold as a path, its arguments bound where their values come to be only while it is played."""
    turns = turn_of_calls(task)
    steps = [
        Step(
            environment=call.environment,
            tool=call.tool,
            arguments=call.arguments,
            bind=_binds(call, scope),
            turn=turns[number],
        )
        for number, call in enumerate(task.gold)
    ]
    return Path(kind="gold", steps=steps, answers=list(answers))


def turn_of_calls(task: Task) -> list[int]:
    """Return the turn of each gold call."""
    turns = [0] * len(task.gold)
    for number, turn in enumerate(task.turns):
        for at in range(*turn.calls):
            turns[at] = number
    return turns


def _binds(call: GoldCall, scope: Scope) -> dict[str, tuple[int, str]]:
    """Bind what no initial row holds: the ids of rows that the path itself makes."""
    return {
        path: (source.call, source.path)
        for path, source in call.sources.items()
        if isinstance(source, FromResult) and _is_new(call, path, scope)
    }


def _is_new(call: GoldCall, path: str, scope: Scope) -> bool:
    value = find(call.arguments, path)
    return isinstance(value, str | int) and value not in scope.initial_values(call.environment)


def ends_of(task: Task, scope: Scope) -> Sequence[Changes]:
    """Return the net changes wanted after each turn; those after the last are the goal's."""
    return gold_changes(task, scope) if len(task.turns) > 1 else [task.goal.changes]


def gold_changes(task: Task, scope: Scope) -> list[Changes]:
    """Return the net changes of the gold after each turn; SandboxError where they cannot be had.

    Without that, a broken worker would make it seem that nothing was wanted.
    """
    path = gold_path(task, scope)
    marks = turn_marks(task, path.steps)
    played = play(scope, path.steps, marks=marks)
    if not played.played:
        raise SandboxError(f"the gold of {task.id} could not be played: {played.message}")
    return [played.marked.get(mark, {}) for mark in marks]


def executed(path: Path, played: Playback) -> list[Executed]:
    """Return a played path's calls."""
    return [
        Executed(step.environment, step.tool, arguments, outcome, step.turn)
        for step, arguments, outcome in zip(path.steps, played.arguments, played.outcomes, strict=True)
    ]


def as_rollout(path: Path, played: Playback) -> Rollout:
    """Return a played path as the rollout of a solver that went this way."""
    calls = [
        Played(
            environment=call.environment,
            tool=call.tool,
            arguments=call.arguments,
            outcome=word(call.outcome),
            result=call.outcome.get("result"),
            turn=call.turn,
        )
        for call in executed(path, played)
    ]
    return Rollout(calls=calls, answers=path.answers)


def _is_played(call: Played, offered: set[tuple[str, str]]) -> bool:
    """Tell whether replaying a call can matter: faults of the runtime never reached the tool."""
    known = (call.environment, call.tool) in offered and isinstance(call.arguments, dict)
    return known and not _was_fault(call)


def _was_fault(call: Played) -> bool:
    return call.outcome in FAULTS and call.result is None


def _unplayed(call: Played) -> dict[str, Any]:
    if _was_fault(call):
        return {"status": "fault", "code": call.outcome, "message": ""}
    return _NO_CALL if isinstance(call.arguments, dict) else _NO_ARGUMENTS


def _step(call: Played) -> Step:
    return Step(environment=call.environment, tool=call.tool, arguments=call.arguments, turn=call.turn)


def _ungraded(reason: str) -> Grade:
    return Grade(status="infrastructure", reward=None, reasons=[reason])
