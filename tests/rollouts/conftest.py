"""Tasks over the boat hire, played by policies: the same worlds and words as the tests of tasks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from envfactory.rollouts.policy import Asked, Reply, written
from envfactory.tasks.model import Task
from tests.tasks.conftest import boats, both, graph, office, porto, rating, scope

__all__ = ["boats", "both", "graph", "office", "porto", "rating", "scope"]


class Saying:
    """A policy that writes given texts one after another in every conversation, and the last one ever after."""

    name = "saying"

    def __init__(self, *texts: str) -> None:
        self._texts = texts
        self.asked: list[Sequence[Asked]] = []

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        self.asked.append(asked)
        place = min(len(self.asked), len(self._texts)) - 1
        return [written(self._texts[place], tokens=1) for _ in asked]


@pytest.fixture
def tasks(porto: Task, both: Task, rating: Task) -> list[Task]:
    """Three turns with a refusal; two environments; a question alone."""
    return [porto, both, rating]
