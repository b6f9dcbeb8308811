"""Programs that come to a question for a language model: played again from their start with one answer more.

A program in a worker process cannot wait for a model that the parent talks to. So it stops at the first question that
has no answer yet and hands it back; asked again with the answer, it comes to the same place (everything it does is
deterministic) and goes on. Nothing is held in a worker, and many programs can wait at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from envfactory.errors import EnvFactoryError

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


async def side_by_side(work: Iterable[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
    """Do pieces of work side by side and return what they give, in order; a typed error of one ends all and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            jobs = [group.create_task(each) for each in work]
    except ExceptionGroup as failures:
        typed = failures.subgroup(EnvFactoryError)
        if typed is None:
            raise
        raise _first(typed) from failures
    return [job.result() for job in jobs]


def _first(failures: BaseExceptionGroup[Any]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
