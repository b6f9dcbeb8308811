"""What the lanes of stage two run: a step on a stored batch, by the program that does it, and the result stored again.

Batches go from process to process by name; what they hold is read and written where the work is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from envfactory.agents import taskrules
from envfactory.agents.taskproducts import Batch, Place, Settings, Share, Split, counted
from envfactory.graphs.store import Store
from envfactory.tasks.model import Task


class Stepped(NamedTuple):
    """What a step came to: the stored batch, how many candidates came through, why others did not, and where to go on."""

    batch: str
    passed: int
    refused: dict[str, int]
    next: int


def split(settings: Settings, places: list[Place]) -> dict[str, Split]:
    """Say which split each environment is in."""
    return taskrules.split(settings, places)


def sample(settings: Settings, share: Share, first: int, lacking: int) -> Stepped:
    """Draw `lacking` candidates, from index `first` on."""
    return stored(settings, taskrules.sample(settings, share, first, lacking))


def refine(settings: Settings, share: Share, batch: str) -> Stepped:
    """Write the words of the turns of a batch."""
    return _on(settings, share, batch, taskrules.refine)


def prove(settings: Settings, share: Share, batch: str) -> Stepped:
    """Prove the graders of a batch."""
    return _on(settings, share, batch, taskrules.prove)


def calibrate(settings: Settings, share: Share, batch: str) -> Stepped:
    """Let the solver try a batch."""
    return _on(settings, share, batch, taskrules.calibrate)


def _on(settings: Settings, share: Share, batch: str, work: Callable[[Settings, Share, Batch], Batch]) -> Stepped:
    return stored(settings, work(settings, share, fetched(settings, batch)))


def fetched(settings: Settings, batch: str) -> Batch:
    """Return a stored batch."""
    return Store(settings.store).get(batch, Batch)


def stored(settings: Settings, batch: Batch) -> Stepped:
    """Keep a batch, and say what it came to."""
    name = Store(settings.store).put(batch, readable=False)
    return Stepped(name, len(batch.tasks), counted(batch.refused), batch.next)


def collect(settings: Settings, places: list[Place], batches: list[str], file: Path) -> dict[str, Any]:
    """Write the tasks of batches into one file, and say of each environment what they are."""

    def tasks() -> Iterator[Task]:
        for name in batches:
            yield from fetched(settings, name).tasks

    return taskrules.collect(settings, places, tasks(), file)


def export(settings: Settings, places: list[Place], file: Path, folder: Path) -> dict[str, Any]:
    """Write the datasets of a file of tasks."""
    return taskrules.export(settings, places, file, folder)
