"""Text to a pattern: `LH###` of the seed language, and (the plain part of) regular expressions of schemas."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_MARKS = {"#": string.digits, "?": string.ascii_uppercase}
_READABLE = string.ascii_lowercase
_MOST_REPEATS = 8
_TRIES = 20


def filled(pattern: str, rng: random.Random) -> str:
    """Return `pattern` with each `#` a digit and each `?` a capital letter."""
    return "".join(rng.choice(_MARKS[mark]) if mark in _MARKS else mark for mark in pattern)


def matching(expression: str, rng: random.Random) -> str | None:
    """Return a text that a regular expression finds, or None where it is beyond this generator."""
    try:
        parsed = _parser.parse(expression)
        for _ in range(_TRIES):
            text = _text(parsed, rng)
            if re.search(expression, text):
                return text
    except (re.error, _BeyondError):
        return None
    return None


class _BeyondError(Exception):
    """A construct that is not generated."""


def _text(items: Iterable[tuple[Any, Any]], rng: random.Random) -> str:
    return "".join(_one(op, argument, rng) for op, argument in items)


def _one(op: Any, argument: Any, rng: random.Random) -> str:
    if op is ops.LITERAL:
        return chr(argument)
    if op is ops.IN:
        return rng.choice(_choices(argument))
    if op is ops.ANY or op is ops.NOT_LITERAL:
        return rng.choice(_READABLE)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        low, high, inner = argument
        times = rng.randint(low, max(low, min(high, low + _MOST_REPEATS)))
        return "".join(_text(inner, rng) for _ in range(times))
    if op is ops.SUBPATTERN:
        return _text(argument[-1], rng)
    if op is ops.BRANCH:
        return _text(rng.choice(argument[1]), rng)
    if op is ops.AT:
        return ""
    raise _BeyondError


def _choices(members: Iterable[tuple[Any, Any]]) -> str:
    """The readable characters of a set."""
    found, negated = "", False
    for op, argument in members:
        if op is ops.NEGATE:
            negated = True
        elif op is ops.LITERAL:
            found += chr(argument)
        elif op is ops.RANGE:
            found += "".join(map(chr, range(argument[0], min(argument[1], argument[0] + 200) + 1)))
        elif op is ops.CATEGORY:
            found += _CATEGORIES.get(argument, "")
        else:
            raise _BeyondError
    if negated:
        return "".join(character for character in _READABLE + string.digits if character not in found)
    if not found:
        raise _BeyondError
    return found


_CATEGORIES = {
    ops.CATEGORY_DIGIT: string.digits,
    ops.CATEGORY_WORD: _READABLE + string.digits,
    ops.CATEGORY_SPACE: " ",
    ops.CATEGORY_NOT_DIGIT: _READABLE,
    ops.CATEGORY_NOT_SPACE: _READABLE + string.digits,
}
