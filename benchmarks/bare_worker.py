"""The limit that sandbox_steps.py measures against: the same calls over two bare pipes, and nothing else done.

A process runs SQLite and hand-written tools, and msgpack carries the calls. There are no walls, no deadlines, no
checked arguments, no savepoint about a call, no typed outcomes, no rows by name but those the tools make: what Python,
SQLite, msgpack and the switch between two processes cost alone. What the sandbox costs is what it costs more.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

_HEADER = struct.Struct("<I")
_ANY = 1 << 16  # what a pipe holds; a buffer of more would be mapped anew for every read
_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode


class BareWorker:
    """The process and its pipes; `request` as a sandbox's worker has it, for the ops echo, reset, call and episode."""

    def __init__(self, image: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(image)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin.fileno(), self._process.stdout.fileno()
        self.pid = self._process.pid

    def request(self, op: str, payload: object) -> Any:
        """Return the answer; it must fit the pipe."""
        body = _encode((op, payload))
        os.write(self._requests, _HEADER.pack(len(body)) + body)
        return _decode(os.read(self._replies, _ANY)[_HEADER.size :])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


class _Tools:
    """The tools of sandbox_steps.py, written for speed."""

    def __init__(self, image: bytes) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.deserialize(image)
        self._db.execute("SAVEPOINT start")

    def reset(self) -> bool:
        for each in ("ROLLBACK TO start", "RELEASE start", "SAVEPOINT start"):  # anew: what is kept behind it grows
            self._db.execute(each)
        return True

    def get_guest(self, guest_id: str) -> dict[str, Any]:
        query = "SELECT id, name, points FROM guests WHERE id = ?"
        id_, name, points = self._db.execute(query, (guest_id,)).fetchone()
        return {"id": id_, "name": name, "points": points}

    def list_bookings(self, guest_id: str) -> dict[str, Any]:
        query = "SELECT id, night, cents, status FROM bookings WHERE guest_id = ? ORDER BY id"
        rows = self._db.execute(query, (guest_id,))
        return {"bookings": [{"id": i, "night": n, "cents": c, "status": s} for i, n, c, s in rows]}

    def confirm_booking(self, booking_id: str) -> dict[str, Any]:
        self._db.execute("SELECT status FROM bookings WHERE id = ?", (booking_id,)).fetchone()
        self._db.execute("UPDATE bookings SET status = 'confirmed' WHERE id = ?", (booking_id,))
        return {"booking_id": booking_id, "status": "confirmed"}

    def answer(self, op: str, payload: Any) -> Any:
        if op == "call":
            return getattr(self, payload["tool"])(**payload["arguments"])
        if op == "episode":
            self.reset()
            return [getattr(self, tool)(**arguments) for tool, arguments in payload["calls"]]
        return self.reset() if op == "reset" else payload


def serve(image: Path) -> None:
    """Answer what comes on standard input until it closes."""
    tools = _Tools(image.read_bytes())
    while request := os.read(0, _ANY):
        body = _encode(tools.answer(*_decode(request[_HEADER.size :])))
        os.write(1, _HEADER.pack(len(body)) + body)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
