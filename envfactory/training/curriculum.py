"""Which tasks come when, by how often they were solved before.

A group of attempts teaches something only where some succeed and some do not. With a solve rate p the chance that a
group of g attempts is of one mind is p**g + (1 - p)**g; `band` draws tasks by the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from envfactory.errors import ConfigError
from envfactory.training.grpo_config import CurriculumSection

Item = TypeVar("Item")
_LEAST = 0.02  # a measured rate is an estimate, and what was hopeless then may not be for long


def within(rates: Sequence[float | None], section: CurriculumSection) -> list[int]:
    """Return the places of the tasks whose rate lies in the band that the configuration wants.

    Raise ConfigError where none does.
    """
    known = [section.unmeasured if rate is None else rate for rate in rates]
    kept = [place for place, rate in enumerate(known) if section.low <= rate <= section.high]
    if not kept:
        raise ConfigError(
            f"no task has a solve rate from {section.low} to {section.high}",
            remedy="widen grpo.curriculum.low and high, or choose other tasks",
        )
    return kept


def schedule(
    items: Sequence[Item], rates: Sequence[float | None], count: int, section: CurriculumSection, group: int, seed: int
) -> list[Item]:
    """Return `count` items in the order in which they are to be trained on; each comes about equally often."""
    known = [section.unmeasured if rate is None else rate for rate in rates]
    rng = Random(f"curriculum/{seed}")
    places: list[int] = []
    while len(places) < count:
        places += _pass(known, section, group, rng)
    chosen = places[:count]
    if section.order == "easy_first":
        chosen.sort(key=lambda place: -known[place])  # stable: equals stay as they were drawn
    return [items[place] for place in chosen]


def _pass(rates: Sequence[float], section: CurriculumSection, group: int, rng: Random) -> list[int]:
    """Return all places in a drawn order; with `band`, those drawn again and again by their weight."""
    if section.order != "band":
        return rng.sample(range(len(rates)), len(rates))
    weights = [max(_LEAST, telling(rate, group)) for rate in rates]
    return rng.choices(range(len(rates)), weights, k=len(rates))


def telling(rate: float, group: int) -> float:
    """Return the chance that a group of attempts at this rate is not of one mind."""
    return float(1 - rate**group - (1 - rate) ** group)
