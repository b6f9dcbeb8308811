"""Frames: what goes in comes out, and no bytes do more than fail."""

from __future__ import annotations

import math
import pickle
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.sandbox import codec

INTEGERS = st.integers(-(2**300), 2**300)
TEXTS = st.text() | st.text("ab\ud800\udfff", max_size=4)  # the second with lone surrogates
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | TEXTS | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def body_of(frame: bytes) -> bytes:
    return frame[codec.HEADER.size :]


@given(sequence=st.integers(0, 2**32 - 1), value=VALUES)
def test_every_value_returns_as_it_was(sequence: int, value: Any) -> None:
    assert codec.decode(body_of(codec.encode(sequence, "ok", value))) == (sequence, "ok", value)


@pytest.mark.parametrize("value", [{"\ud800": 1, "b": [{"\udfff": 2**70}]}, {"a": {"\ud800": {"c": -(2**64)}}}])
def test_odd_keys_cross_at_any_depth(value: Any) -> None:
    assert codec.decode(body_of(codec.encode(1, "ok", value)))[2] == value


def test_frame_is_a_length_and_msgpack() -> None:
    assert codec.encode(7, "ok", [None, True]) == b"\x08\0\0\0" + b"\x93\x07\xa2ok\x92\xc0\xc3"


def test_not_a_number_crosses() -> None:
    assert math.isnan(codec.decode(body_of(codec.encode(1, "ok", math.nan)))[2])


@pytest.mark.parametrize("value", [object(), 2**5000, -(2**5000), [object(), "\ud800"], {"a": {"b": print}}])
def test_what_no_frame_can_carry_is_refused(value: object) -> None:
    with pytest.raises(codec.UnsendableError):
        codec.encode(1, "ok", value)


def test_endless_nesting_is_refused() -> None:
    knot: list[Any] = []
    knot.append(knot)
    with pytest.raises(codec.UnsendableError):
        codec.encode(1, "ok", knot)


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_malformed(body: bytes) -> None:
    try:
        message = codec.decode(body)
    except codec.MalformedError:
        return
    assert [type(part) for part in message[:2]] == [int, str]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc0",
        b"\x92\x01\xa2ok",
        b"\x94\x01\xa2ok\xc0\xc0",
        b"\x93\xa11\xa2ok\xc0",  # the sequence as text
        b"\x93\x01\xc4\x02ok\xc0",  # the word as bytes
        b"\x93\x01\xa2ok\xc0\xc0",  # something behind it
        b"\x93\x01\xa2ok\xdd\xff\xff\xff\xff",  # four thousand million items, it says
        b"\x93\x01\xa2ok" + b"\x91" * 100_000,
        b"\x93\x01\xa2ok\xa2\xff\xfe",  # not UTF-8
        b"\x93\x01\xa2ok\xd4\x05a",  # an extension that is not ours
        b"\x93\x01\xa2ok\xc8" + struct.pack(">HB", 513, 1) + bytes(513),  # an integer beyond the bound
        b"\x93\x01\xa2ok\x81\x80\xc0",  # a map as a key
    ],
)
def test_malformed_bodies_are_told(body: bytes) -> None:
    with pytest.raises(codec.MalformedError):
        codec.decode(body)


def odd_keys(pairs: bytes) -> bytes:
    return b"\xc9" + struct.pack(">IB", len(pairs), 3) + pairs


# Keys that all have the same hash: multiples of the number that CPython's hash of an integer is the remainder of.
COLLIDING = [b"\xc7\x0c\x01" + (8 * number * (2**61 - 1)).to_bytes(12, "big") for number in range(1, 20_001)]


@pytest.mark.parametrize(
    "value",
    [
        b"\xdf" + struct.pack(">I", len(COLLIDING)) + b"".join(key + b"\xc0" for key in COLLIDING),
        odd_keys(b"\xdd" + struct.pack(">I", len(COLLIDING)) + b"".join(b"\x92" + key + b"\xc0" for key in COLLIDING)),
    ],
    ids=["a map", "odd keys"],
)
def test_many_keys_of_one_hash_cannot_hold_the_decoder(value: bytes) -> None:
    with pytest.raises(codec.MalformedError):
        codec.decode(b"\x93\x01\xa2ok" + value)


@pytest.mark.parametrize(
    "value",
    [
        {str(number): ["text", 1.5, None, 2**80] for number in range(5000)},
        [b"image" * 20_000, {"deep": [list(range(20_000))]}],
    ],
)
def test_what_is_large_crosses_unchanged(value: Any) -> None:
    body = body_of(codec.encode(1, "ok", value))
    assert codec.decode(body) == codec.decode(memoryview(body)) == (1, "ok", value)


@pytest.mark.parametrize("moment", [b"\xd6\xff" + bytes(4), b"\xd7\xff" + bytes(8), b"\xc7\x0c\xff" + bytes(12)])
def test_a_moment_is_no_plain_value(moment: bytes) -> None:
    with pytest.raises(codec.MalformedError):
        codec.decode(b"\x93\x01\xa2ok\x91" + moment)


def test_bytes_that_only_look_like_a_moment_cross() -> None:
    assert codec.decode(body_of(codec.encode(1, "ok", [b"\xd6\xff....", -1])))[2] == [b"\xd6\xff....", -1]


def test_pickles_are_only_bytes() -> None:
    pickled = pickle.dumps(print)
    assert codec.decode(body_of(codec.encode(1, "ok", pickled)))[2] == pickled


def test_only_bytes_takes_one_bytes_value_and_nothing_else() -> None:
    assert codec.decode(body_of(codec.encode(1, "ok", b"image")), only_bytes=True) == (1, "ok", b"image")
    with pytest.raises(codec.MalformedError):
        codec.decode(body_of(codec.encode(1, "ok", [b"image"])), only_bytes=True)
