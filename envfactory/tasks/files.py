"""Files of tasks and rollouts: one line of JSON each, read and written a line at a time.

Whole files are written beside their place and renamed. A growing file is appended to; what a kill leaves of a last line
is cut off when it is appended to again, so nothing in it is torn.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import Field, ValidationError

from envfactory.environments.contract import Strict
from envfactory.errors import ArtefactError, TaskError
from envfactory.tasks.model import Grade, Rollout, Task

Line = TypeVar("Line", bound=Strict)
TASKS = "tasks.jsonl"
_TAIL = 1 << 16
_REMEDIES = {
    "task": "give a file of tasks, as `envfactory sample` writes it",
    "rollout": 'a line is {"task": ID, "calls": [...], "answers": [one a turn]}; a call has environment, tool, arguments, turn',
}


class StoredRollout(Rollout):
    """One line of a file of rollouts: the rollout, of which task, and who made it.

    Our own rollouts tell more: `grade` by the reward `rewarded_by` when it was made, `ended` (what ended it), `trouble`
    (what broke), how many `tokens` were written, and the `messages`.
    """

    task: str
    solver: str = ""
    attempt: int = Field(default=0, ge=0)
    grade: Grade | None = None
    rewarded_by: str = ""
    ended: str = ""
    trouble: str = ""
    tokens: int = Field(default=0, ge=0)
    messages: list[dict[str, Any]] = []


def read_tasks(path: Path) -> Iterator[Task]:
    """Yield the tasks of a file; raise TaskError that names the line which is none, or repeats an id."""
    seen: dict[str, int] = {}
    for number, task in _read(path, Task, "task"):
        if task.id in seen:
            raise TaskError(
                f"{path}, line {number}: the id {task.id} stands in line {seen[task.id]} already",
                remedy="delete one of the two lines",
            )
        seen[task.id] = number
        yield task


def read_rollouts(path: Path) -> Iterator[StoredRollout]:
    """Yield the rollouts of a file; raise TaskError that names the line which is none."""
    for _, stored in _read(path, StoredRollout, "rollout"):
        yield stored


def read_lines(path: Path, kind: type[Line], noun: str) -> Iterator[Line]:
    """Yield the lines of a file of any kind, `noun` in words; raise TaskError that names the line which is none."""
    for _, line in _read(path, kind, noun):
        yield line


class TaskFile:
    """The tasks of a file, read anew whenever they are gone through."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Task]:
        return read_tasks(self._path)


def write_tasks(path: Path, tasks: Iterable[Task]) -> None:
    """Write a whole file, or leave the old one as it is; however many tasks, one is held at a time.

    Raise TaskError for a repeated id, ArtefactError where the file cannot be written.
    """
    _write(path, _distinct(tasks))


def write_rollouts(path: Path, rollouts: Iterable[StoredRollout]) -> None:
    """Write a whole file of rollouts, or leave the old one as it is; ArtefactError where it cannot be written."""
    _write(path, rollouts)


def _write(path: Path, lines: Iterable[Strict]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.writelines(map(_line, lines))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise _unplaced(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def _distinct(tasks: Iterable[Task]) -> Iterator[Task]:
    seen: set[str] = set()
    for task in tasks:
        if task.id in seen:
            raise TaskError(f"two tasks have the id {task.id}", remedy="give each task an id of its own")
        seen.add(task.id)
        yield task


def copy_tasks(source: Path, place: Path) -> None:
    """Copy a file of tasks; ArtefactError where that cannot be done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    except OSError as error:
        place.unlink(missing_ok=True)
        raise _unplaced(place, error) from error


def whole_lines(path: Path) -> None:
    """Cut off a torn last line of a file; TaskError where it cannot be written."""
    _open(path, _whole_size(path)).close()


def append_rollouts(path: Path, rollouts: Iterable[StoredRollout]) -> None:
    """Append rollouts to a file, after cutting off a torn last line."""
    append_lines(path, rollouts)


def append_lines(path: Path, lines: Iterable[Strict]) -> None:
    """Append lines of any kind to a file, after cutting off a torn last one."""
    size = _whole_size(path)
    try:
        with _open(path, size) as file:
            file.writelines(map(_line, lines))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unwritable(path, error) from error


def _read(path: Path, kind: type[Line], noun: str) -> Iterator[tuple[int, Line]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _parsed(line, kind, f"{path}, line {number}", noun)
    except OSError as error:
        raise TaskError(f"{path}: {error.strerror}", remedy=_remedy(noun)) from error


def _remedy(noun: str) -> str:
    return _REMEDIES.get(noun, "mend or delete that line")


def _parsed(line: bytes, kind: type[Line], place: str, noun: str) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        torn = not line.endswith(b"\n")
        remedy = "delete the torn last line, or let the run go on: it cuts it off" if torn else _remedy(noun)
        raise TaskError(f"{place} is no {noun}: {where}{': ' if where else ''}{first['msg']}", remedy=remedy) from error


def _whole_size(path: Path) -> int:
    """Return how many bytes of a file are whole lines, read from its end; 0 where there is no file."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            while end > 0:
                start = max(0, end - _TAIL)
                file.seek(start)
                last = file.read(end - start).rfind(b"\n")
                if last >= 0:
                    return start + last + 1
                end = start
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unwritable(path, error) from error
    return 0


def _open(path: Path, size: int) -> BinaryIO:
    """Open a file for appending behind its whole lines."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
        file.truncate(size)
    except OSError as error:
        raise _unwritable(path, error) from error
    return file


def _line(model: Strict) -> bytes:
    return model.model_dump_json(exclude_defaults=True).encode() + b"\n"


def _unplaced(path: Path, error: OSError) -> ArtefactError:
    return ArtefactError(f"cannot write {path}: {error.strerror}", remedy="free some space, or write elsewhere")


def _unwritable(path: Path, error: OSError) -> TaskError:
    return TaskError(f"cannot write {path}: {error.strerror}", remedy="free some space, or name another file")
