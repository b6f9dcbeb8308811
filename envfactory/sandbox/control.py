"""The line between a sandbox and its zygote: one small JSON message each way, with descriptors attached to replies.

Only trusted code holds its ends: a worker closes everything it inherits before it runs anything.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("<I")
_MAX_DESCRIPTORS = 4

Fields = dict[str, Any]


def send(line: socket.socket, message: Fields, descriptors: Sequence[int] = ()) -> None:
    """Send a message; raise OSError when the other side is gone."""
    body = json.dumps(message).encode()
    frame = _LENGTH.pack(len(body)) + body
    sent = socket.send_fds(line, [frame], descriptors) if descriptors else 0
    line.sendall(frame[sent:])


def receive(line: socket.socket) -> tuple[Fields, list[int]]:
    """Return the next message and its descriptors; raise ConnectionError when the other side is gone, or OSError."""
    head, descriptors, _, _ = socket.recv_fds(line, _LENGTH.size, _MAX_DESCRIPTORS)
    length = _LENGTH.unpack(_rest(line, head, _LENGTH.size))[0]
    return json.loads(_rest(line, b"", length)), list(descriptors)


def _rest(line: socket.socket, have: bytes, wanted: int) -> bytes:
    while len(have) < wanted:
        more = line.recv(wanted - len(have))
        if not more:
            raise ConnectionResetError("the other side closed the line")
        have += more
    return have
