"""Environments of tasks found in a library, and gold paths played again and graded, for `tasks replay` and `grade`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from envfactory.environments.artefact import MANIFEST
from envfactory.errors import ArtefactError
from envfactory.tasks.grader import gold_path, grade_path, turn_marks
from envfactory.tasks.model import Grade, Task
from envfactory.tasks.model import Path as Way
from envfactory.tasks.play import play
from envfactory.tasks.scope import Scope, all_references


def scope_for(tasks: Sequence[Task], library: Path, tier: str) -> Scope:
    """Open the environments that tasks name; ArtefactError where the library lacks one."""
    wanted = {reference.name: reference for task in tasks for reference in all_references(task)}
    folders: dict[str, Path] = {}
    for manifest in sorted(library.rglob(MANIFEST)):
        told = json.loads(manifest.read_bytes())
        reference = wanted.get(told.get("name", ""))
        if reference is not None and told.get("domain") == reference.domain:
            folders[reference.name] = manifest.parent
    missing = sorted(set(wanted) - set(folders))
    if missing:
        raise ArtefactError(
            f"{library} has no environment {missing[0]}", remedy="name the tasks' library: --library DIR"
        )
    return Scope.open(folders.values(), tier=tier)


def grade_gold(task: Task, scope: Scope) -> Grade:
    """Play a task's gold calls with its own answers and grade them."""
    stored: Way | None = next((path for path in task.accept if path.kind == "gold"), None)
    path = stored or gold_path(task, scope, [turn.answer for turn in task.turns])
    scope.require(all_references(task))
    played = play(scope, path.steps, marks=turn_marks(task, path.steps), images=True)
    return grade_path(task, path, played, scope, None)
