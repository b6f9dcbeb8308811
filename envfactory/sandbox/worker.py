"""The life of a worker, from the fork to its end: tie up, wall in, then answer one frame after the other.

Its only two descriptors are the pipes to the trusted side. The standard streams are closed and `sys.stdout` is None,
so `print` in a tool does nothing and a write to descriptor 1 fails; tool code can still find the reply pipe and write
what it likes there, which is why the other side believes no reply beyond its being an observation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NamedTuple, NoReturn, Protocol

from envfactory.errors import SandboxUnavailable
from envfactory.sandbox import codec, jail, limits
from envfactory.sandbox.limits import Limits

REQUESTS, REPLIES = 3, 4  # the descriptors' numbers in every worker
_CHUNK, _LARGE_CHUNK = 1 << 16, 1 << 20
_MAX_FAULT_TEXT = 4000
_FAILED = 70  # EX_SOFTWARE: not an end that anyone asked for
_WALL_MODULES = ("ctypes", "_ctypes", "socket", "_socket", "envfactory.sandbox")


class Handler(Protocol):
    """What a worker runs."""

    def handle(self, op: str, payload: object) -> object:
        """Answer one frame; whatever it raises is reported as a fault."""


class Birth(NamedTuple):
    """What a worker is told by the zygote that forks it. `tier` is "jail", "emptyroot" or "none"."""

    make_handler: Callable[[], Handler]
    bounds: Limits
    tier: str
    spare_id: int | None
    parent: int
    cpu: int | None


def live(birth: Birth, requests: int, replies: int) -> NoReturn:
    """Be a worker on these two descriptors, and never return."""
    status = _FAILED
    try:
        _settle(requests, replies)
        _serve(birth)
        status = 0
    finally:
        os._exit(status)


def _settle(requests: int, replies: int) -> None:
    """Move the pipes to their places and close everything else."""
    sys.stdin = sys.stdout = sys.stderr = None
    high = [os.dup(descriptor) for descriptor in (requests, replies, requests, replies)][2:]  # clear of 3 and 4
    os.dup2(high[0], REQUESTS)
    os.dup2(high[1], REPLIES)
    for stream in (0, 1, 2):
        os.close(stream)
    limits.close_descriptors(REPLIES + 1)


def _serve(birth: Birth) -> None:
    try:
        layers = _wall_in(birth)
        handler = birth.make_handler()
    except SandboxUnavailable as error:
        _write(codec.encode(0, "refused", str(error)))
        return
    except Exception as error:  # noqa: BLE001 - boundary: a handler that cannot be made is a fault like any other
        _write(codec.encode(0, "fault", describe(error)))
        return
    _write(codec.encode(0, "ok", layers))
    handle = handler.handle
    while (body := _read()) is not None:
        _write(_answer(handle, body))


def _wall_in(birth: Birth) -> dict[str, int]:
    if birth.cpu is not None:
        os.sched_setaffinity(0, {birth.cpu})
    if birth.tier == "none":
        if sys.platform == "linux":
            limits.die_with_parent(birth.parent)
            limits.limit_use(birth.bounds)
        return {}
    layers = jail.enter(birth.bounds, spare_id=birth.spare_id, parent=birth.parent, tier=birth.tier)
    for name in [name for name in sys.modules if name.startswith(_WALL_MODULES)]:
        del sys.modules[name]  # tidiness, not a wall: what only the walls needed is no longer importable
    return layers._asdict()


def _answer(handle: Callable[[str, object], object], body: bytes | memoryview) -> bytes:
    sequence, op, payload = codec.decode(body)
    try:
        return codec.encode(sequence, "ok", handle(op, payload))
    except BaseException as error:  # noqa: BLE001 - boundary: a tool may raise SystemExit, or anything else
        return codec.encode(sequence, "fault", describe(error))


def describe(error: BaseException) -> str:
    """Return "Type: message" of an error as text that any frame can carry."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - boundary: the message is made by the tool's own code
        text = f"{type(error).__name__}: (its message cannot be made)"
    return text[:_MAX_FAULT_TEXT].encode("utf-8", "replace").decode()


def _read() -> bytes | memoryview | None:
    """Return the next body; None at the end of the requests, which is the order to go."""
    size = codec.HEADER_SIZE
    chunk = os.read(REQUESTS, _CHUNK)
    if len(chunk) > size and codec.HEADER.unpack_from(chunk)[0] == len(chunk) - size:
        return chunk[size:]  # nearly every request
    chunk = _at_least(size, chunk)
    if chunk:
        chunk = _at_least(size + codec.HEADER.unpack_from(chunk)[0], chunk)
    return memoryview(chunk)[size:] if chunk else None


def _at_least(wanted: int, chunk: bytes) -> bytes:
    """Return `chunk` with what it lacks read behind it; nothing at the end of the requests."""
    if len(chunk) >= wanted or not chunk:
        return chunk
    parts, have = [chunk], len(chunk)
    while have < wanted:
        part = os.read(REQUESTS, min(wanted - have, _LARGE_CHUNK))
        if not part:
            return b""
        parts.append(part)
        have += len(part)
    return b"".join(parts)


def _write(frame: bytes) -> None:
    sent = os.write(REPLIES, frame)
    if sent < len(frame):
        rest = memoryview(frame)[sent:]
        while rest:
            rest = rest[os.write(REPLIES, rest) :]
