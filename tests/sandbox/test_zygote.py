"""The zygote as a process: clean, alone, and gone when nobody holds its line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from envfactory.sandbox import Sandbox
from envfactory.sandbox.launcher import Launcher, Recipe
from envfactory.sandbox.limits import Limits, spare_ids
from tests.sandbox.support import gone, wait_until
from tests.sandbox.world import PLAIN, ROOT


def zygote_of(pid: int) -> int:
    """Return the parent of a worker."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_it_is_executed_clean(plain: Sandbox) -> None:
    with plain.open() as worker:
        zygote = Path(f"/proc/{zygote_of(worker.pid)}")
        command = (zygote / "cmdline").read_bytes().split(b"\0")
        assert command[1:3] == [b"-I", b"-S"]
        assert (zygote / "environ").read_bytes() == b""
        assert (zygote / "cwd").readlink() == Path("/")


def test_hash_seed_is_all_that_its_environment_can_hold(walls: None) -> None:
    source = {"source": "result = hash('envfactory')"}
    hashes = []
    for seed in (1, 1, 2):
        with Sandbox(handler=PLAIN, paths=[ROOT], hash_seed=seed) as sandbox, sandbox.open() as worker:
            environment = Path(f"/proc/{zygote_of(worker.pid)}/environ").read_bytes()
            hashes.append(worker.request("run", source))
            assert environment == b"PYTHONHASHSEED=%d\0" % seed
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's workers are its own")
def test_each_worker_of_root_has_a_user_id_of_its_own(plain: Sandbox) -> None:
    with plain.open() as one, plain.open() as other:
        assert one.layers["uid"] != other.layers["uid"]
        assert one.layers["uid"] in (spare_ids() or [0])


def test_workers_of_one_zygote_share_nothing_written(plain: Sandbox) -> None:
    with plain.open() as one, plain.open() as other:
        one.request("run", {"source": "import json; json.mark = 1; result = 0"})
        assert other.request("run", {"source": "import json; result = hasattr(json, 'mark')"}) is False


def test_random_state_differs_between_workers(plain: Sandbox) -> None:
    source = {"source": "import random; result = random.getrandbits(60)"}
    with plain.open() as one, plain.open() as other:
        assert one.request("run", source) != other.request("run", source)


def test_end_tells_how_a_worker_ended(walls: None) -> None:
    launcher = Launcher(Recipe(PLAIN, Limits(), tier="jail", paths=(ROOT,)))
    try:
        worker = launcher.hatch(None)
        assert launcher.end(worker) == -signal.SIGKILL
        assert launcher.end(worker) is None  # it is known no more, and nobody else is killed in its name
    finally:
        launcher.close()
        os.close(worker.requests)
        os.close(worker.replies)


def test_forgotten_workers_do_not_pile_up(walls: None) -> None:
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox:
        zygote = zygote_of(sandbox.open().pid)
        pids = [sandbox.open().pid for _ in range(5)]
        assert wait_until(lambda: all(map(gone, pids)))
        kept = sandbox.open()
        children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
        assert children == [str(kept.pid)]


def test_death_unseen_is_still_told_rightly(walls: None) -> None:
    launcher = Launcher(Recipe(PLAIN, Limits(), tier="jail", paths=(ROOT,)))
    try:
        worker = launcher.hatch(None)
        os.kill(worker.pid, signal.SIGTERM)
        assert wait_until(lambda: gone(worker.pid))
        other = launcher.hatch(None)  # by now the first has been buried
        assert launcher.end(worker) == -signal.SIGTERM
        assert launcher.end(other) == -signal.SIGKILL
    finally:
        launcher.close()
        for end in (worker.requests, worker.replies, other.requests, other.replies):
            os.close(end)


def test_when_its_line_closes_it_ends_and_its_workers_with_it(walls: None) -> None:
    sandbox = Sandbox(handler=PLAIN, paths=[ROOT])
    worker = sandbox.open()
    zygote = zygote_of(worker.pid)
    sandbox.close()
    assert wait_until(lambda: gone(worker.pid) and gone(zygote))


def test_when_it_is_killed_its_workers_die(walls: None) -> None:
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox:
        worker = sandbox.open()
        os.kill(zygote_of(worker.pid), signal.SIGKILL)
        assert wait_until(lambda: gone(worker.pid))
        assert wait_until(lambda: not worker.alive)


def test_a_line_without_a_word_ends_it_quietly() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            Recipe(PLAIN, Limits(), tier="jail").command(theirs.fileno()),
            pass_fds=[theirs.fileno()],
            env={},
            stderr=subprocess.PIPE,
        )
    ours.close()
    assert process.communicate(timeout=20)[1] == b""
    assert process.returncode == 0
