"""The `rules` answers of stage two's roles and its programs: each a function of a share (and a batch), deterministic.

They run in worker processes that keep environments open between the batches of their shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from envfactory.agents.benches import sampler_of, scope_of
from envfactory.agents.taskfacts import Facts
from envfactory.agents.taskproducts import Batch, Place, Refusal, Settings, Share, Split
from envfactory.datasets.splits import Shares, assign
from envfactory.sampling.sampler import Refused
from envfactory.tasks.model import Task


def split(settings: Settings, places: list[Place]) -> dict[str, Split]:
    """Settle which environments are for training, for validation and held out, before anything is sampled."""
    return assign({place.name: place.domain for place in places}, settings.seed, Shares(**settings.splits))


def sample(settings: Settings, share: Share, first: int, lacking: int) -> Batch:
    """Draw candidates from the share's numbers from `first` on, until `lacking` are found or its numbers end."""
    indexes = sampler_of(settings, share)
    tasks: list[Task] = []
    refused: list[Refusal] = []
    number = first
    while number < share.first + share.limit and len(tasks) < lacking:
        found = indexes.sampler.sample(indexes.of(share.place.name, number))
        if isinstance(found, Refused):
            refused.append(Refusal(index=number, step="sampling", reason=found.reason, detail=found.focus))
        else:
            name = f"{share.place.name}-{number:05d}"
            tasks.append(found.model_copy(update={"id": name, "split": share.split}))
        number += 1
    return Batch(tasks=tasks, refused=refused, next=number)


def refine(settings: Settings, share: Share, batch: Batch) -> Batch:
    """Say the candidates as a person would."""
    return batch.model_copy(update={"refused": []})


def prove(settings: Settings, share: Share, batch: Batch) -> Batch:
    """Prove the graders by execution."""
    return batch.model_copy(update={"refused": []})


def calibrate(settings: Settings, share: Share, batch: Batch) -> Batch:
    """Let the solver try."""
    return batch.model_copy(update={"refused": []})


def collect(settings: Settings, places: list[Place], tasks: Iterable[Task], file: Path) -> dict[str, Any]:
    """Write tasks into one file, and say of each environment what they are."""
    scope = scope_of(settings, places)
    facts = {place.name: Facts(scope.environment(place.name)) for place in places}

    def lines() -> Iterator[bytes]:
        for task in tasks:
            facts[task.environments[0].name].add(task)
            for reference in task.environments:
                facts[reference.name].cover(task)
            yield task.model_dump_json().encode() + b"\n"

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(lines()))
    rows = [each.row() for each in facts.values()]
    return {"tasks": sum(row["tasks"] for row in rows), "rows": rows}


def export(settings: Settings, places: list[Place], file: Path, folder: Path) -> dict[str, Any]:
    """Write the datasets of a file of tasks."""
    return {"tasks": len(file.read_text().splitlines())}
