"""Roles of stage two answered by language models: questions gathered from programs, asked side by side, answers checked.

The programs run in the lanes (`asking` says how they come to a question); what a model answers is never taken for
anything but words or calls, and the same audits and graders judge them as judge those by rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from envfactory.agents import rewording
from envfactory.agents.asking import Question, carried_on
from envfactory.agents.language import LanguageAgent
from envfactory.agents.taskproducts import Batch, Refusal, Settings, Share
from envfactory.config import ModelsConfig
from envfactory.errors import BadAnswer
from envfactory.events import Emit
from envfactory.tasks.model import Task

Answer = TypeVar("Answer")
REWORDINGS = 2  # a turn's words, and one repair


class Lanes(Protocol):
    """Runs jobs in other processes; a key says what a job needs to have loaded."""

    async def run(self, key: str, job: Callable[..., Answer], *arguments: Any) -> Answer:
        """Return what `job(*arguments)` gives."""


class TaskAuthors:
    """Answers the roles whose config names a language model."""

    def __init__(self, settings: Settings, models: ModelsConfig, lanes: Lanes, emit: Emit) -> None:
        self._settings, self._models, self._lanes, self._emit = settings, models, lanes, emit
        self._limits: dict[str, asyncio.Semaphore] = {}

    async def refine(self, share: Share, batch: Batch) -> Batch:
        """Return the batch in the refiner's words, or in those by rules where the audit does not pass the refiner's."""
        agent: LanguageAgent[rewording.Words] = self._agent("refiner", rewording.Words)
        backend = self._models.of("refiner").model

        async def ask(question: Question) -> dict[str, Any] | None:
            try:
                return await agent.answer(share.place.name, share.chunk, _as_told, **question.facts)
            except BadAnswer:
                return None  # its words are dropped; the trace has them

        async def one(task: Task) -> Task | Refusal:
            async def play(known: list[Any]) -> Any:
                job = rewording.reword
                return await self._lanes.run(share.key, job, self._settings, share, task, backend, known)

            found: Task | Refusal = await carried_on(play, ask, REWORDINGS * len(task.turns))
            return found

        return await _gathered(batch, one)

    def _agent(self, role: str, product: Any) -> LanguageAgent[Any]:
        config = self._models.of(role)
        place = f"{config.base_url} {config.model}"
        limit = self._limits.setdefault(place, asyncio.Semaphore(config.max_concurrency))
        return LanguageAgent(role, product, config, self._emit, limit)


async def _as_told(words: rewording.Words) -> dict[str, Any]:
    return words.model_dump()


async def _gathered(batch: Batch, work: Callable[[Task], Coroutine[Any, Any, Task | Refusal]]) -> Batch:
    """Work on the tasks of a batch side by side; keep their order."""
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(work(task)) for task in batch.tasks]
    found = [job.result() for job in jobs]
    return Batch(
        tasks=[each for each in found if isinstance(each, Task)],
        refused=[each for each in found if isinstance(each, Refusal)],
        next=batch.next,
    )
