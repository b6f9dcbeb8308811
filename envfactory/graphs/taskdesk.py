"""Where the machine of stage two asks: sampler, refiner and solver, each by `rules` or by the config's language model.

Rules compute in lanes, which hold what an environment needs; a batch goes by the name under which the lane has stored
it. The desk tells the event stream who was asked, what came back and what it cost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from envfactory.agents.ledger import Ledger
from envfactory.agents.taskproducts import Place, Settings, Share, Split
from envfactory.config import AUTHORS, RULES
from envfactory.events import Emit, Usage
from envfactory.graphs import taskjobs
from envfactory.graphs.taskjobs import Stepped
from envfactory.models.backends import Backends

if TYPE_CHECKING:
    from envfactory.agents.taskauthors import TaskAuthors

Answer = TypeVar("Answer")
ANYWHERE = ""


class Lanes(Protocol):
    """Runs jobs in other processes; a key says what a job needs to have loaded."""

    async def run(self, key: str, job: Callable[..., Answer], *arguments: Any) -> Answer:
        """Return what `job(*arguments)` gives."""


class TaskDesk:
    """Answers the roles of stage two and runs its programs."""

    def __init__(self, settings: Settings, backends: Backends, lanes: Lanes, emit: Emit) -> None:
        self._settings, self._backends, self._lanes = settings, backends, lanes
        self._ledger = Ledger(emit, lambda event: (event.environment, event.revision))
        self._authors: TaskAuthors | None = None
        if any(self.backend(role) != RULES for role in AUTHORS):
            from envfactory.agents.taskauthors import TaskAuthors  # the model client is heavy and only needed here

            self._authors = TaskAuthors(settings, backends, lanes, self._ledger.hear)

    def backend(self, role: str) -> str:
        """Return the name of what answers a role."""
        return self._backends.of(role).model

    def take_usage(self, environment: str, chunk: int) -> Usage:
        """Return what a chunk's roles have used since this was last asked."""
        return self._ledger.take((environment, chunk))

    async def split(self, places: list[Place]) -> dict[str, Split]:
        """Say which split each environment is in."""
        return await self._lanes.run(ANYWHERE, taskjobs.split, self._settings, places)

    async def sample(self, share: Share, first: int, lacking: int) -> Stepped:
        """Draw `lacking` candidates, from index `first` on."""
        arguments = (share, first, lacking)
        return await self._role("sampler", share, arguments, taskjobs.sample)

    async def refine(self, share: Share, batch: str) -> Stepped:
        """Write the words of the turns."""
        return await self._role("refiner", share, (share, batch), taskjobs.refine)

    async def prove(self, share: Share, batch: str) -> Stepped:
        """Prove the graders."""
        return await self._lanes.run(share.key, taskjobs.prove, self._settings, share, batch)

    async def calibrate(self, share: Share, batch: str) -> Stepped:
        """Let the solver try, and keep what lies in the band."""
        return await self._role("solver", share, (share, batch), taskjobs.calibrate)

    async def collect(self, places: list[Place], batches: list[str], file: Path) -> dict[str, Any]:
        """Write the tasks of batches to a file and say what they are."""
        return await self._lanes.run(ANYWHERE, taskjobs.collect, self._settings, places, batches, file)

    async def export(self, places: list[Place], file: Path, folder: Path) -> dict[str, Any]:
        """Write the datasets of a file of tasks."""
        return await self._lanes.run(ANYWHERE, taskjobs.export, self._settings, places, file, folder)

    async def _role(self, role: str, share: Share, arguments: tuple[Any, ...], job: Callable[..., Stepped]) -> Stepped:
        backend, name, chunk = self.backend(role), share.place.name, share.chunk
        with self._ledger.entry((name, chunk), name, role, chunk, backend, _asked_for(arguments)) as made:
            done = await self._asked(role, share, arguments, job)
            made.summary, made.product = described(done), f"work/{done.batch}"
            return done

    def _asked(
        self, role: str, share: Share, arguments: tuple[Any, ...], job: Callable[..., Stepped]
    ) -> Awaitable[Stepped]:
        if self.backend(role) != RULES and self._authors is not None:
            return self._by_model(role, self._authors, *arguments)
        return self._lanes.run(share.key, job, self._settings, *arguments)

    async def _by_model(self, role: str, authors: TaskAuthors, share: Share, *rest: Any) -> Stepped:
        if role == "sampler":
            return taskjobs.stored(self._settings, await authors.sample(share, *rest))
        answering = {"refiner": authors.refine, "solver": authors.calibrate}[role]
        return taskjobs.stored(self._settings, await answering(share, taskjobs.fetched(self._settings, *rest)))


def described(done: Stepped) -> str:
    """Say in a few words what a step came to."""
    lost = sum(done.refused.values())
    return f"{done.passed} of {done.passed + lost} candidates"


def _asked_for(arguments: tuple[Any, ...]) -> str:
    share, *rest = arguments
    return f"{share.place.name}, share {share.chunk}, indexes from {share.first}: {', '.join(map(str, rest))}"
