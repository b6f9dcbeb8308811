"""Frames: a length, then msgpack of `[sequence, word, value]`; the same in both directions.

Whatever JSON can say crosses unchanged, and bytes too. msgpack has no integer over 64 bits and no lone surrogate, yet
the gate must be able to throw both at a tool, so they travel as extensions. Decoding builds plain values only: never
an object, never code.

A dict whose keys all have the same hash takes time by the square of their number, and such keys are easily made of
anything but text. So what is large is taken apart first, where keys must be text, and no more than `_PIECE` bytes are
decoded at once, whatever their keys: that takes hundredths of a second at worst.
"""

from __future__ import annotations

import marshal
import struct
from typing import Any

import msgspec

HEADER = struct.Struct("<I")
HEADER_SIZE = HEADER.size
_BIG_INTEGER, _ODD_TEXT, _ODD_KEYS = 1, 2, 3
_MAX_INTEGER_BYTES = 512
_PIECE = 1 << 15
_ARRAYS, _MAPS = frozenset({*range(0x90, 0xA0), 0xDC, 0xDD}), frozenset({*range(0x80, 0x90), 0xDE, 0xDF})
_NOT_OURS = b"\xff"  # the number of the one extension that msgpack itself gives a meaning: a moment, an object
_TIME_4, _TIME_8, _TIME_12 = (size + _NOT_OURS for size in (b"\xd6", b"\xd7", b"\xc7\x0c"))
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
    if code == _ODD_KEYS and len(data) <= _PIECE:
        return dict(_decode_pairs(data))
    raise ValueError(f"extension {code}")


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str, Any], ext_hook=_extension).decode
_decode_pairs = msgspec.msgpack.Decoder(list[tuple[Any, Any]], ext_hook=_extension).decode
_decode_bytes = msgspec.msgpack.Decoder(tuple[int, str, bytes]).decode
_decode_around = msgspec.msgpack.Decoder(tuple[int, str, msgspec.Raw]).decode
_decode_value = msgspec.msgpack.Decoder(ext_hook=_extension).decode
_open_array = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_open_map = msgspec.msgpack.Decoder(dict[str, msgspec.Raw]).decode


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
        if only_bytes:
            return _decode_bytes(body)
        whole = bytes(body)
        message = _decode(whole) if len(whole) <= _PIECE else _decode_large(whole)
        if _NOT_OURS in whole and (_TIME_4 in whole or _TIME_8 in whole or _TIME_12 in whole):
            marshal.dumps(message[2])  # it takes plain values only, and says so
        return message
    except (ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise MalformedError(str(error)) from error


def _decode_large(body: bytes) -> Message:
    sequence, word, value = _decode_around(body)
    return sequence, word, _piecewise(memoryview(value))


def _piecewise(value: memoryview) -> Any:
    """Return a value of which nothing larger than a piece is decoded at once; text and bytes are, whatever their size."""
    if len(value) <= _PIECE or value[0] not in _ARRAYS | _MAPS:
        return _decode_value(value)
    if value[0] in _ARRAYS:
        return [_piecewise(memoryview(item)) for item in _open_array(value)]
    return {key: _piecewise(memoryview(item)) for key, item in _open_map(value).items()}
