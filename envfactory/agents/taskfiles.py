"""Files of tasks: one line of JSON each, read a line at a time, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from envfactory.errors import ArtefactError, TaskError
from envfactory.tasks.model import Task

TASKS = "tasks.jsonl"


class TaskFile:
    """The tasks of a file, read anew whenever they are gone through."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Task]:
        return read_tasks(self._path)


def read_tasks(path: Path) -> Iterator[Task]:
    """Yield the tasks of a file; TaskError names the line that is no task."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _task(line, f"{path}, line {number}")
    except OSError as error:
        raise TaskError(f"{path}: {error.strerror}", remedy="give a file of tasks, as `sample` writes it") from error


def _task(line: bytes, place: str) -> Task:
    try:
        return Task.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise TaskError(
            f"{place} is no task: {where}{': ' if where else ''}{first['msg']}", remedy="give a file of tasks"
        ) from error


def copy_file(source: Path, place: Path) -> None:
    """Copy a file of tasks; ArtefactError where that cannot be done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    except OSError as error:
        place.unlink(missing_ok=True)
        raise ArtefactError(
            f"cannot write {place}: {error.strerror}", remedy="free some space, or write elsewhere"
        ) from error


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines to a file beside its place and move it there when it is whole; however many, one is held at a time."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ArtefactError(
            f"cannot write {path}: {error.strerror}", remedy="free some space, or write elsewhere"
        ) from error
