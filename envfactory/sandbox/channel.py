"""The trusted side's end of a worker's two pipes: one frame out, one frame back, before a deadline, under a cap.

Nothing read here is believed: a length is checked before memory is spent on it, bytes nobody asked for are an error,
and time is measured over the whole exchange, so a worker that drips or does not read cannot hold us.
"""

from __future__ import annotations

import os
import select
import time

from envfactory.errors import DeadlineExceeded, ProtocolError, WorkerDied
from envfactory.sandbox.codec import HEADER, HEADER_SIZE

_CHUNK = 1 << 16
_DAY = 86_400.0


class Channel:
    """Owns the two descriptors."""

    def __init__(self, requests: int, replies: int) -> None:
        self._requests, self._replies = requests, replies
        os.set_blocking(requests, False)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(replies, select.POLLIN)
        self._writable.register(requests, select.POLLOUT)

    def send(self, frame: bytes, until: float) -> None:
        """Write a frame before the monotonic time `until`; raise DeadlineExceeded or WorkerDied."""
        sent = self._write(frame, until)
        if sent < len(frame):  # seldom: most frames fit the pipe
            rest = memoryview(frame)[sent:]
            while rest:
                rest = rest[self._write(rest, until) :]

    def receive(self, cap: int, until: float) -> bytes | memoryview:
        """Return one frame's body; raise DeadlineExceeded, WorkerDied or ProtocolError."""
        chunk = self._read(until)
        have = len(chunk)
        if have > HEADER_SIZE and HEADER.unpack_from(chunk)[0] == have - HEADER_SIZE <= cap:
            return chunk[HEADER_SIZE:]  # nearly every answer, so this way is the short one
        return self._rest(chunk, cap, until)

    def _rest(self, chunk: bytes, cap: int, until: float) -> memoryview:
        """Return the body of the frame that `chunk` begins, with what it lacks read."""
        if not chunk:
            raise WorkerDied("the worker ended without an answer")
        while len(chunk) < HEADER_SIZE:
            chunk += self._more(until)
        length: int = HEADER.unpack_from(chunk)[0]
        if length > cap:
            raise ProtocolError(f"an answer of {length} bytes, where {cap} are allowed")
        extra = len(chunk) - HEADER_SIZE - length
        if extra > 0:
            raise ProtocolError(f"{extra} bytes more than the answer")
        return memoryview(chunk)[HEADER_SIZE:] if extra == 0 else self._gather(chunk, length, until)

    def hung_up(self) -> bool:
        """Whether the worker can answer no more."""
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in self._readable.poll(0))

    def close(self) -> None:
        """Close both descriptors; the worker takes it as the order to end."""
        os.close(self._requests)
        os.close(self._replies)

    def _write(self, data: bytes | memoryview, until: float) -> int:
        """Return how many bytes the pipe took; none, after waiting for it, where it was full."""
        try:
            return os.write(self._requests, data) if data else 0
        except BlockingIOError:
            _wait(self._writable, until)
            return 0
        except BrokenPipeError as error:
            raise WorkerDied("the worker ended before it was asked") from error

    def _gather(self, chunk: bytes, length: int, until: float) -> memoryview:
        body = memoryview(bytearray(length))
        have = len(chunk) - HEADER_SIZE
        body[:have] = memoryview(chunk)[HEADER_SIZE:]
        while have < length:
            part = self._more(until, min(length - have, 1 << 20))
            body[have : have + len(part)] = part
            have += len(part)
        return body

    def _more(self, until: float, size: int = _CHUNK) -> bytes:
        part = self._read(until, size)
        if not part:
            raise ProtocolError("the answer breaks off")
        return part

    def _read(self, until: float, size: int = _CHUNK) -> bytes:
        _wait(self._readable, until)
        return os.read(self._replies, size)


def _wait(poll: select.poll, until: float) -> None:
    remaining = min(until - time.monotonic(), _DAY)  # poll(2) takes no more than some three weeks
    if remaining <= 0 or not poll.poll(remaining * 1000):
        raise DeadlineExceeded("no answer within the deadline")
