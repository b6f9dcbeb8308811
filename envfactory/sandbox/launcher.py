"""The trusted side's hold on its zygote: starting it clean, asking it for workers, ending it.

One request is in flight at a time, under a lock, so that threads can share it. Where it is interrupted (Ctrl-C between
question and answer) the zygote goes, lest the late answer be taken for the next one's; the next need starts another.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

import envfactory
from envfactory.errors import SandboxError, SandboxUnavailable, WorkerDied
from envfactory.sandbox import control
from envfactory.sandbox.limits import Limits

_BOOT = (
    "import sys, json; sys.path += json.loads(sys.argv[2]); "
    "from envfactory.sandbox.zygote import main; main(int(sys.argv[1]))"
)
_PATIENCE = 30.0  # seconds for an answer of the zygote; it takes milliseconds, a loaded machine's import a second
_MAX_COMPLAINT = 2000


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to start a zygote. `hash_seed` fixes the order of sets of strings in its workers; None draws one."""

    handler: str
    limits: Limits
    tier: str
    paths: tuple[Path, ...] = ()
    preload: tuple[str, ...] = ()
    hash_seed: int | None = None

    def command(self, descriptor: int) -> list[str]:
        """Return the command line; -P -s is what -I does apart from hiding PYTHONHASHSEED."""
        isolation = ["-I"] if self.hash_seed is None else ["-P", "-s"]
        folders = [Path(envfactory.__file__).parents[1], Path(msgspec.__file__).parents[1], *self.paths]
        entries = json.dumps([str(folder) for folder in folders])
        return [sys.executable, *isolation, "-S", "-c", _BOOT, str(descriptor), entries]

    def environment(self) -> dict[str, str]:
        """Return the environment: none, or the hash seed alone."""
        return {} if self.hash_seed is None else {"PYTHONHASHSEED": str(self.hash_seed)}

    def config(self) -> control.Fields:
        """Return what the zygote is told first."""
        return {
            "handler": self.handler,
            "limits": dataclasses.asdict(self.limits),
            "tier": self.tier,
            "preload": self.preload,
            "tzdata": _tzdata(),
        }


class Hatched(NamedTuple):
    """A worker's pid, our ends of its pipes, which of its launcher's zygotes is its parent, and its number there."""

    pid: int
    requests: int
    replies: int
    zygote: int
    number: int


class Launcher:
    """A zygote of its own, started at the first need and again if it should die."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._line: socket.socket | None = None
        self._zygotes = 0
        self._end_zygote: weakref.finalize[..., Launcher] | None = None

    def hatch(self, cpu: int | None) -> Hatched:
        """Have a worker forked; raise WorkerDied where another try may do, SandboxError where it will not."""
        with self._lock:
            answer, descriptors = self._ask({"do": "spawn", "cpu": cpu})
            if "error" in answer:
                raise WorkerDied(f"the zygote could not fork a worker: {answer['error']}")
            requests, replies = descriptors
            return Hatched(answer["pid"], requests, replies, self._zygotes, answer["worker"])

    def end(self, worker: Hatched) -> int | None:
        """Kill a worker and wait for it; return how it ended (see Zygote), None where that is not known."""
        if os.getpid() != self._owner:
            return None
        with self._lock, contextlib.suppress(SandboxError):
            if self._line is not None and worker.zygote == self._zygotes:
                status: int | None = self._ask({"do": "end", "worker": worker.number})[0]["status"]
                return status
        return None

    def close(self) -> None:
        """End the zygote, and with it every worker."""
        with self._lock:
            self._drop()

    def _ask(self, question: control.Fields) -> tuple[control.Fields, Sequence[int]]:
        if os.getpid() != self._owner:
            raise SandboxError("a sandbox cannot be used in a fork of its process", remedy="open another there")
        line = self._line or self._start()
        try:
            control.send(line, question)
            return control.receive(line)
        except OSError as error:
            self._drop()
            raise WorkerDied(f"the zygote is gone: {error}") from error
        except BaseException:
            self._drop()
            raise

    def _start(self) -> socket.socket:
        if not sys.executable:
            raise SandboxUnavailable("python: this process does not know its interpreter, so none can be started")
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                self._recipe.command(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                env=self._recipe.environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us; the zygote goes when we let it
            )
        self._line = ours
        self._zygotes += 1
        self._end_zygote = weakref.finalize(self, _end_zygote, process, ours, self._owner)
        ours.settimeout(_PATIENCE)
        try:
            self._greet(ours, process)
        except BaseException:
            self._drop()
            raise
        return ours

    def _greet(self, line: socket.socket, process: subprocess.Popen[bytes]) -> None:
        try:
            control.send(line, self._recipe.config())
            greeting = control.receive(line)[0]
        except TimeoutError as error:
            raise WorkerDied(f"the zygote was not ready within {_PATIENCE:.0f} s") from error
        except OSError as error:
            raise SandboxError(f"the zygote ended at its start: {_last_words(process)}") from error
        if "error" in greeting:
            raise SandboxError(f"the zygote could not load {self._recipe.handler}: {greeting['error']}")

    def _drop(self) -> None:
        if self._end_zygote is not None:
            self._end_zygote()
        self._line = self._end_zygote = None


def _end_zygote(process: subprocess.Popen[bytes], line: socket.socket, owner: int) -> None:
    """Close the line, which ends the zygote; a fork of the owner only lets go of its copy."""
    line.close()
    if process.stderr is not None:
        process.stderr.close()
    if os.getpid() != owner:
        process.returncode = 0  # not ours to wait for
        return
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_words(process: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
    if process.stderr is None or process.returncode is None:
        return "it said nothing"
    return process.stderr.read(_MAX_COMPLAINT).decode(errors="replace").strip() or f"status {process.returncode}"


def _tzdata() -> str | None:
    spec = importlib.util.find_spec("tzdata")
    if spec is None or not spec.submodule_search_locations:
        return None
    return str(Path(spec.submodule_search_locations[0]) / "zoneinfo")
