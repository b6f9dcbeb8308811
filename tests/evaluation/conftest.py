"""Suites made of little: items with a number to say, and the tasks of the boat hire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from envfactory.evaluation.items import POLICY, Item, Outcome, Scored, Talk
from envfactory.evaluation.playing import Try, converse
from envfactory.evaluation.suite import scripted
from envfactory.rollouts.policy import Asked, Policy, Reply, written
from envfactory.tasks.model import Task
from tests.tasks.conftest import boats, both, graph, office, porto, rating, scope

__all__ = ["boats", "both", "graph", "office", "porto", "rating", "scope"]


@pytest.fixture
def tasks(porto: Task, both: Task, rating: Task) -> list[Task]:
    """Three turns with a refusal; two environments; a question alone."""
    return [porto, both, rating]


class Echo:
    """A talk of `length` messages, right if the item's name was said last."""

    speaker = POLICY

    def __init__(self, item: Item, attempt: int, length: int = 1) -> None:
        self._item, self._attempt, self._left = item, attempt, length
        self._said = ""
        self.closed = False

    def ask(self) -> Asked | None:
        return (
            Asked([{"role": "user", "content": self._item.id}], [], self._item.id, self._attempt)
            if self._left
            else None
        )

    def take(self, reply: Reply) -> None:
        self._said, self._left = reply.content, self._left - 1

    def outcome(self) -> Outcome:
        right = self._said == self._item.id
        return Outcome(float(right), {"half": 0.5}, "" if right else f"said {self._said}")

    def close(self) -> None:
        self.closed = True


class Names:
    """A suite whose items want to hear their names."""

    name = "names"
    measure = "right"
    traits = ("letter",)

    def __init__(self, *names: str) -> None:
        self._names = names
        self.opened: list[Echo] = []

    def items(self) -> Sequence[Item]:
        return [Item(name, name[0], {"letter": name[0]}) for name in self._names]

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        return converse(tries, self._begin, {POLICY: policy}, side_by_side)

    def scripted(self, name: str) -> Policy:
        return scripted(name, lambda asked: asked.task)

    def facts(self) -> Mapping[str, Any]:
        return {"names": len(self._names)}

    def _begin(self, which: Try) -> Talk:
        self.opened.append(Echo(which.item, which.attempt, length=1 + len(self.opened) % 2))
        return self.opened[-1]


class Saying:
    """Says what a table holds for an item, its name otherwise; `most` is the largest batch it was asked."""

    name = "saying"

    def __init__(self, **instead: Reply) -> None:
        self._instead = instead
        self.most = 0
        self.asked: list[str] = []

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        self.most = max(self.most, len(asked))
        self.asked += [f"{each.task}/{each.attempt}" for each in asked]
        return [self._instead.get(each.task, written(each.task, tokens=2)) for each in asked]
