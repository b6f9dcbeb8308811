"""Stage two of a run: from its verified environments to tasks and datasets, by the machine of `taskmachine`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envfactory.agents.taskproducts import Place, Settings
from envfactory.config import Config
from envfactory.environments.artefact import load
from envfactory.events import Emit
from envfactory.graphs.lanes import Lanes
from envfactory.graphs.store import Store
from envfactory.graphs.taskdesk import TaskDesk
from envfactory.graphs.taskmachine import stream
from envfactory.graphs.taskstate import TasksContext
from envfactory.models.backends import Backends
from envfactory.tasks.files import TASKS

AHEAD = 2  # chunks in flight a lane, so that none waits for the bookkeeping of another


@dataclass(frozen=True)
class Tasks:
    """What stage two came to: a row an environment, what was written and where."""

    status: str
    file: Path
    dataset: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    @property
    def example(self) -> str:
        """The id of a task to look at first."""
        return next((row["example"] for row in self.rows if row["tasks"]), "")

    @property
    def count(self) -> int:
        return sum(row["tasks"] for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "tasks": self.count,
            "file": str(self.file),
            "dataset": str(self.dataset),
            "environments": self.rows,
            "written": self.written,
            "unfinished": self.reasons,
        }


async def make_tasks(
    name: str,
    folder: Path,
    config: Config,
    backends: Backends,
    domain: str,
    built: Sequence[dict[str, Any]],
    emit: Emit,
    before_node: Callable[[str], None] = lambda node: None,
) -> Tasks:
    """Make tasks of the environments that `built` names, or go on with them. A first Ctrl-C stops it cleanly."""
    places = [place_of(config.run.out, outcome["domain"], outcome["environment"]) for outcome in built]
    dataset = config.tasks.out / domain
    with Lanes(config.run.concurrency) as lanes:
        desk = TaskDesk(settings_of(config, folder / "work"), backends, lanes, emit)
        context = TasksContext(config, desk, Store(folder / "work"), emit, folder, dataset, before_node, backends.purse)
        entry = {"places": [place.model_dump(mode="json") for place in places]}
        status, values = await stream(folder, name, context, entry, side_by_side=AHEAD * config.run.concurrency)
    reasons = [reason for chunk in values.get("chunks", []) for reason in chunk["reasons"]]
    made = values.get("tasks", {})
    return Tasks(status, folder / TASKS, dataset, made.get("rows", []), values.get("dataset", {}), reasons)


def place_of(library: Path, domain: str, name: str) -> Place:
    """Return where an environment of a library lies, and its version."""
    folder = f"{domain}/{name}"
    return Place(name=name, domain=domain, folder=folder, content_hash=load(library / folder).content_hash)


def settings_of(config: Config, store: Path, library: Path | None = None) -> Settings:
    """Return what the workers need to know of a configuration; the library is the one that a run writes to."""
    tasks = config.tasks
    return Settings(
        library=(library or config.run.out).absolute(),
        store=store.absolute(),
        seed=config.run.seed if tasks.seed is None else tasks.seed,
        tier=config.run.sandbox,
        formats=list(tasks.formats),
        splits=tasks.splits,
        sampling=tasks.sampling,
        refinement=tasks.refinement,
        calibration=tasks.calibration.model_dump(),
        export=tasks.export,
    )
