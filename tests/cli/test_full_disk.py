"""A disk that is full, or a folder that cannot be written, met by the real commands: one clear line, nothing torn.

A limit on the size of files stands in for the full disk: whoever writes finds out in the middle of a file, root too.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from envfactory.sandbox.doctor import diagnose
from tests.graphs.tasks_process import library

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox"),
]
MOST = 2048
COMMANDS = {
    "sample": ["sample", "library", "--count", "2", "--out"],
    "refine": ["refine", "sampled.jsonl", "--library", "library", "--out"],
    "export": ["export", "refined.jsonl", "--library", "library", "--out"],
}


def ran(folder: Path, arguments: list[str], most: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
    """Run a command where no file may grow beyond so many bytes."""
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}));"
        "from envfactory.cli.main import main; main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library, tasks sampled in it and what refinement made of them."""
    folder = tmp_path_factory.mktemp("disk")
    library(folder / "library")
    for name, file in (("sample", "sampled.jsonl"), ("refine", "refined.jsonl")):
        made = ran(folder, [*COMMANDS[name], file])
        assert made.returncode == 0, made.stderr
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_told_in_a_line_and_leaves_everything_as_it_was(place: Path, name: str) -> None:
    before = held(place)
    told = ran(place, [*COMMANDS[name], f"new-{name}"], MOST)
    error, hint = told.stderr.splitlines()[-2:]
    assert (told.returncode, error.startswith("error: cannot write "), "File too large" in error) == (2, True, True)
    assert "free some space" in hint
    assert held(place) == before


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_made(place: Path, name: str) -> None:
    before = held(place)
    told = ran(place, [*COMMANDS[name], "/proc/nowhere/out"])
    error, hint = told.stderr.splitlines()[-2:]
    assert (told.returncode, error.startswith("error: "), "cannot be written" in error) == (2, True, True)
    assert (hint.startswith(" hint: "), "wanted, for" in told.stderr) == (True, False)
    assert held(place) == before
