"""A text that matches a regular expression of the kind that documents use: literals, classes, groups, repeats.

Whatever lies beyond (look-around, back references) is not understood; the caller learns it by getting None.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CLASSES = {"d": "5", "w": "a", "s": " ", "D": "x", "W": "-", "S": "a"}
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")


@lru_cache(maxsize=256)
def matching(pattern: str) -> str | None:
    """Return a text that `re.search(pattern, text)` finds, or None."""
    try:
        text, rest = _alternatives(pattern)
        return text if not rest and re.search(pattern, text) else None
    except (IndexError, re.error):
        return None


def _alternatives(rest: str) -> tuple[str, str]:
    """Read up to a closing bracket; of alternatives the first counts."""
    text, rest = _sequence(rest)
    while rest.startswith("|"):
        _, rest = _sequence(rest[1:])
    return text, rest


def _sequence(rest: str) -> tuple[str, str]:
    text = ""
    while rest and rest[0] not in "|)":
        unit, rest = _unit(rest)
        fewest, rest = _repeats(rest)
        text += unit * fewest
    return text, rest


def _unit(rest: str) -> tuple[str, str]:
    first, rest = rest[0], rest[1:]
    if first in "^$":
        return "", rest
    if first == "\\":
        return _CLASSES.get(rest[0], "" if rest[0] in "bBAZ" else rest[0]), rest[1:]
    if first == "[":
        return _class(rest)
    if first == "(":
        text, rest = _alternatives(re.sub(r"^\?(?::|P<\w+>)", "", rest))
        return text, rest[1:]
    return "a" if first == "." else first, rest


def _class(rest: str) -> tuple[str, str]:
    """Read a character class behind its bracket, and give its first member (of a negated one, a letter not in it)."""
    end = rest.index("]", 2 if rest.startswith("^") else 1) if "]" in rest[1:] else len(rest)
    body, rest = rest[:end], rest[end + 1 :]
    tried = [body[1] if body[0] == "\\" and body[1] not in _CLASSES else body[0], *"aA50-_ .x"]
    found = next((one for one in tried if re.fullmatch(f"[{body}]", one)), "")
    return found, rest


def _repeats(rest: str) -> tuple[int, str]:
    match = _REPEAT.match(rest)
    if match:
        fewest, rest = int(match[1]), rest[match.end() :]
    elif rest[:1] in ("+", "*", "?"):
        fewest, rest = (1 if rest[0] == "+" else 0), rest[1:]
    else:
        return 1, rest
    return fewest, rest[1:] if rest.startswith("?") else rest
