"""Single-process lanes for the second machine: a job goes where what it needs is loaded already, if it can.

A job names a key (its environment). A lane that falls free takes the first waiting job whose key it has served, then one
whose key nobody has served, then the oldest. A lane whose process died is replaced, and its job told `WorkerDied`.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

from envfactory.errors import WorkerDied
from envfactory.sandbox.children import start_worker

Answer = TypeVar("Answer")
PRELOADED = ("envfactory.graphs.pool", "envfactory.agents.rules", "envfactory.agents.taskrules")


def processes() -> Any:
    """Return the context in which worker processes start: forks of one that has the heavy modules loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


@dataclass(eq=False)
class _Lane:
    """One process, started with its first job, and the keys it has served."""

    executor: ProcessPoolExecutor | None = None
    served: set[str] = field(default_factory=set)
    busy: bool = False

    def open(self) -> ProcessPoolExecutor:
        if self.executor is None:
            self.executor = ProcessPoolExecutor(1, mp_context=processes(), initializer=start_worker)
        return self.executor

    def drop(self) -> None:
        if self.executor is not None:
            self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor, self.served = None, set()


class Lanes:
    """`count` lanes. A context manager; jobs are run from one event loop."""

    def __init__(self, count: int) -> None:
        self._lanes = [_Lane() for _ in range(count)]
        self._waiting: list[tuple[str, asyncio.Future[_Lane]]] = []

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and not issubclass(kind, Exception):  # interrupted: nobody waits for what is in flight
            for worker in multiprocessing.active_children():
                worker.kill()
        for lane in self._lanes:
            if lane.executor is not None:
                lane.executor.shutdown(wait=True, cancel_futures=True)

    async def run(self, key: str, job: Callable[..., Answer], *arguments: Any) -> Answer:
        """Run a job in a lane that suits its key; raise what it raises, WorkerDied where its process died."""
        lane = await self._lane(key)
        lane.served.add(key)
        try:
            return await asyncio.get_running_loop().run_in_executor(lane.open(), job, *arguments)
        except BrokenProcessPool as error:
            lane.drop()
            raise WorkerDied(f"a worker process died at {job.__name__} of {key}") from error
        finally:
            self._release(lane)

    async def _lane(self, key: str) -> _Lane:
        free = [lane for lane in self._lanes if not lane.busy]
        if free:
            lane = min(free, key=lambda lane: (key not in lane.served, len(lane.served)))
            lane.busy = True
            return lane
        turn: asyncio.Future[_Lane] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given a lane in the same moment
                self._release(turn.result())
            raise

    def _release(self, lane: _Lane) -> None:
        self._waiting = [each for each in self._waiting if not each[1].done()]  # some may have been cancelled
        if not self._waiting:
            lane.busy = False
            return
        served = set().union(*(each.served for each in self._lanes))
        chosen = min(self._waiting, key=lambda each: 0 if each[0] in lane.served else 1 if each[0] not in served else 2)
        self._waiting.remove(chosen)
        chosen[1].set_result(lane)
