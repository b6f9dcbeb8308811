"""What every reader shares: the flat form of a text, in which places stay where they are, and readings with their spans.

The flat form has one character for each of the original (lower case, no diacritics, plain quotes and dashes), so that a
span found in it holds in the original as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Kind = Literal[
    "date",
    "range",
    "time",
    "time_range",
    "datetime",
    "money",
    "number",
    "percent",
    "duration",
    "ordinal",
    "quoted",
    "name",
    "superlative",
    "comparison",
    "choice",
    "reference",
    "negation",
]
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "‑": "-", "‐": "-"}
    | dict.fromkeys("\u00a0\u202f\u2009\t\r\n", " ")
)
_EDGE_BEFORE = r"(?<![\w])(?<!\d[.,:/])"


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands at `[start, end)` of a text: `values` are all its possible denotations, given when it was said.

    Dates are `YYYY-MM-DD` (`--MM-DD` or `---DD` where nothing tells the rest), times `HH:MM`, ranges pairs, money minor
    units with the currency in `unit` (empty if unsaid), durations and numbers plain with the noun counted in `unit`.
    """

    kind: Kind
    start: int
    end: int
    words: str
    values: tuple[Any, ...]
    unit: str = ""

    @property
    def definite(self) -> bool:
        """Whether it can be understood in exactly one way."""
        return len(self.values) == 1

    def overlaps(self, other: Reading) -> bool:
        """Whether two readings share a character."""
        return self.start < other.end and other.start < self.end


@lru_cache(maxsize=1024)
def flatten(text: str) -> str:
    """Return the flat form: as long as the text, lower case, without diacritics, with plain quotes and dashes."""
    plain = text.translate(_ALIKE)
    return plain.lower() if plain.isascii() else "".join(map(_flat, plain))


def _flat(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[:1] or character
    return base.lower()[:1] or character


def distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return values in order, each once."""
    return tuple(dict.fromkeys(values))


def chosen(readings: Iterable[Reading]) -> list[Reading]:
    """Return readings that do not overlap, in order of place: longer ones first, at equal length the one given first."""
    kept: list[Reading] = []
    for reading in sorted(readings, key=lambda each: each.start - each.end):
        if not any(reading.overlaps(other) for other in kept):
            kept.append(reading)
    return sorted(kept, key=lambda each: each.start)


def pattern(source: str) -> re.Pattern[str]:
    """Compile a pattern over flat text that may not begin inside a longer word or number."""
    return re.compile(_EDGE_BEFORE + source)
