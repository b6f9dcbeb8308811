"""The solve rate of a task, measured: attempts of a solver, graded by the task's grader, and what to do with the task.

A task is *ambiguous* where attempts that took the words at their word came to different end states: each made only calls
that succeeded and did as much as the goal wants, yet they disagree among themselves and one of them is the goal. Which
rows the searcher takes among those that fit equally is drawn by lot, so an unsettled choice shows in a few attempts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from envfactory.calibration.conversation import attempt
from envfactory.calibration.solver import Solver
from envfactory.tasks.grader import ends_of, grade
from envfactory.tasks.model import Calibration, Grade, Rollout, Task
from envfactory.tasks.scope import Scope

Verdict = Literal["keep", "too_hard", "too_easy", "ambiguous", "unmeasured"]


@dataclass(frozen=True)
class Attempt:
    """One graded attempt."""

    rollout: Rollout
    grade: Grade


def attempts_at(
    task: Task, scope: Scope, solver: Solver, attempts: int, seed: int, *, hopeless_after: int | None = None
) -> list[Attempt]:
    """Return graded attempts; those that broken infrastructure ended are left out.

    With `hopeless_after`, so many failures and no success are the end of it.
    """
    made: list[Attempt] = []
    rollouts = (attempt(task, scope, solver, f"{seed}/{task.id}/{number}") for number in range(attempts))
    for each in graded(task, rollouts, scope):
        made.append(each)
        if len(made) == hopeless_after and not any(one.grade.solved for one in made):
            break
    return made


def graded(task: Task, rollouts: Iterable[Rollout], scope: Scope) -> Iterator[Attempt]:
    """Yield rollouts with their grades, without those that infrastructure broke; the same rollout is graded once."""
    wanted = ends_of(task, scope)
    known: list[Attempt] = []
    for rollout in rollouts:
        same = next((each for each in known if each.rollout == rollout), None)
        told = same or Attempt(rollout, grade(task, rollout, scope, gold_by_turn=wanted))
        if told.grade.status == "graded":
            known.append(told)
            yield told


def calibrate(task: Task, scope: Scope, solver: Solver, attempts: int, seed: int) -> Calibration:
    """Return the measured calibration of a task: how many of `attempts` attempts solved it, with how many calls."""
    return calibration_of(task, attempts_at(task, scope, solver, attempts, seed), solver.name)


def calibration_of(task: Task, made: Sequence[Attempt], solver: str) -> Calibration:
    """Return what graded attempts come to."""
    return Calibration(
        solver=solver,
        attempts=len(made),
        solved=sum(each.grade.solved for each in made),
        calls=[len(each.rollout.calls) for each in made],
        ambiguous=is_ambiguous(task, made),
    )


def is_ambiguous(task: Task, made: Sequence[Attempt]) -> bool:
    """Whether attempts that follow the words reach different ends: same tools in the same turns, other rows, all accepted."""
    solved = [each for each in made if each.grade.solved]
    if not solved:
        return False
    like = [each for each in made if not each.grade.solved and _follows(each.rollout, solved)]
    return bool(like) and len(like) * 3 >= len(solved)


def _follows(rollout: Rollout, solved: Sequence[Attempt]) -> bool:
    """Whether a rollout made, without an error, the same writes as a solved one but on other rows."""
    return all(call.outcome == "ok" for call in rollout.calls) and any(
        _differs_in_rows(rollout, each.rollout) for each in solved
    )


def _differs_in_rows(one: Rollout, other: Rollout) -> bool:
    mine, theirs = ([(call.turn, call.environment, call.tool) for call in each.calls] for each in (one, other))
    if Counter(mine) != Counter(theirs):
        return False
    return any(_ids(a.arguments) != _ids(b.arguments) for a, b in zip(one.calls, other.calls, strict=True))


def _ids(arguments: object) -> dict[str, object]:
    return (
        {name: value for name, value in arguments.items() if name.endswith("_id")}
        if isinstance(arguments, dict)
        else {}
    )


def band(calibration: Calibration, low: float = 0.0, high: float = 1.0, *, drop_unsolved: bool = True) -> Verdict:
    """Return what to do with a task whose solve rate must lie within `[low, high]`.

    A rate of 0 is too hard whatever `low` says, unless `drop_unsolved` is False: a weak solver proves nothing.
    """
    if not calibration.attempts:
        return "unmeasured"
    if calibration.ambiguous:
        return "ambiguous"
    if calibration.rate < low or (drop_unsolved and not calibration.solved):
        return "too_hard"
    return "too_easy" if calibration.rate > high else "keep"


@dataclass
class Tally:
    """How many tasks were kept and how many were not, with the reasons."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)

    def add(self, task: Task, low: float, high: float, *, drop_unsolved: bool = True) -> Verdict:
        """Judge a calibrated task and count it; return the verdict."""
        measured = task.calibration or Calibration(solver="", attempts=0, solved=0)
        verdict = band(measured, low, high, drop_unsolved=drop_unsolved)
        self.counts[verdict] += 1
        if verdict != "keep":
            self.reasons[task.id] = (
                f"{verdict}: {measured.solved} of {measured.attempts} attempts of {measured.solver} solved it"
            )
        return verdict


def calibrated(tasks: Iterable[Task], scope: Scope, solver: Solver, attempts: int, seed: int) -> Iterable[Task]:
    """Yield tasks with their calibration."""
    for task in tasks:
        yield task.model_copy(update={"calibration": calibrate(task, scope, solver, attempts, seed)})
