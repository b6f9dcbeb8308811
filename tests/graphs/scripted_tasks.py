"""A desk of stage two whose answers are arithmetic on indexes: the machine without its contents.

A batch's name says what it holds: the environment and the indexes of its candidates. Run as a program it is one process
of a stage two that may kill itself at a node: `python -m tests.graphs.scripted_tasks FOLDER STEPS [NODE [TIMES]]`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envfactory.agents.taskproducts import Place, Share, Split
from envfactory.config import Config, TasksConfig
from envfactory.environments.files import write_atomically
from envfactory.events import Emit, Usage
from envfactory.graphs.store import Store
from envfactory.graphs.taskjobs import Stepped
from envfactory.graphs.taskmachine import stream
from envfactory.graphs.taskstate import TasksContext
from tests.graphs.scripted import config_of

NAMES = ("rail", "ferries", "hotels")


def places(*names: str) -> list[Place]:
    return [Place(name=name, domain="travel", folder=f"travel/{name}", content_hash="0") for name in names]


def batch_of(environment: str, indexes: list[int]) -> str:
    return f"{environment}:{','.join(map(str, indexes))}"


def indexes_of(batch: str) -> list[int]:
    return [int(index) for index in batch.partition(":")[2].split(",") if index]


@dataclass
class ScriptedTaskDesk:
    """Refuses a candidate where `refuses[step](index)`; raises what `faults` holds for a step such as `prove rail 0`."""

    refuses: dict[str, Callable[[int], bool]] = field(default_factory=dict)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    told: Callable[[str], None] = lambda step: None

    def step(self, name: str) -> None:
        """Note a step; raise the fault that is due there."""
        self.steps.append(name)
        self.told(name)
        if self.faults.get(name):
            raise self.faults[name].pop(0)

    def take_usage(self, environment: str, chunk: int) -> Usage:
        return Usage(1, 10, 5, 0.25)

    async def split(self, found: list[Place]) -> dict[str, Split]:
        self.step("split")
        return {place.name: "heldout" if place.name == "hotels" else "train" for place in found}

    async def sample(self, share: Share, first: int, lacking: int) -> Stepped:
        self.step(f"sample {share.place.name} {share.chunk}")
        end, taken, refused, index = share.first + share.limit, [], Counter[str](), first
        while index < end and len(taken) < lacking:
            if self.refuses.get("sample", lambda index: False)(index):
                refused["sample: no story"] += 1
            else:
                taken.append(index)
            index += 1
        return Stepped(batch_of(share.place.name, taken), len(taken), dict(refused), index)

    async def refine(self, share: Share, batch: str) -> Stepped:
        return self._sieve("refine", share, batch)

    async def prove(self, share: Share, batch: str) -> Stepped:
        return self._sieve("prove", share, batch)

    async def calibrate(self, share: Share, batch: str) -> Stepped:
        return self._sieve("calibrate", share, batch)

    def _sieve(self, step: str, share: Share, batch: str) -> Stepped:
        self.step(f"{step} {share.place.name} {share.chunk}")
        lost = self.refuses.get(step, lambda index: False)
        indexes = indexes_of(batch)
        kept = [index for index in indexes if not lost(index)]
        refused = {f"{step}: no": len(indexes) - len(kept)} if len(kept) < len(indexes) else {}
        return Stepped(batch_of(share.place.name, kept), len(kept), refused, 0)

    async def collect(self, found: list[Place], batches: list[str], file: Path) -> dict[str, Any]:
        self.step("collect")
        lines = [f"{batch.partition(':')[0]} {index}" for batch in batches for index in indexes_of(batch)]
        write_atomically(file, "".join(f"{line}\n" for line in lines).encode())
        return {"tasks": len(lines), "rows": []}

    async def export(self, found: list[Place], file: Path, folder: Path) -> dict[str, Any]:
        self.step("export")
        write_atomically(folder / "train.txt", file.read_bytes())
        return {"tasks": len(file.read_text().splitlines())}


async def play(
    folder: Path,
    desk: ScriptedTaskDesk,
    names: tuple[str, ...] = NAMES,
    before_node: Callable[[str], None] = lambda node: None,
    emit: Emit = lambda event: None,
    **settings: Any,
) -> tuple[str, dict[str, Any]]:
    """Run or resume stage two in `folder`; return status and final state."""
    tasks = TasksConfig(out=folder / "datasets", **{"count": 6, "chunk": 3, "candidates": 4, **settings})
    config = Config.model_construct(run=config_of(folder).run, models=Config().models, tasks=tasks)
    run_folder = folder / "run"
    run_folder.mkdir(parents=True, exist_ok=True)
    context = TasksContext(
        config,
        desk,
        Store(run_folder / "work"),
        emit,
        run_folder,
        tasks.out / "travel",
        before_node,  # type: ignore[arg-type]
    )
    entry = {"places": [place.model_dump(mode="json") for place in places(*names)]}
    return await stream(run_folder, "travel-1", context, entry, side_by_side=2)


def refusing() -> dict[str, Callable[[int], bool]]:
    """Refuse some candidates at every step, so that shares need several rounds."""
    return {
        "sample": lambda index: index % 5 == 0,
        "refine": lambda index: index % 7 == 1,
        "prove": lambda index: index % 4 == 3,
        "calibrate": lambda index: index % 11 == 2,
    }


def main() -> None:
    """Play a stage two that appends each step to a file and dies when a node begins for the given time."""
    folder, steps = map(Path, sys.argv[1:3])
    die_at, left = (sys.argv[3], int(sys.argv[4])) if len(sys.argv) > 3 else (None, 0)

    def before_node(node: str) -> None:
        nonlocal left
        left -= node == die_at
        if node == die_at and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with steps.open("a", buffering=1) as log:
        desk = ScriptedTaskDesk(refusing(), told=lambda step: print(step, file=log))
        status, _ = asyncio.run(play(folder, desk, before_node=before_node))
    print(status)


if __name__ == "__main__":
    main()
