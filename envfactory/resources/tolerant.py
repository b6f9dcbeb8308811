"""Reading values out of documents that may break every rule of their own format.

Real documents have a number where a mapping belongs, `required: "yes"`, or a list instead of a text. The importers
never index a raw node directly: they ask for the kind of value they need and get an empty one when something else
stands there. What had to be guessed or dropped is collected in `Notes`, which becomes the resource's warnings.
"""

from __future__ import annotations

import re
from typing import Any

Json = Any  # a parsed JSON or YAML value: null, bool, number, str, list or dict with str keys, arbitrarily nested
JsonObject = dict[str, Any]

MAX_NOTES = 100
_TRUE_WORDS = frozenset({"true", "yes", "on", "1"})
_SENTENCE = re.compile(r"(.+?[.!?])(\s|$)", re.DOTALL)


class Notes:
    """Warnings of one import: each said once, in the order found, at most `MAX_NOTES` of them."""

    def __init__(self) -> None:
        self._messages: dict[str, None] = {}
        self._dropped = 0

    def add(self, message: str) -> None:
        if message in self._messages:
            return
        if len(self._messages) >= MAX_NOTES:
            self._dropped += 1
            return
        self._messages[message] = None

    def messages(self) -> list[str]:
        found = list(self._messages)
        return [*found, f"{self._dropped} further warnings are not listed"] if self._dropped else found


def as_mapping(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def as_text(value: Json) -> str:
    """A text as it stands, a number in its usual spelling, else nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return str(value)


def as_texts(value: Json) -> list[str]:
    return [text for text in map(as_text, as_list(value)) if text]


def as_flag(value: Json) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _TRUE_WORDS
    return bool(value) if isinstance(value, (bool, int)) else False


def extensions_of(node: Json) -> JsonObject:
    """The `x-*` members, untouched."""
    return {key: value for key, value in as_mapping(node).items() if key.startswith("x-")}


def first_sentence(text: str, limit: int = 240) -> str:
    """The first sentence of a description, on one line, cut at a word when it is longer than `limit`."""
    flat = " ".join(text[: 8 * limit].split())
    match = _SENTENCE.match(flat)
    sentence = match.group(1) if match else flat
    return sentence if len(sentence) <= limit else sentence[:limit].rsplit(" ", 1)[0] + " …"
