"""Frames: a length, then msgpack of `[sequence, word, value]`; the same in both directions.

Whatever JSON can say crosses unchanged, and bytes too. msgpack has no integer over 64 bits and no lone surrogate, yet
the gate must be able to throw both at a tool, so they travel as extensions. Decoding builds plain values only: never
an object, never code.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

HEADER = struct.Struct("<I")
_BIG_INTEGER, _ODD_TEXT, _ODD_KEYS = 1, 2, 3
_MAX_INTEGER_BYTES = 512
_INTEGER_RANGE = range(-(2**63), 2**64)

Message = tuple[int, str, Any]


class MalformedError(ValueError):
    """Bytes that are not a frame's body."""


class UnsendableError(ValueError):
    """A value that no frame can carry."""


def _extension(code: int, data: memoryview) -> object:
    if code == _BIG_INTEGER and len(data) <= _MAX_INTEGER_BYTES:
        return int.from_bytes(data, "big", signed=True)
    if code == _ODD_TEXT:
        return bytes(data).decode("utf-8", "surrogatepass")
    if code == _ODD_KEYS:
        return dict(_decode_pairs(data))
    raise ValueError(f"extension {code}")


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str, Any], ext_hook=_extension).decode
_decode_pairs = msgspec.msgpack.Decoder(list[tuple[Any, Any]], ext_hook=_extension).decode
_decode_bytes = msgspec.msgpack.Decoder(tuple[int, str, bytes]).decode


def encode(sequence: int, word: str, value: object) -> bytes:
    """Return the whole frame; raise UnsendableError."""
    try:
        body = _encode((sequence, word, value))
    except (OverflowError, UnicodeEncodeError):
        body = _encode_odd(sequence, word, value)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnsendableError(str(error)) from error
    return HEADER.pack(len(body)) + body


def _encode_odd(sequence: int, word: str, value: object) -> bytes:
    try:
        return _encode((sequence, word, _wrapped(value)))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UnsendableError(str(error)) from error


def _wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return _wrapped_dict(value)
    if isinstance(value, list | tuple):
        return [_wrapped(item) for item in value]
    if isinstance(value, int) and value not in _INTEGER_RANGE:
        return msgspec.msgpack.Ext(_BIG_INTEGER, _integer_bytes(value))
    if isinstance(value, str) and not _is_utf8(value):
        return msgspec.msgpack.Ext(_ODD_TEXT, value.encode("utf-8", "surrogatepass"))
    return value


def _wrapped_dict(value: dict[Any, Any]) -> Any:
    pairs = [(_wrapped(key), _wrapped(item)) for key, item in value.items()]
    if any(isinstance(key, msgspec.msgpack.Ext) for key, _ in pairs):
        return msgspec.msgpack.Ext(_ODD_KEYS, _encode(pairs))
    return dict(pairs)


def _integer_bytes(value: int) -> bytes:
    return value.to_bytes(min(value.bit_length() // 8 + 1, _MAX_INTEGER_BYTES), "big", signed=True)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def decode(body: bytes | bytearray | memoryview, *, only_bytes: bool = False) -> Message:
    """Return a body's message, with `only_bytes` only if its value is one bytes value; raise MalformedError."""
    try:
        return _decode_bytes(body) if only_bytes else _decode(body)
    except (ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise MalformedError(str(error)) from error
