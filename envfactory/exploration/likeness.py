"""How much two environments would be the same: by the things their operations are about, not by their titles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from envfactory.environments.artefact import MANIFEST

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_EMPTY = frozenset(
    "a all an and api by create delete find for get id in list my new of on or patch post put read search set the to"
    " update v with show make add remove change cancel".split()
)


class Likeness(NamedTuple):
    """How alike (0 to 1) a proposal is to the nearest of others, and what they share."""

    name: str
    share: float
    shared: list[str]


def words_of(operations: Iterable[str]) -> frozenset[str]:
    """Return the nouns of operations' names and paths, singular, without verbs that every API has."""
    found = {word.lower() for each in operations for word in _WORD.findall(each)}
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in found) - _EMPTY


def nearest(words: frozenset[str], others: Mapping[str, frozenset[str]]) -> Likeness:
    """Return the other whose words agree most with these (Jaccard), by name where several do."""
    best = Likeness("", 0.0, [])
    for name in sorted(others):
        union = words | others[name]
        share = len(words & others[name]) / len(union) if union else 0.0
        if share > best.share:
            best = Likeness(name, share, sorted(words & others[name]))
    return best


def library_words(library: Path, domain: str) -> dict[str, frozenset[str]]:
    """Return the words of the environments that a library has in a domain."""
    found: dict[str, frozenset[str]] = {}
    for manifest in sorted((library / domain).glob(f"*/{MANIFEST}")):
        try:
            contracts = json.loads((manifest.parent / "contracts.json").read_bytes())
        except (OSError, ValueError):
            continue  # half an environment: whoever verifies it says so
        found[manifest.parent.name] = words_of(tool["name"] for tool in contracts.get("tools", []))
    return found
