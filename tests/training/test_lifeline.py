"""What a killed training command leaves behind: nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envfactory.training.lifeline import LAUNCHER
from tests.training.conversations import write_dataset
from tests.training.tiny import tiny_folder

ROOT = Path(__file__).parents[2]
MARK = "ENVFACTORY_TEST_MARK"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells of the end of another's child")


def marked(word: str) -> set[int]:
    """Return the processes that run with a mark in their environment; one that has ended has none."""
    found = set()
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            told = place.read_bytes()
        except OSError:
            continue
        if f"{MARK}={word}".encode() in told:
            found.add(int(place.parent.name))
    return found


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Say whether something comes to hold in time."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()


def status(environment: dict[str, str], seconds: int) -> int:
    """Return how a process ended that watches its launcher and sleeps."""
    told = "from envfactory.training.lifeline import end_with_launcher; import time; end_with_launcher(); time.sleep"
    command = [sys.executable, "-c", f"{told}({seconds})"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def test_a_process_whose_launcher_is_gone_ends_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert status({**os.environ, LAUNCHER: str(gone.pid)}, seconds=60) == -signal.SIGKILL


def test_a_process_that_nobody_launched_goes_on() -> None:
    assert status({name: value for name, value in os.environ.items() if name != LAUNCHER}, seconds=0) == 0


def watching(process: int) -> bool:
    """Say whether a process watches another."""
    try:
        return any(str(each.readlink()) == "anon_inode:[pidfd]" for each in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return False


@pytest.mark.long
def test_a_killed_command_leaves_no_process(tmp_path: Path) -> None:
    tiny_folder(tmp_path / "model")
    write_dataset(tmp_path / "set", train=8, validation=2)
    command = [sys.executable, "-m", "envfactory.cli.main", "train", "sft", "--data", str(tmp_path / "set")]
    command += ["--model", str(tmp_path / "model"), "--steps", "100000", "--processes", "2"]
    environment = {**os.environ, MARK: tmp_path.name}
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen([*command, "--out", str(tmp_path / "out")], cwd=ROOT, env=environment, stderr=said)
    begun = within(120, lambda: process.poll() is not None or sum(map(watching, marked(tmp_path.name))) == 2)
    assert (begun, process.poll()) == (True, None), (tmp_path / "said").read_text()
    process.kill()
    process.wait()
    assert within(20, lambda: not marked(tmp_path.name))
