"""Environments of tasks found in a library, and gold paths played again and graded, for `tasks replay` and `grade`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from envfactory.tasks.grader import gold_path, grade_path, turn_marks
from envfactory.tasks.model import Grade, Task
from envfactory.tasks.model import Path as Way
from envfactory.tasks.play import play
from envfactory.tasks.scope import Scope, all_references, folders_of


def scope_for(tasks: Sequence[Task], library: Path, tier: str) -> Scope:
    """Open the environments that tasks name; ArtefactError where the library lacks one."""
    return Scope.open(folders_of(tasks, library), tier=tier)


def grade_gold(task: Task, scope: Scope) -> Grade:
    """Play a task's gold calls with its own answers and grade them."""
    stored: Way | None = next((path for path in task.accept if path.kind == "gold"), None)
    path = stored or gold_path(task, scope, [turn.answer for turn in task.turns])
    scope.require(all_references(task))
    played = play(scope, path.steps, marks=turn_marks(task, path.steps), images=True)
    return grade_path(task, path, played, scope, None)
