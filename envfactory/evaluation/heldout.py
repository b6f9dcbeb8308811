"""Our own tasks as a suite: rollouts in episodes of the verified environments, graded by state and facts.

An item is one task; its cluster is its first environment, so that intervals can speak of other environments. A score is
1 where the task is solved; the mean reward and the share of gold calls made stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envfactory.environments.files import digest
from envfactory.errors import TaskError
from envfactory.evaluation.items import Item, Scored
from envfactory.evaluation.playing import Try
from envfactory.rollouts.driver import Job, RolloutOptions, play
from envfactory.rollouts.policy import Policy
from envfactory.rollouts.scripted import scripted
from envfactory.tasks.files import StoredRollout, append_rollouts
from envfactory.tasks.model import Task
from envfactory.tasks.rewards import gold_calls_made
from envfactory.tasks.scope import Scope

EVERY = "all"
_CALLS = ((1, "1"), (2, "2"), (4, "3-4"), (6, "5-6"))


class Heldout:
    """The tasks of one split, in the environments of a scope. `keep` is a folder where whole rollouts are kept."""

    name = "heldout"
    measure = "solved"
    traits = ("environment", "gold calls", "turns", "kind", "abstention")

    def __init__(
        self,
        tasks: Iterable[Task],
        scope: Scope,
        options: RolloutOptions | None = None,
        *,
        split: str = "heldout",
        keep: Path | None = None,
    ) -> None:
        self.name = "heldout" if split == "heldout" else f"tasks-{split}"
        self._split = split
        self._options = options or RolloutOptions()
        self._rollouts = keep and keep / f"{self.name}.rollouts.jsonl"
        self._tasks = {task.id: task for task in tasks}
        self._scope = scope

    def items(self) -> Sequence[Item]:
        """Return the tasks."""
        return [Item(task.id, task.environments[0].name, traits_of(task)) for task in self._tasks.values()]

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        """Play attempts by the driver of rollouts, which tries broken infrastructure once more."""
        options = replace(self._options, side_by_side=side_by_side)
        jobs = [Job(self._tasks[each.item.id], each.attempt) for each in tries]
        for stored in play(jobs, self._scope, policy, options):
            if self._rollouts is not None:
                append_rollouts(self._rollouts, [stored])
            yield self._scored(stored)

    def scripted(self, name: str) -> Policy:
        """Return a script of `rollouts`."""
        return scripted(name, self._tasks.values())

    def facts(self) -> Mapping[str, Any]:
        """Return which tasks these are, and what attempts may take."""
        options = self._options
        return {
            "split": self._split,
            "tasks": _hash(self._tasks),
            "environments": _hash({each.content_hash for task in self._tasks.values() for each in task.environments}),
            "slack": options.rows.slack,
            "spare": options.rows.spare,
            "seed": options.rows.seed,
            "most_tools": options.most_tools,
        }

    def _scored(self, stored: StoredRollout) -> Scored:
        task, grade = self._tasks[stored.task], stored.grade
        graded = grade is not None and grade.status == "graded"
        return Scored(
            item=task.id,
            attempt=stored.attempt,
            status="scored" if graded else "infrastructure",
            score=float(grade is not None and grade.solved),
            cluster=task.environments[0].name,
            traits=traits_of(task),
            parts={
                "reward": (grade.reward or 0.0) if grade else 0.0,
                "gold calls made": gold_calls_made(task, stored.calls),
            },
            why="; ".join(grade.reasons[:3]) if grade and graded else stored.trouble,
            calls=len(stored.calls),
            malformed=stored.unparsed,
            tokens=stored.tokens,
        )


def of_split(tasks: Iterable[Task], split: str) -> list[Task]:
    """Return the tasks of a split; TaskError where there are none."""
    chosen = [task for task in tasks if split in (EVERY, task.split)]
    if not chosen:
        raise TaskError(f"there is no task of the split {split}", remedy="name another with --split, or all")
    return chosen


def traits_of(task: Task) -> dict[str, str]:
    """Return what solve rates are broken down by."""
    outcomes = {turn.outcome for turn in task.turns}
    return {
        "environment": task.environments[0].name,
        "gold calls": next((word for most, word in _CALLS if len(task.gold) <= most), "7 and more"),
        "turns": str(len(task.turns)),
        "kind": "writing" if task.goal.changes else "read-only",
        "abstention": "asked of it" if outcomes & {"refused", "declined"} else "not asked of it",
    }


def _hash(names: Iterable[str]) -> str:
    return digest("\n".join(sorted(names)).encode())[:16]
