"""The `rules` answers of stage two's roles and its programs: each a function of a share (and a batch), deterministic.

They run in worker processes that keep environments open between the batches of their shares.
"""

from __future__ import annotations

import json
import random
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from envfactory.agents.benches import OwnIndexes, sampler_of, scope_of
from envfactory.agents.controls import export_options
from envfactory.agents.taskfacts import Facts
from envfactory.agents.taskproducts import Batch, Place, Refusal, Settings, Share, Split, Step
from envfactory.calibration.calibrate import attempts_at, band, calibration_of
from envfactory.calibration.searcher import Searcher
from envfactory.datasets.export import export as export_tasks
from envfactory.datasets.manifest import NAME, manifest
from envfactory.datasets.splits import Shares, assign
from envfactory.environments.files import write_atomically
from envfactory.errors import EnvFactoryError, WorkerDied
from envfactory.phrasing.answers import answered
from envfactory.refinement.controls import Refinement
from envfactory.refinement.refine import refine as refine_task
from envfactory.sampling.sampler import Refused
from envfactory.tasks.files import TASKS, TaskFile, copy_tasks, write_tasks
from envfactory.tasks.model import Calibration, Task
from envfactory.tasks.proof import prove as prove_task

ENOUGH_FAILURES = 2  # where what no attempt solves is dropped
DEFECT = "defect of ours:"
_PLACE = re.compile(r"^(turn|call) \d+")


def split(settings: Settings, places: list[Place]) -> dict[str, Split]:
    """Settle which environments are for training, for validation and held out, before anything is sampled."""
    return assign({place.name: place.domain for place in places}, settings.seed, Shares(**settings.splits))


def sample(settings: Settings, share: Share, first: int, lacking: int) -> Batch:
    """Draw candidates from the share's numbers from `first` on, until `lacking` are found or its numbers end."""
    indexes = sampler_of(settings, share)
    tasks: list[Task] = []
    refused: list[Refusal] = []
    number = first
    while number < share.first + share.limit and len(tasks) < lacking:
        found = guarded(number, "sampling", partial(_sampled, indexes, share, number))
        if isinstance(found, Task):
            tasks.append(found)
        else:
            refused.append(found)
        number += 1
    return Batch(tasks=tasks, refused=refused, next=number)


def _sampled(indexes: OwnIndexes, share: Share, number: int) -> Task | Refusal:
    found = indexes.sampler.sample(indexes.of(share.place.name, number))
    if isinstance(found, Refused):
        return Refusal(index=number, step="sampling", reason=found.reason, detail=found.focus)
    return found.model_copy(update={"id": f"{share.place.name}-{number:05d}", "split": share.split})


def refine(settings: Settings, share: Share, batch: Batch) -> Batch:
    """Say the candidates as a person would; what no wording of passes the audit is refused."""
    scope = scope_of(settings, [share.place, *share.companions])

    def work(task: Task) -> Task | Refusal:
        found = refine_task(task, scope, *refining(settings, task))
        if isinstance(found, Task):
            return answered(found, scope.contracts_for(found))
        return refusal(task, "refinement", found.reasons)

    return sieved(batch, "refinement", work)


def refining(settings: Settings, task: Task) -> tuple[Refinement, random.Random]:
    """Return the controls of refinement and the randomness of one task's."""
    return Refinement(**settings.refinement), random.Random(f"{settings.seed}/refine/{task.id}")


def sieved(batch: Batch, step: Step, work: Callable[[Task], Task | Refusal]) -> Batch:
    """Return the batch of what came through a step. A defect of ours costs the candidate it shows in, and is counted."""
    tasks: list[Task] = []
    refused: list[Refusal] = []
    for task in batch.tasks:
        found = guarded(task.index, step, partial(work, task))
        if isinstance(found, Task):
            tasks.append(found)
        else:
            refused.append(found)
    return Batch(tasks=tasks, refused=refused, next=batch.next)


def guarded(index: int, step: Step, work: Callable[[], Task | Refusal]) -> Task | Refusal:
    """Do a candidate's work; the boundary at which what nobody foresaw becomes a refusal that says what it was."""
    try:
        return work()
    except (EnvFactoryError, OSError):
        raise  # infrastructure, or a mistake that holds for every candidate
    except Exception as error:  # noqa: BLE001 - the named boundary of a candidate
        told = traceback.format_exception_only(error)[-1].strip()
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return Refusal(index=index, step=step, reason=f"{DEFECT} {type(error).__name__}", detail=f"{told} at {place}")


def refusal(task: Task, step: Step, reasons: list[str]) -> Refusal:
    """Return why a candidate goes no further: in words that others share, and in full."""
    first = reasons[0] if reasons else "no reason given"
    return Refusal(index=task.index, step=step, reason=gist(first), detail="; ".join(reasons))


def gist(reason: str) -> str:
    """Return what a reason has in common with others: `turn 2: leak: he says trip_id` is a leak."""
    parts = [part.strip() for part in reason.split(":")]
    told = [part for part in parts if not _PLACE.match(part)]
    return (told[0] if told else parts[0])[:60]


def prove(settings: Settings, share: Share, batch: Batch) -> Batch:
    """Prove the graders by execution; a task whose grader fails is refused."""
    scope = scope_of(settings, [share.place, *share.companions])

    def work(task: Task) -> Task | Refusal:
        proof = prove_task(task, scope)
        broken = [verdict.evidence for verdict in proof.task.verdicts.values() if verdict.status == "error"]
        if broken:
            raise WorkerDied(f"{task.id} could not be proven: {broken[0]}")
        if proof.proven:
            return proof.task
        first = proof.reasons[0]
        reason = f"{first.check}{f' ({first.kind})' if first.kind else ''}"
        return Refusal(index=task.index, step="proof", reason=reason, detail="; ".join(map(str, proof.reasons)))

    return sieved(batch, "proof", work)


def calibrate(settings: Settings, share: Share, batch: Batch) -> Batch:
    """Let the scripted solver try; keep what lies in the band."""
    scope = scope_of(settings, [share.place, *share.companions])
    count = settings.calibration["attempts"]
    enough = ENOUGH_FAILURES if drops_unsolved(settings, Searcher.name) else None

    def work(task: Task) -> Task | Refusal:
        made = attempts_at(task, scope, Searcher(), count, settings.seed, hopeless_after=enough)
        return judged(settings, task, calibration_of(task, made, Searcher.name))

    return sieved(batch, "calibration", work)


def drops_unsolved(settings: Settings, solver: str) -> bool:
    """Whether a task that no attempt solved is out. Unless told, the scripted searcher's failures prove nothing."""
    told = settings.calibration["drop_unsolved"]
    return solver != Searcher.name if told is None else bool(told)


def judged(settings: Settings, task: Task, measured: Calibration) -> Task | Refusal:
    """Return a task with its calibration, or why its solve rate keeps it out."""
    told = settings.calibration
    verdict = band(measured, told["low"], told["high"], drop_unsolved=drops_unsolved(settings, measured.solver))
    if verdict == "unmeasured":
        raise WorkerDied(f"no attempt at {task.id} came to an end")
    if verdict == "keep":
        return task.model_copy(update={"calibration": measured})
    reason = verdict.replace("_", " ")
    detail = f"{measured.solved} of {measured.attempts} attempts solved it"
    return Refusal(index=task.index, step="calibration", reason=reason, detail=detail)


def collect(settings: Settings, places: list[Place], tasks: Iterable[Task], file: Path) -> dict[str, Any]:
    """Write tasks into one file, and say of each environment what they are."""
    facts = Facts(scope_of(settings, places))

    def noted() -> Iterator[Task]:
        for task in tasks:
            facts.add(task)
            yield task

    write_tasks(file, noted())
    rows = sorted(facts.rows(), key=lambda row: str(row["environment"]))
    return {"tasks": sum(row["tasks"] for row in rows), "rows": rows}


def export(settings: Settings, places: list[Place], file: Path, folder: Path) -> dict[str, Any]:
    """Write the datasets of a file of tasks."""
    aside = folder.with_name(f".{folder.name}.{TASKS}")  # the folder is replaced, and may be where the tasks lie
    copy_tasks(file, aside)
    try:
        made = export_tasks(TaskFile(file), scope_of(settings, places), folder, export_options(settings))
        aside.replace(folder / TASKS)
        said = json.loads((folder / NAME).read_bytes())
        told = manifest(folder, {key: said[key] for key in said if key not in ("kind", "version", "files")})
        write_atomically(folder / NAME, told)
    finally:
        aside.unlink(missing_ok=True)
    return {"tasks": made.tasks, "counts": made.counted.told(), "left_out": made.left_out}
