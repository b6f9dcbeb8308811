"""Names as people mean them: `hireId`, `hire_id` and the `id` of a list of hires are one."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]{2,}s?(?![a-z])|[A-Z]?[a-z]+|\d+|[A-Z]")
_GENERIC = frozenset({"id", "key", "code", "name", "number", "reference", "uuid", "slug"})


def qualified(path: str) -> tuple[str, ...]:
    """Return a path's last name in words, singular, in small letters; a general one with the name it stands under."""
    steps = [step for step in re.split(r"\[\]\.?|\.", path) if step]
    own = words(steps[-1]) if steps else ()
    if len(own) == 1 and own[0] in _GENERIC and len(steps) > 1:
        return (*words(steps[-2]), *own)
    return own


def words(name: str) -> tuple[str, ...]:
    """Return a name's words, singular and in small letters."""
    return tuple(singular(word.lower()) for word in _WORD.findall(name))


def singular(word: str) -> str:
    """Return a noun's singular, by the rules that hold for most."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3
    return word[:-1] if plural or word == "ids" else word
