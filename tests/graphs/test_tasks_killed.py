"""The real stage two, killed again and again wherever it is, ends with the same bytes as one that was left alone."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envfactory.environments.files import digest
from envfactory.sandbox.doctor import diagnose
from envfactory.tasks.files import read_tasks
from tests.graphs.tasks_process import library

ROOT = Path(__file__).parents[2]
COUNT = 12
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox"),
]


def begin(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.graphs.tasks_process", str(folder), str(COUNT)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)


def made(folder: Path) -> dict[str, str]:
    files = [folder / "run" / "tasks.jsonl", *sorted((folder / "datasets").rglob("*"))]
    return {str(path.relative_to(folder)): digest(path.read_bytes()) for path in files if path.is_file()}


def stored(folder: Path) -> int:
    return sum(1 for path in (folder / "run").rglob("*") if path.is_file())


def is_killed_after(process: subprocess.Popen[str], folder: Path, files: int) -> bool:
    """Kill the process as soon as it has stored so many files more; False where it ends before that."""
    wanted = stored(folder) + files
    while process.poll() is None:
        if stored(folder) >= wanted:
            process.kill()
            process.communicate()
            return True
        time.sleep(0.005)
    return False


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    library(folder / "library")
    with begin(folder) as process:
        assert process.communicate(timeout=300)[0] not in ("", "finished 0\n")
    return made(folder)


def test_killed_at_random_moments_it_ends_with_the_same_bytes(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    library(tmp_path / "library")
    generator, kills = random.Random(0), 0
    while True:
        process = begin(tmp_path)
        if kills == 4 or not is_killed_after(process, tmp_path, generator.randint(1, 4)):
            said, _ = process.communicate(timeout=300)
            break
        kills += 1
    ids = [task.id for task in read_tasks(tmp_path / "run" / "tasks.jsonl")]
    assert (said.split()[0], len(set(ids)), kills > 0) == ("finished", len(ids), True)
    assert made(tmp_path) == undisturbed
