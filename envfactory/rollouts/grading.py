"""Grades of many rollouts of the same tasks: what the gold leaves after each turn is played once a task."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from envfactory.errors import SandboxError
from envfactory.tasks.grader import RewardName, ends_of, grade
from envfactory.tasks.model import Grade, Rollout, Task
from envfactory.tasks.play import Changes
from envfactory.tasks.scope import Scope, all_references

_TASKS = 512  # whose gold ends are remembered


class Grader:
    """Grades rollouts by one reward."""

    def __init__(self, scope: Scope, reward: RewardName = "goal") -> None:
        self._scope = scope
        self._reward = reward
        self._ends: OrderedDict[str, Sequence[Changes]] = OrderedDict()

    def require(self, task: Task) -> None:
        """Raise TaskError where the scope lacks what the task was made in."""
        self._scope.require(all_references(task))

    def grade(self, task: Task, rollout: Rollout) -> Grade:
        """Return the grade; its status is `infrastructure` where the rollout's or the grader's own broke."""
        if self._reward == "paper" or rollout.status == "infrastructure":
            return grade(task, rollout, self._scope, self._reward)
        try:
            wanted = self._ends_of(task)
        except SandboxError as error:
            return Grade(status="infrastructure", reward=None, reasons=[str(error)])
        return grade(task, rollout, self._scope, self._reward, gold_by_turn=wanted)

    def _ends_of(self, task: Task) -> Sequence[Changes]:
        if task.id not in self._ends:
            self._ends[task.id] = ends_of(task, self._scope)
            if len(self._ends) > _TASKS:
                self._ends.popitem(last=False)
        return self._ends[task.id]
