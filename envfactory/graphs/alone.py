"""Steps of stage two by themselves, over a library or a file of tasks: the same programs, lanes and events, no machine.

What a command makes lies in one file, written at its end; batches go through a folder that is thrown away.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from envfactory.agents.asking import side_by_side
from envfactory.agents.taskproducts import Batch, Place, Settings, Share
from envfactory.config import Config
from envfactory.environments.artefact import load
from envfactory.errors import BudgetSpent, TaskError
from envfactory.events import ChunkFinished, DatasetStarted, DatasetWritten, Emit, TasksCounted, TasksPlanned
from envfactory.graphs.lanes import Lanes
from envfactory.graphs.store import Store
from envfactory.graphs.taskdesk import TaskDesk
from envfactory.graphs.taskjobs import Stepped
from envfactory.graphs.tasknodes import planned, shares_of
from envfactory.graphs.tasks import settings_of
from envfactory.models.backends import open_backends
from envfactory.tasks.model import Task
from envfactory.tasks.scope import open_library

Work = Callable[["Bench"], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Bench:
    """What a step by itself works with."""

    config: Config
    settings: Settings
    places: list[Place]
    desk: TaskDesk
    emit: Emit


def places_in(library: Path, only: Sequence[str] = ()) -> list[Place]:
    """Return the verified environments below a folder; TaskError where one that is asked for is not there."""
    places = []
    for folder in open_library(library):
        environment = load(folder)
        below = str(folder.relative_to(library))
        manifest = environment.manifest
        places.append(
            Place(name=manifest.name, domain=manifest.domain, folder=below, content_hash=environment.content_hash)
        )
    names = [place.name for place in places]
    missing = sorted(set(only) - set(names))
    if missing:
        raise TaskError(f"{library} has no verified environment {missing[0]}", remedy=f"it has {', '.join(names)}")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TaskError(f"{library} has two environments named {twice[0]}", remedy="give a folder below it")
    return places


def alone(config: Config, library: Path, places: list[Place], emit: Emit, work: Work, journal: Path) -> dict[str, Any]:
    """Do a step's work with lanes and a desk of its own.

    What models answer is kept in `journal` until the work is done, unless it goes into a recording: the same command,
    given again, asks for none of it twice.
    """
    backends = open_backends(config, journal, journal.name)

    async def all_of_it() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="envfactory-") as folder, Lanes(config.run.concurrency) as lanes:
            settings = settings_of(config, Path(folder), library)
            desk = TaskDesk(settings, backends, lanes, emit)
            return await work(Bench(config, settings, places, desk, emit))

    try:
        made = asyncio.run(all_of_it())
    except BudgetSpent as spent:
        spent.remedy = "what was answered is kept: give the command again with a higher limit"
        raise
    shutil.rmtree(journal, ignore_errors=True)
    return {**made, "spent": asdict(backends.purse.spent)}


async def sample(bench: Bench, only: Sequence[str], out: Path) -> dict[str, Any]:
    """Sample the configured number of tasks of each environment (or of those in `only`) into a file."""
    splits = await bench.desk.split(bench.places)
    shares = [s for s in shares_of(bench.places, splits, bench.config.tasks) if not only or s.place.name in only]
    for event in planned(shares):
        bench.emit(event)

    async def filled(share: Share) -> list[str]:
        done = await bench.desk.sample(share, share.first, share.wanted)
        lost = done.refused
        bench.emit(TasksCounted(share.place.name, share.chunk, sampled=done.passed, kept=done.passed, refused=lost))
        status = "full" if done.passed == share.wanted else "short"
        bench.emit(ChunkFinished(share.place.name, share.chunk, status))
        return [done.batch]

    return await _gathered(bench, shares, filled, out)


async def refine(bench: Bench, tasks: Iterable[Task], out: Path) -> dict[str, Any]:
    """Write the words of tasks, prove their graders and calibrate them; those that pass go into a file."""
    batches = list(_batched(tasks, bench))
    for name in dict.fromkeys(share.place.name for share, _ in batches):
        own = [share for share, _ in batches if share.place.name == name]
        bench.emit(TasksPlanned(name, own[0].split, sum(share.wanted for share in own)))
    names = {(share.place.name, share.chunk): _put(bench, batch) for share, batch in batches}

    async def through(share: Share) -> list[str]:
        batch, counts, refused = names[share.place.name, share.chunk], {"sampled": share.wanted}, Counter[str]()
        steps = {"refined": bench.desk.refine, "proved": bench.desk.prove, "kept": bench.desk.calibrate}
        for counted, step in steps.items():
            done: Stepped = await step(share, batch)
            batch, counts[counted] = done.batch, done.passed
            refused.update(done.refused)
            bench.emit(TasksCounted(share.place.name, share.chunk, refused=dict(refused), **counts))
        status = "full" if counts["kept"] == share.wanted else "short"
        bench.emit(ChunkFinished(share.place.name, share.chunk, status))
        return [batch]

    return await _gathered(bench, [share for share, _ in batches], through, out)


async def export(bench: Bench, tasks: Path, count: int, out: Path) -> dict[str, Any]:
    """Write the datasets of a file of tasks."""
    loop = asyncio.get_running_loop()
    bench.emit(DatasetStarted(count))
    started = loop.time()
    written = await bench.desk.export(bench.places, tasks, out)
    bench.emit(DatasetWritten(str(out), written["tasks"], loop.time() - started))
    return written


async def _gathered(
    bench: Bench, shares: list[Share], work: Callable[[Share], Awaitable[list[str]]], out: Path
) -> dict[str, Any]:
    """Work on shares side by side, and put what they give into one file in their order."""
    room = asyncio.Semaphore(2 * bench.config.run.concurrency)

    async def bounded(share: Share) -> list[str]:
        async with room:
            return await work(share)

    found = await side_by_side(bounded(share) for share in shares)
    order = sorted(zip(shares, found, strict=True), key=lambda each: (each[0].place.name, each[0].chunk))
    names = [name for _, batches in order for name in batches]
    return await bench.desk.collect(bench.places, names, out)


def _batched(tasks: Iterable[Task], bench: Bench) -> Iterable[tuple[Share, Batch]]:
    """Cut tasks into shares of the first environment that each names.

    Companions, whose tools may be offered besides, are what the file's tasks of the same split are set in: what is held
    out is not seen in training.
    """
    own: dict[str, list[Task]] = {}
    held: dict[str, set[str]] = {}
    for task in tasks:
        own.setdefault(task.environments[0].name, []).append(task)
        held.setdefault(task.split, set()).update(each.name for each in task.environments)
    places = {place.name: place for place in bench.places}
    for name, each in own.items():
        if name not in places:
            raise TaskError(f"the library has no verified environment {name}", remedy="give the one they were made in")
        rest = iter(each)
        for number in range(-(-len(each) // bench.config.tasks.chunk)):
            chosen = list(islice(rest, bench.config.tasks.chunk))
            here = held[chosen[0].split] - {name}
            share = Share(
                place=places[name],
                companions=[place for place in bench.places if place.name in here],
                split=chosen[0].split,
                chunk=number,
                wanted=len(chosen),
                first=0,
                limit=len(chosen),
            )
            yield share, Batch(tasks=chosen)


def _put(bench: Bench, batch: Batch) -> str:
    return Store(bench.settings.store).put(batch, readable=False)
