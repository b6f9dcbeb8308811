"""Near-duplicates among tasks: those a trainee would meet as the same thing twice.

Two tasks are near-duplicates if the same tools are called and their words, without the values in them, are the same; or if
the person's words over the whole conversation share more than four fifths of their trigrams. An index from trigrams to
tasks finds candidates; the rarest trigrams come first, and a task is compared only where it still could be alike, so that
the cost grows about with the number of tasks.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from envfactory.tasks.model import Mention, Task, Turn

ALIKE = 0.8
_WORD = re.compile(r"[\w']+")
_DIGITS = re.compile(r"\d+")

Trigrams = frozenset[int]  # hashes: a tenth of the memory that words would take


class Duplicate(NamedTuple):
    """A task that is like an earlier one: `similarity` is 1 where only values differ."""

    task: str
    like: str
    similarity: float


class Sketch(NamedTuple):
    """What is compared of a task: its words without values and its tools; its trigrams."""

    task: str
    skeleton: str
    trigrams: Trigrams


def sketch(task: Task) -> Sketch:
    """Return what is compared of a task."""
    tools = " ".join(f"{call.environment}.{call.tool}" for call in task.gold)
    skeleton = " / ".join(_without_values(turn) for turn in task.turns)
    said = " ".join(part for turn in task.turns for part in (turn.text, *(reply.text for reply in turn.replies)))
    return Sketch(task.id, f"{skeleton} :: {tools}", trigrams(said))


def trigrams(text: str) -> Trigrams:
    """Return the hashes of a text's word trigrams; of the whole text where it has fewer than three words."""
    words = _WORD.findall(text.lower())
    if len(words) < 3:
        return frozenset({_hashed(words)}) if words else frozenset()
    return frozenset(_hashed(words[at : at + 3]) for at in range(len(words) - 2))


def _hashed(words: list[str]) -> int:
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=8).digest())


def similarity(one: Trigrams, other: Trigrams) -> float:
    """Return Jaccard's coefficient."""
    return len(one & other) / len(one | other) if one or other else 1.0


def duplicates(sketches: Iterable[Sketch], alike: float = ALIKE) -> list[Duplicate]:
    """Return the tasks that are like one before them; the first of each kind stays. Exact, by a prefix filter."""
    told = list(sketches)
    rarity = Counter(gram for each in told for gram in each.trigrams)
    skeletons: dict[str, str] = {}
    index: defaultdict[int, list[Sketch]] = defaultdict(list)
    found = []
    for each in told:
        if each.skeleton in skeletons:
            found.append(Duplicate(each.task, skeletons[each.skeleton], 1.0))
            continue
        prefix = _prefix(each.trigrams, rarity, alike)
        nearest = _nearest(each, {one.task: one for gram in prefix for one in index[gram]}, alike)
        if nearest is not None:
            found.append(nearest)
            continue
        skeletons[each.skeleton] = each.task
        for gram in prefix:
            index[gram].append(each)
    return found


def _prefix(grams: Trigrams, rarity: Counter[int], alike: float) -> list[int]:
    """Return the rarest trigrams, one of which any set alike must have among its own rarest."""
    ordered = sorted(grams, key=lambda gram: (rarity[gram], gram))
    return ordered[: len(ordered) - int(alike * len(ordered)) + 1]


def _nearest(each: Sketch, candidates: dict[str, Sketch], alike: float) -> Duplicate | None:
    size = len(each.trigrams)
    for name, other in candidates.items():
        theirs = len(other.trigrams)
        if min(size, theirs) > alike * max(size, theirs):
            measured = similarity(each.trigrams, other.trigrams)
            if measured > alike:
                return Duplicate(each.task, name, round(measured, 3))
    return None


def _without_values(turn: Turn) -> str:
    """Return a turn's words with the name of its slot for every value."""
    text = _blanked(turn.text, turn.mentions)
    replies = (_blanked(reply.text, reply.mentions) for reply in turn.replies)
    return _DIGITS.sub("#", " | ".join([text, *replies]).lower())


def _blanked(text: str, mentions: Iterable[Mention]) -> str:
    spans = sorted((each.span, each.slot) for each in mentions if each.span is not None)
    for (start, end), slot in reversed(spans):
        text = f"{text[:start]}<{slot}>{text[end:]}"
    return text
