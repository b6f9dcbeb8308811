"""Words compared as people compare them: case, diacritics, punctuation and spacing do not count, whole words do."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from envfactory.reading.spans import flatten

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|&")


class Word(NamedTuple):
    """One word of a text: its plain form (no apostrophes, `&` is `and`), the same without a possessive, and its place."""

    plain: str
    bare: str
    start: int
    end: int


@lru_cache(maxsize=2048)
def words(text: str) -> tuple[Word, ...]:
    """Return the words of a text."""
    return tuple(_word(match) for match in _WORD.finditer(flatten(text)))


def _word(match: re.Match[str]) -> Word:
    said = "and" if match.group() == "&" else match.group()
    return Word(said.replace("'", ""), re.sub(r"'s$", "", said).replace("'", ""), match.start(), match.end())


def squeezed(text: str) -> str:
    """Return the words of a text run together: what is equal for two writings of one name."""
    return "".join(word.plain for word in words(text))


def contains(text: str, name: str) -> bool:
    """Whether the name stands in the text as whole words; its last word may carry a possessive."""
    return find(text, name) is not None


def find(text: str, name: str, start: int = 0) -> tuple[int, int] | None:
    """Return the span of the first place at or after `start` where the name stands; None where it does not."""
    wanted, said = squeezed(name), words(text)
    if not wanted:
        return None
    for at, first in enumerate(said):
        if first.start >= start and wanted.startswith(first.bare[: len(wanted)]):
            end = _run(said, at, wanted)
            if end is not None:
                return first.start, end
    return None


def _run(said: tuple[Word, ...], at: int, wanted: str) -> int | None:
    """Return where a run of words from `at` ends whose letters are exactly those wanted."""
    built = ""
    for word in said[at:]:
        if built + word.bare == wanted:
            return word.start + len(word.bare) if word.bare != word.plain else word.end
        built += word.plain
        if built == wanted:
            return word.end
        if not wanted.startswith(built):
            return None
    return None
