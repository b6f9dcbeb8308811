"""What was said, as lines a person reads: JSON opened up, text within it with its own line breaks; all else as it is.

Briefs and products are kept as one line of JSON, whole modules of code in one string. Here each line says where it
stands: `code.source:12: def book(...)`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

_SHORT = 110


class Line(NamedTuple):
    """A line of text: the path to the text within JSON ("" for plain text), its number there (0: the value itself)."""

    path: str
    number: int
    text: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.number}" if self.number and self.path else self.path
        return f"{place}: {self.text}" if place else self.text


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of a message."""
    value = opened(text)
    if value is None:
        yield from (Line("", number, line) for number, line in enumerate(text.splitlines(), 1))
    else:
        yield from _walked(value, "")


def unfolded(text: str) -> list[str]:
    """Return a message as lines without paths: JSON by indentation, text within it with its own line breaks."""
    value = opened(text)
    return text.splitlines() if value is None else list(indented(value))


def indented(value: Any, pad: str = "") -> Iterator[str]:
    """Yield a value's lines."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _entry(f"{pad}{name}:", item, pad)
    elif isinstance(value, list):
        for item in value:
            yield from _entry(f"{pad}-", item, pad)
    else:
        yield pad + _flat(value)


def _entry(head: str, item: Any, pad: str) -> Iterator[str]:
    if isinstance(item, str) and "\n" in item:
        yield head
        yield from (f"{pad}  {line}" for line in item.splitlines())
    elif isinstance(item, dict | list) and _is_long(item, _SHORT - len(pad)):
        yield head
        yield from indented(item, pad + "  ")
    else:
        yield f"{head} {item if isinstance(item, str) and item else _flat(item)}"


def opened(text: str) -> Any:
    """Return the JSON object or list that a message is; None where it is neither."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _walked(value: Any, path: str) -> Iterator[Line]:
    if isinstance(value, str) and "\n" in value:
        yield from (Line(path, number, line) for number, line in enumerate(value.splitlines(), 1))
    elif isinstance(value, dict | list) and _is_long(value, _SHORT):
        inner = value.items() if isinstance(value, dict) else ((f"[{n}]", item) for n, item in enumerate(value))
        for name, item in inner:
            yield from _walked(item, f"{path}{name}" if not path or name[:1] == "[" else f"{path}.{name}")
    else:
        yield Line(path, 0, value if isinstance(value, str) else _flat(value))


def _is_long(value: Any, room: int) -> bool:
    """Tell whether a value wants more than a line: for its length, or for a text with lines in it."""
    flat = _flat(value)
    return len(flat) > room or "\\n" in flat


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
