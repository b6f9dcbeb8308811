"""Which environments are for training, for validation, and held out: settled over their names before anything is sampled.

The rule is a function of the library's names, a seed and the shares, so that it can be asked again at any time and gives
the same answer. Within a domain the names are put in an order drawn from the seed; the domains are then dealt out
evenly, so that each split has of every large domain what is its due.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from envfactory.errors import ConfigError

Split = Literal["train", "validation", "heldout"]
SPLITS: tuple[Split, ...] = ("train", "validation", "heldout")
_ENOUGH = 5


@dataclass(frozen=True)
class Shares:
    """What part of the environments is kept from training, 0 to 1 each."""

    validation: float = 0.1
    heldout: float = 0.2

    def __post_init__(self) -> None:
        if min(self.validation, self.heldout) < 0 or self.validation + self.heldout >= 1:
            raise ConfigError(
                "the shares of validation and held-out environments are not negative and leave some for training",
                remedy="give two numbers between 0 and 1 whose sum is below 1",
            )


def assign(environments: Mapping[str, str], seed: int = 0, shares: Shares | None = None) -> dict[str, Split]:
    """Return the split of every environment (domain by name). From five on, none of the three splits is empty."""
    wanted = shares or Shares()
    order = _dealt(environments, seed)
    validation = _count(len(order), wanted.validation)
    heldout = max(0, min(_count(len(order), wanted.heldout), len(order) - validation - 1))
    kept: dict[str, Split] = dict.fromkeys(order[:heldout], "heldout")
    kept.update(dict.fromkeys(order[heldout : heldout + validation], "validation"))
    return {name: kept.get(name, "train") for name in sorted(environments)}


def split_of_task(names: Iterable[str], splits: Mapping[str, Split]) -> Split | None:
    """Return the one split that all environments of a task are in, or None where they are in several or in none."""
    found = {splits.get(name) for name in names}
    return found.pop() if len(found) == 1 else None


def _count(environments: int, share: float) -> int:
    """Return how many a share is: rounded, and at least one of five or more where the share is not nothing."""
    least = 1 if environments >= _ENOUGH and share > 0 else 0
    return max(least, round(environments * share))


def _dealt(environments: Mapping[str, str], seed: int) -> list[str]:
    """Return the names so that every stretch of the list holds of each domain about its part of the whole."""
    domains: defaultdict[str, list[str]] = defaultdict(list)
    for name, domain in environments.items():
        domains[domain].append(name)
    placed = []
    for domain, names in domains.items():
        names.sort(key=lambda name: _drawn(seed, domain, name))
        placed += [((rank + 0.5) / len(names), _drawn(seed, domain, ""), name) for rank, name in enumerate(names)]
    return [name for _, _, name in sorted(placed)]


def _drawn(seed: int, domain: str, name: str) -> str:
    return hashlib.blake2b(f"split/{seed}/{domain}/{name}".encode(), digest_size=8).hexdigest()
