"""Steps by themselves: what is offered besides a task's own tools stays within its split."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from envfactory.agents.taskproducts import Place, Split
from envfactory.graphs.alone import Bench, _batched
from envfactory.tasks.model import EnvironmentRef, Task

NAMES = ("rail", "hotels", "flights", "opera")


def task(number: int, split: Split, *names: str) -> Task:
    here = [EnvironmentRef(name=name, domain="travel", content_hash="0", now="") for name in names]
    return Task(id=str(number), seed=0, index=number, environments=here, split=split, turns=[], gold=[])


def test_companions_are_of_the_tasks_own_split() -> None:
    places = [Place(name=name, domain="travel", folder=name, content_hash="0") for name in NAMES]
    config = SimpleNamespace(tasks=SimpleNamespace(chunk=10))
    bench = cast(Bench, SimpleNamespace(places=places, config=config))
    tasks = [task(1, "train", "rail"), task(2, "train", "hotels", "rail"), task(3, "heldout", "flights")]
    found = {share.place.name: [each.name for each in share.companions] for share, _ in _batched(tasks, bench)}
    assert found == {"rail": ["hotels"], "hotels": ["rail"], "flights": []}
