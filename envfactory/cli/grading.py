"""Gold paths and rollouts, played again in the sandbox and graded, for the commands `tasks replay` and `tasks grade`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from envfactory.environments.artefact import MANIFEST
from envfactory.errors import ArtefactError, TaskError
from envfactory.tasks.grader import gold_path, grade, grade_path, turn_marks
from envfactory.tasks.model import Grade, Rollout, Task
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


def grade_rollout(task: Task, rollout: Rollout, scope: Scope) -> Grade:
    """Grade what a solver did."""
    return grade(task, rollout, scope)


def read_rollouts(file: Path) -> Iterator[tuple[str, Rollout]]:
    """Yield the task's id and the rollout of each line; TaskError names the line that cannot be read."""
    try:
        with file.open() as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _rollout(line, f"{file}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise TaskError(f"{file}: {reason}", remedy="give a file of rollouts, a JSON object a line") from error


def _rollout(line: str, place: str) -> tuple[str, Rollout]:
    remedy = 'a line is {"task": ID, "calls": [...], "answers": [one a turn]}; a call has environment, tool, arguments, outcome, turn'
    try:
        told: Any = json.loads(line)
        task = told.pop("task")
        return str(task), Rollout.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise TaskError(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}", remedy=remedy) from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise TaskError(f"{place} is no rollout", remedy=remedy) from error
