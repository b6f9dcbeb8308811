"""Programs that come to a question for a language model: played again from their start with one answer more.

A program in a worker process cannot wait for a model that the parent talks to. So it stops at the first question that
has no answer yet and hands it back; asked again with the answer, it comes to the same place (everything it does is
deterministic) and goes on. Nothing is held in a worker, many programs can wait at once, and what was paid for is a list.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from envfactory.environments.files import canonical_json, digest, write_atomically

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Question:
    """What a role is asked: the facts that its prompt shows."""

    role: str
    facts: dict[str, Any] = field(default_factory=dict)


class Unanswered(Exception):
    """A program has come to a question that has no answer yet."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.role)
        self.question = question


class Answers:
    """The answers that are known, in the order in which they are asked for."""

    def __init__(self, known: Sequence[Any]) -> None:
        self._known, self._next = known, 0

    def to(self, question: Question) -> Any:
        """Return the next answer; raise Unanswered where it is not known yet."""
        if self._next >= len(self._known):
            raise Unanswered(question)
        self._next += 1
        return self._known[self._next - 1]


def played(program: Callable[[Answers], Outcome], known: Sequence[Any]) -> Outcome | Question:
    """Return what a program comes to with the known answers, or its next question."""
    try:
        return program(Answers(known))
    except Unanswered as unanswered:
        return unanswered.question


async def carried_on(
    play: Callable[[list[Any]], Awaitable[Any]], ask: Callable[[Question, int], Awaitable[Any]], most: int
) -> Any:
    """Play a program until it has no more questions, which are numbered; after `most` every further answer is None."""
    known: list[Any] = []
    while isinstance(found := await play(known), Question):
        known.append(await ask(found, len(known)) if len(known) < most else None)
    return found


class Notebook:
    """The answers that were paid for, a file each: a run that is killed and goes on asks for none of them twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def answer(self, place: str, question: Question, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Return the answer that was given to this question at this place, or ask, and note it down."""
        key = digest(canonical_json([place, question.role, question.facts]))[:32]
        file = self._folder / f"answer-{key}.json"
        if file.exists():
            return json.loads(file.read_bytes())
        told = await ask()
        write_atomically(file, canonical_json(told))
        return told
