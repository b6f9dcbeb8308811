"""Names: one way to make an identifier out of whatever a document calls things."""

from __future__ import annotations

import keyword
import re

_MAX_LENGTH = 80
_WORD = re.compile(r"[A-Z]{2,}s(?![a-zA-Z])|[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+|[A-Z]")


def snake_case(text: str) -> str:
    """An identifier: `listPets` and `list-pets` give `list_pets`; empty where `text` has no ASCII letter or digit."""
    words = [word.lower() for word in _WORD.findall(text)]
    name = "_".join(words)[:_MAX_LENGTH].rstrip("_")
    if name[:1].isdigit():
        name = f"op_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
