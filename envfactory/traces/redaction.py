"""Secrets never reach a trace or a log: known keys by value, and anything that looks like one by shape."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

_SHAPES = re.compile(
    r"(?i)(?P<head>\b(?:authorization|api[-_]?key|token|secret|password)\b[\"']?\s*[:=]\s*[\"']?(?:bearer\s+)?)(?P<secret>[\w\-./+=]{8,})"
    r"|(?P<bare>\bsk-[\w-]{12,}\b|\bBearer\s+[\w\-.=]{12,})"
)
_HINTS = ("authorization", "api", "token", "secret", "password", "sk-", "bearer")  # how each shape begins
HIDDEN = "[redacted]"


class Redactor:
    """Hides the values of the given environment variables, and what looks like a key or a bearer token."""

    def __init__(self, variables: Iterable[str] = ("OPENAI_API_KEY",)) -> None:
        values = (os.environ.get(name, "") for name in variables)
        self._values = sorted((value for value in values if len(value) >= 6), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return _without_shapes(text)


def _without_shapes(text: str) -> str:
    """Return a text without what looks like a secret, looked for where its first word stands.

    A prompt is long and a search of it by pattern costs more than all else in a call.
    """
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    if len(lowered) != len(text):  # a letter whose small form is longer: places do not agree
        return _SHAPES.sub(_hidden, text)
    parts, done = [], 0
    for start in sorted(place.start() for hint in _HINTS for place in re.finditer(hint, lowered)):
        match = _SHAPES.match(text, start) if start >= done else None
        if match:
            parts += [text[done:start], _hidden(match)]
            done = match.end()
    return "".join([*parts, text[done:]])


def _hidden(match: re.Match[str]) -> str:
    return (match["head"] or "") + HIDDEN
