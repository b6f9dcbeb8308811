"""Secrets never reach a trace or a log: known keys by value, and anything that looks like one by shape."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

_SHAPES = re.compile(
    r"(?i)(?P<head>\b(?:authorization|api[-_]?key|token|secret|password)\b[\"']?\s*[:=]\s*[\"']?(?:bearer\s+)?)(?P<secret>[\w\-./+=]{8,})"
    r"|(?P<bare>\bsk-[\w-]{12,}\b|\bBearer\s+[\w\-.=]{12,})"
)
_HINTS = ("authorization", "api", "token", "secret", "password", "sk-", "bearer")  # without any, nothing has a shape
HIDDEN = "[redacted]"


class Redactor:
    """Hides the values of the given environment variables, and what looks like a key or a bearer token."""

    def __init__(self, variables: Iterable[str] = ("OPENAI_API_KEY",)) -> None:
        values = (os.environ.get(name, "") for name in variables)
        self._values = sorted((value for value in values if len(value) >= 6), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, HIDDEN)
        lowered = text.lower()
        if not any(hint in lowered for hint in _HINTS):  # a prompt is long, and the search above all else in a call
            return text
        return _SHAPES.sub(lambda match: (match["head"] or "") + HIDDEN, text)
