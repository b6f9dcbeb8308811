"""The processes in which rules and the gate compute: one sandbox each, deaf to Ctrl-C, so that the parent decides.

A check's progress travels back over a queue while the job runs.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.queues import Queue
from types import TracebackType

from envfactory.environments.artefact import Environment
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import GateReport, Status
from envfactory.gate.judge import judge
from envfactory.graphs.lanes import processes
from envfactory.sandbox.children import start_worker
from envfactory.sandbox.shared import OTHER_HASHES, shared_sandbox

Told = tuple[str, int, str, Status | None]
_progress: Queue[Told | None] | None = None


def _start(progress: Queue[Told | None]) -> None:
    global _progress  # one queue a process, given once at its start
    _progress = progress
    start_worker()


def judge_job(environment: Environment, revision: int, seed: int, tier: str) -> tuple[DependencyGraph, GateReport]:
    """Judge an environment in this process, telling the parent when a check starts (None) and how it ends."""

    def tell(check: str, status: Status | None) -> None:
        if _progress is not None:
            _progress.put((environment.name, revision, check, status))

    open_worker, open_other = shared_sandbox(tier).open, shared_sandbox(tier, OTHER_HASHES).open
    return judge(environment, open_worker, open_other=open_other, seed=seed, progress=tell)


class Pool:
    """`workers` processes and the thread that hears their progress. A context manager."""

    def __init__(self, workers: int, hear: Callable[[Told], None]) -> None:
        context = processes()
        self._queue: Queue[Told | None] = context.Queue()
        self.executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(self._queue,))
        self._hear = hear
        self._thread = threading.Thread(target=self._listen, name="gate-progress", daemon=True)

    def __enter__(self) -> Pool:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        interrupted = kind is not None and not issubclass(kind, Exception)
        if interrupted:  # nobody waits for what is in flight
            self._queue.cancel_join_thread()  # a killed worker may have held its lock
            for worker in multiprocessing.active_children():
                worker.kill()
        self.executor.shutdown(wait=True, cancel_futures=True)
        if not interrupted:
            self._queue.put(None)
            self._thread.join(timeout=5)
        self._queue.close()

    def _listen(self) -> None:
        while (told := self._queue.get()) is not None:
            self._hear(told)
