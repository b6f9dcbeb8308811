"""What can be counted in the tasks of each environment: sizes, operators, solve rate, and what of it they cover."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from envfactory.sampling.coverage import Coverage
from envfactory.sampling.focus import plausible_codes
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope


@dataclass
class _Counts:
    """Counts over the tasks that name an environment first."""

    tasks: int = 0
    turns: int = 0
    calls: int = 0
    example: str = ""
    split: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    solved: int = 0

    def add(self, task: Task) -> None:
        self.tasks += 1
        self.example, self.split = self.example or task.id, task.split
        self.turns += len(task.turns)
        self.calls += len(task.gold)
        self.outcomes.update(turn.outcome for turn in task.turns)
        self.operators.update(record.operator for turn in task.turns for record in turn.operators)
        if task.calibration is not None:
            self.attempts += task.calibration.attempts
            self.solved += task.calibration.solved


class Facts:
    """Counts tasks in the environments of a scope."""

    def __init__(self, scope: Scope) -> None:
        self._views = {name: EnvironmentView(scope, name) for name in scope.names}
        self._coverage = Coverage(self._views)
        self._counts = {name: _Counts() for name in scope.names}

    def add(self, task: Task) -> None:
        """Count a task."""
        self._counts[task.environments[0].name].add(task)
        self._coverage.add(task)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row an environment: what is covered of what there is stands in pairs."""
        return [{**self._sizes(name), **self._covered(name)} for name in self._views]

    def _sizes(self, name: str) -> dict[str, Any]:
        counts = self._counts[name]
        return {
            "environment": name,
            "split": counts.split,
            "tasks": counts.tasks,
            "example": counts.example,
            "turns": counts.turns,
            "calls": counts.calls,
            "outcomes": dict(counts.outcomes.most_common()),
            "operators": dict(counts.operators.most_common()),
            "solved": [counts.solved, counts.attempts],
        }

    def _covered(self, name: str) -> dict[str, Any]:
        coverage, view = self._coverage, self._views[name]
        values = [edge in coverage.values for edge in coverage.all_values() if edge[0] == name]
        states = [edge in coverage.states for edge in coverage.all_states() if edge[0] == name]
        codes = [(name, tool, code) in coverage.codes for tool in view.tools for code in plausible_codes(view, tool)]
        tools = [(name, tool) in coverage.tools for tool in view.tools]
        return {
            "tools": [sum(tools), len(tools)],
            "edges": [sum(values) + sum(states), len(values) + len(states)],
            "codes": [sum(codes), len(codes)],
        }
