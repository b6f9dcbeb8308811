"""The trusted end of a worker's pipes, with the other end in the test's hands."""

from __future__ import annotations

import math
import os
import struct
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from envfactory.errors import DeadlineExceeded, ProtocolError, WorkerDied
from envfactory.sandbox.channel import Channel


class Pipes(NamedTuple):
    channel: Channel
    requests: int
    replies: int


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    (their_requests, requests), (replies, their_replies) = os.pipe(), os.pipe()
    channel = Channel(requests, replies)
    yield Pipes(channel, their_requests, their_replies)
    channel.close()
    for end in (their_requests, their_replies):
        try:
            os.close(end)
        except OSError:
            continue  # the test has closed it


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def framed(body: bytes) -> bytes:
    return struct.pack("<I", len(body)) + body


def test_frame_goes_out_whole(pipes: Pipes) -> None:
    pipes.channel.send(b"frame", soon())
    assert os.read(pipes.requests, 100) == b"frame"


def test_large_frame_goes_out_as_the_other_side_reads(pipes: Pipes) -> None:
    frame, got = os.urandom(1 << 20), bytearray()

    def read_all() -> None:
        while len(got) < len(frame):
            got.extend(os.read(pipes.requests, 1 << 16))

    reader = threading.Thread(target=read_all)
    reader.start()
    pipes.channel.send(frame, soon())
    reader.join()
    assert bytes(got) == frame


def test_side_that_does_not_read_meets_the_deadline(pipes: Pipes) -> None:
    with pytest.raises(DeadlineExceeded):
        pipes.channel.send(bytes(1 << 20), soon(0.05))


def test_request_to_a_dead_worker_is_told(pipes: Pipes) -> None:
    os.close(pipes.requests)
    with pytest.raises(WorkerDied):
        pipes.channel.send(b"frame", soon())


@pytest.mark.parametrize("size", [0, 1, 65531, 65532, 65533])
def test_body_arrives_whole(pipes: Pipes, size: int) -> None:
    body = os.urandom(size)
    writer = threading.Thread(target=os.write, args=(pipes.replies, framed(body)))
    writer.start()
    received = pipes.channel.receive(1 << 20, soon())
    writer.join()
    assert bytes(received) == body


def test_body_in_drips_arrives_whole(pipes: Pipes) -> None:
    def drip() -> None:
        for byte in framed(b"drip"):
            os.write(pipes.replies, bytes([byte]))
            time.sleep(0.002)

    writer = threading.Thread(target=drip)
    writer.start()
    received = pipes.channel.receive(100, soon())
    writer.join()
    assert bytes(received) == b"drip"


def test_deadline_may_be_endless(pipes: Pipes) -> None:
    os.write(pipes.replies, framed(b"body"))
    assert bytes(pipes.channel.receive(100, math.inf)) == b"body"


def test_drips_do_not_stretch_the_deadline(pipes: Pipes) -> None:
    os.write(pipes.replies, framed(bytes(100))[:20])
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        pipes.channel.receive(1000, soon(0.1))
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (framed(bytes(101))[:50], "101 bytes, where 100"),
        (struct.pack("<I", 2**32 - 1), "4294967295 bytes"),
        (framed(b"one") + framed(b"two"), "7 bytes more"),
        (framed(b"one") + b"x", "1 bytes more"),
    ],
)
def test_unasked_or_oversized_bytes_are_an_error_at_once(pipes: Pipes, sent: bytes, complaint: str) -> None:
    os.write(pipes.replies, sent)
    with pytest.raises(ProtocolError, match=complaint):
        pipes.channel.receive(100, soon())


@pytest.mark.parametrize("sent", [b"\x05", framed(b"whole")[:-1]])
def test_answer_that_breaks_off_is_an_error(pipes: Pipes, sent: bytes) -> None:
    os.write(pipes.replies, sent)
    os.close(pipes.replies)
    with pytest.raises(ProtocolError, match="breaks off"):
        pipes.channel.receive(100, soon())


def test_end_without_an_answer_is_a_death(pipes: Pipes) -> None:
    os.close(pipes.replies)
    with pytest.raises(WorkerDied):
        pipes.channel.receive(100, soon())
    assert pipes.channel.hung_up()
