"""What a worker process keeps between batches: environments opened for play, and the samplers over them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from envfactory.agents.taskproducts import Place, Settings, Share
from envfactory.errors import TaskError
from envfactory.sampling.controls import Controls
from envfactory.sampling.sampler import Sampler
from envfactory.tasks.scope import Scope

_KEPT = 8  # scopes and samplers a process: one for each split of a library, and some


def scope_of(settings: Settings, places: list[Place]) -> Scope:
    """Return environments opened for play; TaskError where one is not the version that is meant."""
    ordered = tuple(sorted((place.folder, place.content_hash) for place in places))
    return _scope(settings.library, settings.tier, ordered)


@lru_cache(_KEPT)
def _scope(library: Path, tier: str, places: tuple[tuple[str, str], ...]) -> Scope:
    scope = Scope.open([library / folder for folder, _ in places], tier=tier)
    for name, (folder, meant) in zip(scope.names, places, strict=True):
        if scope.environment(name).content_hash != meant:
            raise TaskError(f"{library / folder} is another environment by now", remedy="start the run anew")
    return scope


class OwnIndexes:
    """A sampler over the environments of a split, and which of its indexes have their focus in which of them."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self._found: dict[str, list[int]] = {name: [] for name in sampler.scope.names}
        self._next = 0

    def of(self, environment: str, number: int) -> int:
        """Return the index that is an environment's `number`-th."""
        own = self._found[environment]
        while len(own) <= number:
            self._found[self.sampler.focus(self._next).environment].append(self._next)
            self._next += 1
        return own[number]


def sampler_of(settings: Settings, share: Share) -> OwnIndexes:
    """Return the sampler over the environments of a share's split."""
    places = sorted([share.place, *share.companions], key=lambda place: place.folder)
    chosen = tuple((place.folder, place.content_hash) for place in places)
    return _sampler(settings.library, settings.tier, chosen, settings.seed, json.dumps(settings.sampling))


@lru_cache(_KEPT)
def _sampler(library: Path, tier: str, places: tuple[tuple[str, str], ...], seed: int, controls: str) -> OwnIndexes:
    told: dict[str, Any] = json.loads(controls)
    return OwnIndexes(Sampler(_scope(library, tier, places), Controls(**told), seed))
