"""Rollouts over several processes, each with a sandbox, a scope and a policy of its own.

Jobs are dealt out in shares. A process that dies, or does not finish a share in time, is replaced; its jobs are then
dealt out one by one, so that only the job that breaks its process twice is lost: it becomes a rollout of the status
`infrastructure`, and the others are played.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple

from envfactory.rollouts.driver import Job, RolloutOptions, play
from envfactory.rollouts.policy import Policy
from envfactory.sandbox.children import start_worker
from envfactory.tasks.files import StoredRollout
from envfactory.tasks.model import Grade
from envfactory.tasks.scope import Scope

_BEAT = 0.2
_PRELOADED = ("envfactory.rollouts.driver", "envfactory.rollouts.scripted")


@dataclass(frozen=True)
class Players:
    """How a process comes by what it needs: both are called once, in the process, and must cross into it.

    `name` is the policy's, for rollouts whose process did not live to tell it.
    """

    name: str
    scope: Callable[[], Scope]
    policy: Callable[[], Policy]
    options: RolloutOptions = field(default_factory=RolloutOptions)


@dataclass(frozen=True)
class Share:
    """Jobs dealt out together; `tries` is how often a process was lost over them."""

    jobs: tuple[Job, ...]
    tries: int = 0


def shares_of(jobs: Sequence[Job], size: int) -> list[Share]:
    """Deal out jobs: neighbours of one environment together, so that a process opens few workers."""
    found = []
    for _, same in groupby(jobs, key=lambda job: job.task.environments[0].name):
        held = tuple(same)
        found += [Share(held[begin : begin + size]) for begin in range(0, len(held), size)]
    return found


class _Work(NamedTuple):
    """A share in a process's hands, and since when."""

    share: Share
    future: Future[list[StoredRollout]]
    since: float


class _Lane:
    """One process, started with its first share."""

    def __init__(self, players: Players) -> None:
        self._players = players
        self._executor: ProcessPoolExecutor | None = None
        self.work: _Work | None = None

    def start(self, share: Share) -> None:
        if self._executor is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(list(_PRELOADED))
            self._executor = ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(self._players,))
        self.work = _Work(share, self._executor.submit(_play, share.jobs), time.monotonic())

    def is_late(self, patience: float | None) -> bool:
        """Tell whether the share takes longer than its jobs may."""
        if self.work is None or patience is None or self.work.future.done():
            return False
        return time.monotonic() - self.work.since > patience * len(self.work.share.jobs)

    def collect(self) -> tuple[list[StoredRollout], list[Share]]:
        """Return what the share came to, and what of it is to be dealt out again; nothing while it is in hand."""
        if self.work is None or not self.work.future.done():
            return [], []
        work, self.work = self.work, None
        try:
            return work.future.result(), []
        except BrokenProcessPool:
            self.kill()
            return lost(work.share, self._players)

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self._executor is not None:
            for process in list((self._executor._processes or {}).values()):
                process.kill()
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = None

    def close(self) -> None:
        """End the process once it has nothing in hand."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)


def play_on_processes(
    jobs: Sequence[Job], players: Players, processes: int, *, share: int = 8, patience: float | None = None
) -> Iterator[StoredRollout]:
    """Play jobs on so many processes; yield graded rollouts as their shares end.

    `patience` is how many seconds a job may take before its process is given up (no limit by default; the sandbox has
    deadlines of its own for every call, so only a policy can hang).
    """
    waiting = deque(shares_of(jobs, share))
    lanes = [_Lane(players) for _ in range(min(processes, len(waiting)))]
    ended = False
    try:
        while waiting or any(lane.work for lane in lanes):
            for lane in lanes:
                if lane.work is None and waiting:
                    lane.start(waiting.popleft())
            _wait(lanes, patience)
            for lane in lanes:
                done, again = lane.collect()
                waiting.extendleft(reversed(again))
                yield from done
        ended = True
    finally:
        for lane in lanes:
            lane.close() if ended else lane.kill()


def _wait(lanes: Sequence[_Lane], patience: float | None) -> None:
    """Wait until a share has ended, though not for long; end processes that take longer than they may."""
    wait([lane.work.future for lane in lanes if lane.work], timeout=_BEAT, return_when=FIRST_COMPLETED)
    for lane in lanes:
        if lane.is_late(patience):
            lane.kill()


def lost(share: Share, players: Players) -> tuple[list[StoredRollout], list[Share]]:
    """Return what is to be done about a share whose process was lost: try its jobs alone, or give up the one it had."""
    if share.tries and len(share.jobs) == 1:
        return [_given_up(share.jobs[0], players)], []
    return [], [Share((job,), share.tries + 1) for job in share.jobs]


def _given_up(job: Job, players: Players) -> StoredRollout:
    trouble = "the process that played it was lost twice"
    return StoredRollout(
        task=job.task.id,
        attempt=job.attempt,
        solver=players.name,
        status="infrastructure",
        ended="infrastructure",
        trouble=trouble,
        grade=Grade(status="infrastructure", reward=None, reasons=[trouble]),
        rewarded_by=players.options.reward,
    )


# --- in the process ---------------------------------------------------------------------------------------------------

Player = Callable[[Sequence[Job]], list[StoredRollout]]
_player: Player | None = None
_players: Players | None = None


def open_player(players: Players) -> Player:
    """Make scope and policy, and return what plays jobs with them."""
    scope, policy = players.scope(), players.policy()

    def player(jobs: Sequence[Job]) -> list[StoredRollout]:
        options = replace(players.options, side_by_side=min(players.options.side_by_side, len(jobs)))
        return list(play(jobs, scope, policy, options))

    return player


def _begin(players: Players) -> None:
    global _players  # a process serves one caller, which tells it once how to play
    _players = players
    start_worker()


def _play(jobs: tuple[Job, ...]) -> list[StoredRollout]:
    global _player  # made with the first share and not before, so that what it raises reaches the caller
    if _player is None:
        assert _players is not None
        _player = open_player(_players)
    return _player(jobs)
