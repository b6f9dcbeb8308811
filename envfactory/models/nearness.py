"""What differs between a prompt and the nearest recorded one: why a recording that is played again has no answer."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

_LINES, _WIDTH = 24, 160


def difference(asked: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> str:
    """Say how a request differs from the nearest of those that are known."""
    if not known:
        return "nothing is recorded of this role"
    lines = _lines(asked)
    nearest = max(known, key=lambda each: _alike(lines, _lines(each)))
    others = [
        f"{part} differs: {_short(nearest[part])} recorded, {_short(asked[part])} asked"
        for part in _apart(asked, nearest)
    ]
    if lines == _lines(nearest):
        return "a prompt in the same words is recorded, but its " + "; its ".join(others)
    diff = list(difflib.unified_diff(_lines(nearest), lines, "recorded", "asked", n=1, lineterm=""))
    shown = [_cut(line) for line in diff[:_LINES]]
    more = [f"... and {len(diff) - _LINES} lines more"] if len(diff) > _LINES else []
    return "\n".join(["the nearest one on record differs:", *shown, *more, *others])


def _apart(asked: Mapping[str, Any], nearest: Mapping[str, Any]) -> list[str]:
    return [part for part in ("form", "parameters", "repeat") if asked[part] != nearest[part]]


def _lines(request: Mapping[str, Any]) -> list[str]:
    told = []
    for message in request["messages"]:
        calls = message.get("tool_calls")
        told += [f"[{message['role']}]", *message["content"].splitlines(), *([json.dumps(calls)] if calls else [])]
    return told


def _alike(lines: list[str], others: list[str]) -> float:
    """How many lines two prompts share, of all that either has."""
    first, second = set(lines), set(others)
    return len(first & second) / max(len(first | second), 1)


def _short(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False) if value else "none")


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..."
