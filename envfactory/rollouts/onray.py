"""Rollouts over Ray workers (extra `ray`): the same shares, players and losses as over processes, on many machines.

Each worker is an actor with a scope and a policy of its own, made from what `Players` says, so nothing is shared but
names: every machine must hold the library (and a local policy's model) under the same paths.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from envfactory.errors import UserError
from envfactory.rollouts.driver import Job
from envfactory.rollouts.processes import Players, Share, lost, open_player, shares_of
from envfactory.tasks.files import StoredRollout

INSTALL = "pip install 'envfactory[ray]'"


class _Worker:
    """What an actor is: a player that is opened with its first share."""

    def __init__(self, players: Players) -> None:
        self._players = players
        self._player: Any = None

    def play(self, jobs: tuple[Job, ...]) -> list[StoredRollout]:
        """Play a share."""
        self._player = self._player or open_player(self._players)
        made: list[StoredRollout] = self._player(jobs)
        return made


def require_ray() -> Any:
    """Return the module; UserError where it is not installed."""
    if find_spec("ray") is None:
        raise UserError("rollouts over Ray need ray", remedy=INSTALL)
    import ray

    return ray


def play_on_ray(
    jobs: Sequence[Job], players: Players, workers: int, *, share: int = 8, address: str | None = None
) -> Iterator[StoredRollout]:
    """Play jobs on so many Ray workers; yield graded rollouts as their shares end.

    `address` is that of a running cluster (`auto` finds it); without one, Ray is started here and ended with the last
    rollout. A worker that is lost costs what a lost process does. What a job raises, as UserError, is raised here.
    """
    ray = require_ray()
    started = not ray.is_initialized()
    if started:
        ray.init(address=address, num_cpus=None if address else workers, include_dashboard=False, log_to_driver=False)
    try:
        yield from _Crew(ray, players, workers).play(shares_of(jobs, share))
    finally:
        if started:
            ray.shutdown()


class _Crew:
    """The actors, and which share each has in hand."""

    def __init__(self, ray: Any, players: Players, workers: int) -> None:
        self._ray = ray
        self._players = players
        self._actor = ray.remote(num_cpus=1, max_restarts=0)(_Worker)
        self._free = [self._hired() for _ in range(workers)]
        self._busy: dict[Any, tuple[Any, Share]] = {}

    def play(self, shares: Sequence[Share]) -> Iterator[StoredRollout]:
        waiting = deque(shares)
        while waiting or self._busy:
            while waiting and self._free:
                worker, share = self._free.pop(), waiting.popleft()
                self._busy[worker.play.remote(share.jobs)] = worker, share
            (ready, *_), _ = self._ray.wait(list(self._busy), num_returns=1)
            done, again = self._collected(ready)
            waiting.extendleft(reversed(again))
            yield from done

    def _collected(self, ready: Any) -> tuple[list[StoredRollout], list[Share]]:
        """Return what a share came to; a lost worker is replaced."""
        worker, share = self._busy.pop(ready)
        try:
            made: list[StoredRollout] = self._ray.get(ready)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayActorError:
            self._free.append(self._hired())
            return lost(share, self._players)
        self._free.append(worker)
        return made, []

    def _hired(self) -> Any:
        return self._actor.remote(self._players)
