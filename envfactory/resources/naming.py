"""Names: one way to make an identifier out of whatever a document calls things."""

from __future__ import annotations

import keyword
import re
import unicodedata

_MAX_LENGTH = 80
_WORD = re.compile(r"[A-Z]{2,}s(?![a-zA-Z])|[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+|[A-Z]")
# Latin letters that are no plain letter with a mark, so that taking the mark away does not reach them.
_LETTERS = {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
_LETTERS |= {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ŋ": "n", "Ŋ": "N"}
_SPELLED = str.maketrans(_LETTERS)


def plain_letters(text: str) -> str:
    """`text` with Latin letters stripped of their marks (`Schlüssel` gives `Schlussel`); other scripts stay."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    return "".join(char for char in apart if not unicodedata.combining(char))


def snake_case(text: str) -> str:
    """An identifier: `listPets` and `list-pets` give `list_pets`; empty where `text` has no Latin letter or digit."""
    words = [word.lower() for word in _WORD.findall(plain_letters(text))]
    name = "_".join(words)[:_MAX_LENGTH].rstrip("_")
    if name[:1].isdigit():
        name = f"op_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
