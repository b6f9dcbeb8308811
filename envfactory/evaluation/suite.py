"""What a suite is: items, a way to play them, and scripted policies that bound what any model can score in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Protocol

from envfactory.errors import ConfigError
from envfactory.evaluation.items import Item, Scored
from envfactory.evaluation.playing import Try
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Asked, Policy, Reply, written
from envfactory.rollouts.scripted import guessed

Script = Callable[[Asked], str]
_RANDOM_CALLS, _RANDOM_STOP = 3, 0.25
MADE_UP = ("oracle", "empty", "random")


class Suite(Protocol):
    """A benchmark. `measure` is what its score is called; `traits` are what scores are broken down by, in that order."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""

    @property
    def measure(self) -> str:
        """What a score of 1 means, in a word."""

    @property
    def traits(self) -> Sequence[str]:
        """The names of the items' traits, the one that `--limit` counts by first."""

    def items(self) -> Sequence[Item]:
        """Return all items, in an order that never changes."""

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        """Play attempts; yield what came of them as they end."""

    def scripted(self, name: str) -> Policy:
        """Return a scripted policy that knows the suite's answers."""

    def facts(self) -> Mapping[str, Any]:
        """Return what two results must have in common to be of the same suite: versions, hashes, settings."""


class Scripts:
    """A policy of one script."""

    def __init__(self, name: str, script: Script) -> None:
        self.name = f"scripted:{name}"
        self._script = script

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        """Return what the script writes."""
        return [written(self._script(each)) for each in asked]


def scripted(name: str, oracle: Script) -> Policy:
    """Return a scripted policy of a suite whose right answers `oracle` writes; ConfigError where there is none."""
    scripts: dict[str, Script] = {"oracle": oracle, "empty": lambda _: "", "random": at_random}
    if name not in scripts:
        raise ConfigError(f"there is no scripted policy {name}", remedy=f"one of: {', '.join(scripts)}")
    return Scripts(name, scripts[name])


def at_random(asked: Asked) -> str:
    """Call tools at random with whatever fits their schemas, and stop at random."""
    rng = Random(f"at random/{asked.seed}")
    if asked.calls >= _RANDOM_CALLS or not asked.tools or rng.random() < _RANDOM_STOP:
        return "Done."
    function = rng.choice(list(asked.tools))["function"]
    return write("", [ToolCall(function["name"], guessed(function["parameters"], {}, rng))])


def spread(items: Iterable[Item], trait: str, limit: int | None) -> list[Item]:
    """Return at most `limit` items of each value of a trait, evenly spread over them."""
    if limit is None:
        return list(items)
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.traits[trait], []).append(item)
    return [each for group in groups.values() for each in _evenly(group, limit)]


def _evenly(group: Sequence[Item], count: int) -> list[Item]:
    if len(group) <= count:
        return list(group)
    return [group[at * len(group) // count] for at in range(count)]
