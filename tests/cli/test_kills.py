"""Runs that are killed at any moment, or interrupted twice: resumed until done, they end as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from envfactory.environments.files import digest

ROOT = Path(__file__).parents[2]
ASKED = ("--domain", "travel", "--no-tasks")
STEPS = 1 + 3 * 6  # explore; for each of three environments design, code, test, gate, revise, gate
pytestmark = pytest.mark.long


def begin(place: Path, seconds: float, *arguments: str) -> subprocess.Popen[str]:
    place.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.cli.scripted", str(place / "steps"), str(seconds), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=place, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def steps(place: Path) -> list[str]:
    return (place / "steps").read_text().splitlines() if (place / "steps").exists() else []


def library(place: Path) -> dict[str, str]:
    root = place / "library"
    return {
        str(path.relative_to(root)): digest(path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()
    }


def begun(place: Path) -> bool:
    return any(place.glob("runs/*/run.json"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    place = tmp_path_factory.mktemp("undisturbed")
    with begin(place, 0, *ASKED) as process:
        process.communicate(timeout=120)
    assert (process.returncode, len(steps(place))) == (0, STEPS)
    return library(place)


def waits(generator: random.Random) -> Iterator[float]:
    while True:
        yield generator.uniform(0.02, 0.5)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path, undisturbed: dict[str, str], seed: int) -> None:
    place, kills = tmp_path / "place", 0
    for wait in waits(random.Random(seed)):
        process = begin(place, 0.1, *(("--resume", "last") if begun(place) else ASKED))
        before = len(steps(place))
        while process.poll() is None and len(steps(place)) == before:
            time.sleep(0.005)
        try:
            process.wait(wait)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        finally:
            process.communicate()
    assert process.returncode == 0
    assert kills >= 2
    assert library(place) == undisturbed
    assert len(steps(place)) <= STEPS + 2 * kills  # a kill costs at most the step in flight of each environment
    (checkpoints,) = place.glob("runs/*/checkpoints.db")
    with closing(sqlite3.connect(checkpoints)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def when_at(place: Path, process: subprocess.Popen[str], count: int) -> None:
    while process.poll() is None and len(steps(place)) < count:
        time.sleep(0.005)


def test_a_second_interrupt_ends_at_once_and_the_run_goes_on(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    process = begin(tmp_path, 2.0, *ASKED)
    when_at(tmp_path, process, 1)
    time.sleep(0.5)  # the next step is in flight, for another second and a half
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.splitlines()[-2:][0].startswith("error: interrupted")
    assert "Warning" not in said
    assert "--resume travel-" in said.splitlines()[-1]
    with begin(tmp_path, 0, "--resume", "last") as resumed:
        resumed.communicate(timeout=60)
    assert (resumed.returncode, library(tmp_path)) == (0, undisturbed)


def test_a_termination_leaves_a_run_that_goes_on(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    process = begin(tmp_path, 0.3, *ASKED)
    when_at(tmp_path, process, 3)
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert (process.returncode, "--resume travel-" in said) == (130, True)
    with begin(tmp_path, 0, "--resume", "last") as resumed:
        resumed.communicate(timeout=60)
    assert (resumed.returncode, library(tmp_path)) == (0, undisturbed)
