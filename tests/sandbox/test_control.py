"""The line to the zygote: whole messages with their descriptors, however they arrive."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

import pytest

from envfactory.sandbox import control


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_message_arrives_with_working_descriptors(line: tuple[socket.socket, socket.socket]) -> None:
    ends = os.pipe()
    control.send(line[0], {"pid": 7}, ends)
    message, (reading, writing) = control.receive(line[1])
    os.write(ends[1], b"through")
    assert (message, os.read(reading, 10)) == ({"pid": 7}, b"through")
    for end in (*ends, reading, writing):
        os.close(end)


def test_messages_sent_together_are_received_apart(line: tuple[socket.socket, socket.socket]) -> None:
    for number in (1, 2):
        control.send(line[0], {"number": number})
    assert [control.receive(line[1])[0]["number"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("sent", [b"", b"\x05", struct.pack("<I", 20) + b'{"half":'])
def test_end_of_the_line_is_told(line: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    line[0].sendall(sent)
    line[0].close()
    with pytest.raises(ConnectionError):
        control.receive(line[1])
