"""The `rules` answers of stage two's roles and its programs: each a function of a share (and a batch), deterministic.

They run in worker processes that keep an environment loaded between the batches of its shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envfactory.agents.taskproducts import Batch, Place, Settings, Share, Split
from envfactory.datasets.splits import Shares, assign
from envfactory.tasks.model import Task


def split(settings: Settings, places: list[Place]) -> dict[str, Split]:
    """Settle which environments are for training, for validation and held out, before anything is sampled."""
    return assign({place.name: place.domain for place in places}, settings.seed, Shares(**settings.splits))
