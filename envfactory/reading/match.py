"""Known names found in a text: values seen in data or in results, whatever their case, number, hyphens or possessives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from envfactory.reading.words import Word, words


@dataclass(frozen=True, slots=True)
class Found:
    """A known name that stands at `[start, end)` of a text. `exact` if nothing but case and punctuation differs."""

    name: str
    start: int
    end: int
    exact: bool = True


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a word without its plural ending: `rooms`, `cities` and `boxes` meet `room`, `city` and `box`."""
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(?:s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word.removesuffix("s")


class Names:
    """A set of known names, looked up in texts; built once, asked often."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._squeezed: dict[str, str] = {}
        for name in dict.fromkeys(names):
            parts = words(name)
            if parts:
                self._by_first[stem(parts[0].bare)].append((tuple(stem(part.bare) for part in parts), name))
                self._squeezed.setdefault("".join(part.plain for part in parts), name)

    def find(self, text: str) -> list[Found]:
        """Return the names that stand in a text; where two overlap, the longer one, and exact before inexact."""
        said = words(text)
        found = [each for at in range(len(said)) for each in self._at(said, at)]
        kept: list[Found] = []
        for each in sorted(found, key=lambda one: (one.start - one.end, not one.exact)):
            same_place = any((each.start, each.end) == (other.start, other.end) for other in kept)
            if same_place or not any(each.start < other.end and other.start < each.end for other in kept):
                kept.append(each)
        return sorted(kept, key=lambda one: (one.start, one.name))

    def _at(self, said: tuple[Word, ...], at: int) -> list[Found]:
        found = []
        for parts, name in self._by_first.get(stem(said[at].bare), ()):
            run = said[at : at + len(parts)]
            if tuple(stem(word.bare) for word in run) == parts:
                exact = "".join(word.plain for word in run[:-1]) + run[-1].bare
                same = exact in (plain := "".join(word.plain for word in words(name)),) or exact == plain
                found.append(Found(name, run[0].start, run[-1].end, same))
        return found or self._joined(said, at)

    def _joined(self, said: tuple[Word, ...], at: int) -> list[Found]:
        """Find a name written apart or together: `check-in` and `checkin`."""
        for count in (3, 2, 1):
            run = said[at : at + count]
            name = self._squeezed.get("".join(word.plain for word in run)) if len(run) == count else None
            if name is not None:
                return [Found(name, run[0].start, run[-1].end)]
        return []


def find_names(text: str, names: Iterable[str]) -> list[Found]:
    """Return which of the names stand in the text, with their places."""
    return Names(names).find(text)
