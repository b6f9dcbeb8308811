"""Roles of stage two answered by language models: questions gathered from programs, asked side by side, answers checked.

The programs run in the lanes (`asking` says how they come to a question); what a model answers is never taken for
anything but words or calls, and the same audits and graders judge them as judge those by rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from envfactory.agents import conversing, rewording, storytelling, taskrules
from envfactory.agents.asking import Question, carried_on, side_by_side
from envfactory.agents.language import LanguageAgent
from envfactory.agents.taskproducts import Batch, Refusal, Settings, Share
from envfactory.errors import BadAnswer
from envfactory.events import Emit
from envfactory.models.backends import Backends
from envfactory.tasks.model import Rollout, Task

Answer = TypeVar("Answer")
PROPOSALS = 2  # stories, and others for those that cannot be played
REWORDINGS = 2  # a turn's words, and one repair


class Lanes(Protocol):
    """Runs jobs in other processes; a key says what a job needs to have loaded."""

    async def run(self, key: str, job: Callable[..., Answer], *arguments: Any) -> Answer:
        """Return what `job(*arguments)` gives."""


class TaskAuthors:
    """Answers the roles whose config names a language model."""

    def __init__(self, settings: Settings, backends: Backends, lanes: Lanes, emit: Emit) -> None:
        self._settings, self._backends, self._lanes, self._emit = settings, backends, lanes, emit

    async def sample(self, share: Share, first: int, lacking: int) -> Batch:
        """Return tasks of stories that the model proposed and the program could play."""
        agent: LanguageAgent[storytelling.StoriesAnswer] = self._agent("sampler", storytelling.StoriesAnswer)
        backend, place = self._backends.of("sampler").model, share.place.name

        async def play(known: list[Any]) -> Any:
            job = storytelling.tell
            return await self._lanes.run(share.key, job, self._settings, share, first, lacking, backend, known)

        async def ask(question: Question, number: int) -> Any:
            repeat = f"share {share.chunk} from {first}"  # other stories for each, though the prompt be the same
            try:
                return await agent.answer(place, share.chunk, _plainly, repeat=repeat, **question.facts)
            except BadAnswer:
                return None  # the trace has what it said

        batch: Batch = await carried_on(play, ask, PROPOSALS)
        return batch

    async def refine(self, share: Share, batch: Batch) -> Batch:
        """Return the batch in the refiner's words, or in those by rules where the audit does not pass the refiner's."""
        agent: LanguageAgent[rewording.Words] = self._agent("refiner", rewording.Words)
        backend = self._backends.of("refiner").model

        async def one(task: Task) -> Task | Refusal:
            async def play(known: list[Any]) -> Any:
                job = rewording.reword
                return await self._lanes.run(share.key, job, self._settings, share, task, backend, known)

            async def ask(question: Question, number: int) -> Any:
                try:
                    return await agent.answer(share.place.name, share.chunk, _plainly, **question.facts)
                except BadAnswer:
                    return None  # its words are dropped; the trace has them

            found: Task | Refusal = await carried_on(play, ask, REWORDINGS * len(task.turns))
            return found

        return await _gathered(batch, one)

    async def calibrate(self, share: Share, batch: Batch) -> Batch:
        """Let the solver try each task, conversation by conversation; keep what lies in the band."""
        backend, settings = self._backends.of("solver").model, self._settings
        chat = self._backends.tool_chat("solver", self._emit)

        async def one(task: Task) -> Task | Refusal:
            async def tried(number: int) -> Rollout:
                async def play(known: list[Any]) -> Any:
                    job = conversing.attempted
                    return await self._lanes.run(share.key, job, settings, share, task, backend, number, known)

                async def ask(question: Question, said: int) -> Any:
                    repeat = f"{task.id}, attempt {number}"
                    try:
                        return await chat.answer(share.place.name, share.chunk, repeat=repeat, **question.facts)
                    except BadAnswer:
                        return None  # the conversation has grown too long for it: it says no more

                rollout: Rollout = await carried_on(play, ask, conversing.STEPS * len(task.turns))
                return rollout

            rollouts = await asyncio.gather(*(tried(number) for number in range(settings.calibration["attempts"])))
            told = await self._lanes.run(share.key, conversing.measured, settings, share, task, backend, rollouts)
            return taskrules.judged(settings, task, told)

        return await _gathered(batch, one)

    def _agent(self, role: str, product: Any) -> LanguageAgent[Any]:
        return LanguageAgent(product, self._backends.exchange(role, self._emit))


async def _plainly(product: BaseModel) -> dict[str, Any]:
    return product.model_dump()


async def _gathered(batch: Batch, work: Callable[[Task], Coroutine[Any, Any, Task | Refusal]]) -> Batch:
    """Work on the tasks of a batch side by side; keep their order."""
    found = await side_by_side(work(task) for task in batch.tasks)
    return Batch(
        tasks=[each for each in found if isinstance(each, Task)],
        refused=[each for each in found if isinstance(each, Refusal)],
        next=batch.next,
    )
