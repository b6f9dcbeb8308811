"""The trusted side: a `Sandbox` opens workers, a `Worker` answers requests.

    with Sandbox() as sandbox, sandbox.open() as worker:
        worker.request("load", spec)
        outcome = worker.request("call", {"tool": "find_flights", "arguments": {...}}, deadline=2.0)

A sandbox may be shared by threads; a worker belongs to one at a time. Whatever goes wrong with a worker (it dies, is
late, answers what is no answer, or we are interrupted while it owes one) it is killed before the error is raised, and
costs only itself: `open` gives the next in milliseconds.

An answer is an observation of what code in the worker says, and that code can say anything: it can forge a reply to
the very request it is serving. No verdict, reward or gold value may rest on it alone.
"""

from __future__ import annotations

import os
import signal
import struct
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import tenacity

from envfactory.errors import (
    ConfigError,
    EnvFactoryError,
    ProtocolError,
    SandboxError,
    SandboxUnavailable,
    WorkerDied,
)
from envfactory.sandbox import codec
from envfactory.sandbox.channel import Channel
from envfactory.sandbox.doctor import Diagnosis, Row, diagnose
from envfactory.sandbox.launcher import Hatched, Launcher, Recipe
from envfactory.sandbox.limits import Limits

HOST = "envfactory.runtime.host:Host"
ECHO = "envfactory.sandbox.echo:Echo"
TIERS = ("auto", "jail", "emptyroot", "none")
_START_ATTEMPTS = 4
_SEQUENCES = struct.Struct("=256I")
_WORDS = frozenset({"ok", "fault", "refused"})
_SIGNS = {
    "SIGKILL": "as when the machine is out of memory, or it had closed its pipe",
    "SIGSEGV": "as after recursion without end or a fault in native code",
    "SIGSYS": "it tried a system call by another architecture's numbers",
    "SIGXCPU": "its CPU time was used up",
}


class HandlerFault(EnvFactoryError):
    """The handler raised: the worker lives on, and the message is "Type: text" of what it raised."""


class Sandbox:
    """Opens workers that run `handler` ("module:Class") behind the walls.

    `tier`: "auto" is "jail" (seccomp and Landlock), where the kernel has no Landlock "emptyroot" (seccomp and an empty
    root), or a refusal; "none" is the same worker without walls.
    `paths` are further folders to import the handler from and `preload` further modules to have ready in workers.
    Raise SandboxUnavailable, naming the layers, where the machine lacks one; ConfigError for an unknown tier.
    """

    def __init__(
        self,
        tier: str = "auto",
        *,
        handler: str = HOST,
        limits: Limits | None = None,
        paths: Sequence[Path] = (),
        preload: Sequence[str] = (),
        hash_seed: int | None = None,
        diagnosis: Diagnosis | None = None,
    ) -> None:
        self.tier = _resolve(tier, diagnosis)
        self.limits = limits or Limits()
        recipe = Recipe(handler, self.limits, self.tier, tuple(paths), tuple(preload), hash_seed)
        self._launcher = Launcher(recipe)
        self._workers: weakref.WeakSet[Worker] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False

    def open(self, *, cpu: int | None = None) -> Worker:
        """Start a worker, on one CPU if given; retry what may pass. Raise SandboxError.

        A request's round trip is several times quicker where both sides run on one CPU, for then it costs no wake-up
        of an idle one.
        """
        if self._closed:
            raise SandboxError("the sandbox is closed")
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_START_ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=0.02, max=0.5),
            retry=tenacity.retry_if_exception_type(WorkerDied),
            reraise=True,
        )
        worker: Worker = retrying(self._open_once, cpu)
        with self._lock:
            self._workers.add(worker)
        return worker

    def _open_once(self, cpu: int | None) -> Worker:
        return Worker(self._launcher.hatch(cpu), self._launcher, self.limits)

    def close(self) -> None:
        """End every worker and the zygote; closing twice is no error."""
        self._closed = True
        with self._lock:
            workers = list(self._workers)
        for worker in workers:
            worker.close()
        self._launcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Worker:
    """One jailed process. Made by `Sandbox.open`."""

    def __init__(self, hatched: Hatched, launcher: Launcher, limits: Limits) -> None:
        self.pid = hatched.pid
        self._hatched = hatched
        self._launcher = launcher
        self._limits = limits
        self._channel = Channel(hatched.requests, hatched.replies)
        # A worker that is merely forgotten ends when its pipes do; asking the zygote from here could deadlock.
        self._release = weakref.finalize(self, self._channel.close)
        self._ended = False
        self._sequences = _unguessable()
        self.layers = self._greet()

    @property
    def alive(self) -> bool:
        """Whether it can still answer."""
        return not self._ended and not self._channel.hung_up()

    def request(self, op: str, payload: object = None, *, deadline: float = 10.0, reply_cap: int | None = None) -> Any:
        """Have the handler answer `op`, within `deadline` seconds (a day at most).

        A reply may have `reply_cap` bytes (the limits' by default), or the limits' `image_cap` if it is one bytes
        value. Raise HandlerFault if the handler raised; after WorkerDied, DeadlineExceeded or ProtocolError the
        worker has been killed.
        """
        if self._ended:
            raise WorkerDied("the worker is closed")
        sequence = next(self._sequences)
        try:
            frame = codec.encode(sequence, op, payload)
        except codec.UnsendableError as error:
            raise SandboxError(f"a request that cannot be sent: {error}") from error
        cap = self._limits.reply_cap if reply_cap is None else reply_cap
        word, value = self._answer(frame, sequence, cap, time.monotonic() + deadline)
        if word == "fault":
            raise HandlerFault(str(value))
        return value

    def close(self) -> None:
        """Kill the worker and wait for its end; closing twice is no error."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _greet(self) -> dict[str, int]:
        until = time.monotonic() + self._limits.start_deadline
        word, value = self._answer(b"", 0, self._limits.reply_cap, until)
        if word == "ok":
            return dict(value)
        self._end()
        if word == "refused":
            raise SandboxUnavailable(str(value), remedy="`envfactory doctor` shows what this machine lacks")
        raise HandlerFault(f"the handler cannot be made: {value}")

    def _answer(self, frame: bytes, sequence: int, cap: int, until: float) -> tuple[str, Any]:
        try:
            self._channel.send(frame, until)
            body = self._channel.receive(max(cap, self._limits.image_cap), until)
            return _judge(body, sequence, cap)
        except WorkerDied as error:
            raise WorkerDied(f"{error.message}: {_explain(self._end())}") from error
        except BaseException:  # Ctrl-C too: the worker owes an answer that must not be taken for the next one's
            self._end()
            raise

    def _end(self) -> int | None:
        if self._ended:
            return None
        self._ended = True
        self._release()
        return self._launcher.end(self._hatched)


def _judge(body: bytes | memoryview, sequence: int, cap: int) -> tuple[str, Any]:
    """Return the word and value of an answer; raise ProtocolError where it is none, or not to this request."""
    try:
        echoed, word, value = codec.decode(body, only_bytes=len(body) > cap)
    except codec.MalformedError as error:
        over = f" ({len(body)} bytes, where {cap} are allowed unless it is one bytes value)" if len(body) > cap else ""
        raise ProtocolError(f"an answer that is not well formed{over}: {error}") from error
    if echoed != sequence:
        raise ProtocolError("an answer to another request than the one asked")
    if word not in _WORDS:
        raise ProtocolError(f"an answer that is neither ok nor fault: {word[:20]!a}")
    return word, value


def _explain(status: int | None) -> str:
    if status is None:
        return "how is not known"
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    return f"{name}, {_SIGNS[name]}" if name in _SIGNS else name


def _unguessable() -> Iterator[int]:
    """Yield sequence numbers that a worker cannot foresee, so that it cannot leave answers to later requests ready."""
    while True:
        yield from _SEQUENCES.unpack(os.urandom(_SEQUENCES.size))


def _resolve(tier: str, diagnosis: Diagnosis | None) -> str:
    if tier not in TIERS:
        raise ConfigError(f"unknown sandbox tier {tier!r}", remedy=f"known are {', '.join(TIERS)}")
    if tier == "none":
        return tier
    found = diagnosis or diagnose(tier=tier)
    found.require_walls()
    return found.tier


def trial() -> Row:
    """Start a worker behind all walls, which proves them from inside, and report it as a row for the doctor."""
    meaning = "a worker was walled in and its forbidden calls failed as they should"
    start = time.perf_counter()
    try:
        with Sandbox(handler=ECHO) as sandbox, sandbox.open() as worker:
            layers = ", ".join(f"{name} {value}" for name, value in worker.layers.items())
    except SandboxError as error:
        return Row("trial", "missing", error.message, meaning, wall=True, options=(error.remedy,))
    return Row("trial", "ok", f"{layers}; {(time.perf_counter() - start) * 1e3:.0f} ms", meaning, wall=True)
