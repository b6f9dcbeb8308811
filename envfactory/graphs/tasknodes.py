"""The nodes of stage two: ask a role, keep the name of what it made, go on until a share has its tasks.

A candidate that is refused is a counted reason; broken infrastructure is retried and then leaves a chunk `unfinished`;
a backend that is down or a full disk stops the run, resumably.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from envfactory.agents.taskproducts import Place, Share, Split
from envfactory.config import TasksConfig
from envfactory.errors import SandboxError
from envfactory.events import ChunkFinished, DatasetStarted, DatasetWritten, Event, TasksCounted, TasksPlanned, Usage
from envfactory.graphs.taskjobs import Stepped
from envfactory.graphs.taskstate import ChunkState, TasksContext, TasksState
from envfactory.tasks.files import TASKS

Here = Runtime[TasksContext]
Update = dict[str, Any]
ATTEMPTS = 3
COUNTED = {"sample": "sampled", "refine": "refined", "prove": "proved", "calibrate": "kept"}


async def split(state: TasksState, runtime: Here) -> Update:
    """Put every environment into one split, before anything is sampled, and cut its tasks into shares."""
    context = runtime.context
    context.before_node("split")
    places = [Place.model_validate(place) for place in state["places"]]
    splits = await context.desk.split(places)
    shares = shares_of(places, splits, context.config.tasks)
    for event in planned(shares):
        context.emit(event)
    return {"shares": [share.model_dump(mode="json") for share in shares]}


def shares_of(places: list[Place], splits: dict[str, Split], settings: TasksConfig) -> list[Share]:
    """Return the shares of all environments, so ordered that neighbours are of different ones."""
    shares = []
    for number, start in enumerate(range(0, settings.count, settings.chunk)):
        wanted = min(settings.chunk, settings.count - start)
        for place in places:
            companions = [each for each in places if each != place and splits[each.name] == splits[place.name]]
            shares.append(
                Share(
                    place=place,
                    companions=companions,
                    split=splits[place.name],
                    chunk=number,
                    wanted=wanted,
                    first=start * settings.candidates,
                    limit=wanted * settings.candidates,
                )
            )
    return shares


def planned(shares: list[Share]) -> list[TasksPlanned]:
    """Return an event for each environment: its split, and how many tasks are wanted."""
    wanted = Counter[str]()
    for share in shares:
        wanted[share.place.name] += share.wanted
    splits = {share.place.name: share.split for share in shares}
    return [TasksPlanned(name, splits[name], count) for name, count in wanted.items()]


def recall(state: Update) -> list[Event]:
    """Return what a resumed stage two knows already, as the events that an undisturbed one would have told."""
    events: list[Event] = [*planned([Share.model_validate(share) for share in state.get("shares", [])])]
    for chunk in state.get("chunks", []):
        events.append(_counted(chunk["environment"], chunk["chunk"], chunk))
        events.append(ChunkFinished(chunk["environment"], chunk["chunk"], chunk["status"], chunk["reasons"]))
    return events


def fan_out(state: TasksState) -> list[Send]:
    """Start one chunk machine a share."""
    return [
        Send("chunk", {"share": share, "next": share["first"], "round": 0, "kept": [], "counts": {}, "refused": {}})
        for share in state["shares"]
    ]


async def sample(state: ChunkState, runtime: Here) -> Command[Literal["refine", "finish"]]:
    """Draw as many candidates as the share still lacks."""
    share = Share.model_validate(state["share"])
    lacking = share.wanted - state["counts"].get("kept", 0)

    async def work(context: TasksContext) -> Stepped:
        return await context.desk.sample(share, state["next"], lacking)

    command = await _step("sample", state, runtime, work, "refine")
    update = command.update if isinstance(command.update, dict) else {}
    if "counts" in update and update["counts"]["sampled"] == state["counts"].get("sampled", 0):
        return Command(update={**update, "status": "short"}, goto="finish")  # no index is left
    return command


async def refine(state: ChunkState, runtime: Here) -> Command[Literal["prove", "finish"]]:
    """Say the candidates as a person would."""

    async def work(context: TasksContext) -> Stepped:
        return await context.desk.refine(Share.model_validate(state["share"]), state["batch"])

    return await _step("refine", state, runtime, work, "prove")


async def prove(state: ChunkState, runtime: Here) -> Command[Literal["calibrate", "finish"]]:
    """Prove the graders by execution."""

    async def work(context: TasksContext) -> Stepped:
        return await context.desk.prove(Share.model_validate(state["share"]), state["batch"])

    return await _step("prove", state, runtime, work, "calibrate")


async def calibrate(state: ChunkState, runtime: Here) -> Command[Literal["sample", "finish"]]:
    """Let the solver try; what stays is kept. Go on with further indexes until the share is full or has none left."""
    share = Share.model_validate(state["share"])

    async def work(context: TasksContext) -> Stepped:
        return await context.desk.calibrate(share, state["batch"])

    command = await _step("calibrate", state, runtime, work, "finish")
    update = command.update if isinstance(command.update, dict) else {}
    if "status" in update:
        return command
    full = update["counts"]["kept"] >= share.wanted
    if full or state["next"] >= share.first + share.limit:
        return Command(update={**update, "status": "full" if full else "short"}, goto="finish")
    return Command(update={**update, "round": state["round"] + 1}, goto="sample")


async def finish(state: ChunkState, runtime: Here) -> Update:
    """Say what the share came to."""
    context = runtime.context
    context.before_node("finish")
    share = Share.model_validate(state["share"])
    status, reasons = state.get("status", "short"), state.get("reasons", [])
    context.emit(ChunkFinished(share.place.name, share.chunk, status, reasons))
    outcome = {
        "environment": share.place.name,
        "split": share.split,
        "chunk": share.chunk,
        "status": status,
        "reasons": reasons,
        "kept": state["kept"],
        "counts": state["counts"],
        "refused": state["refused"],
        "seconds": round(state.get("seconds", 0.0), 2),
        "usage": state.get("usage", []),
    }
    return {"chunks": [outcome]}


async def collect(state: TasksState, runtime: Here) -> Update:
    """Put the tasks of all shares into one file, in an order that does not depend on who was first."""
    context = runtime.context
    context.before_node("collect")
    chunks = sorted(state["chunks"], key=lambda chunk: (chunk["environment"], chunk["chunk"]))
    kept = [name for chunk in chunks for name in chunk["kept"]]
    places = [Place.model_validate(place) for place in state["places"]]
    made = await context.desk.collect(places, kept, context.run_folder / TASKS)
    return {"tasks": {**made, "rows": [{**row, **_came_to(row["environment"], chunks)} for row in made["rows"]]}}


def _came_to(environment: str, chunks: list[dict[str, Any]]) -> Update:
    """Return what an environment's chunks came to: candidates, refusals by reason, model calls, how they ended."""
    own = [chunk for chunk in chunks if chunk["environment"] == environment]
    refused, status = Counter[str](), [chunk["status"] for chunk in own]
    for chunk in own:
        refused.update(chunk["refused"])
    spent = sum((Usage(**usage) for chunk in own for usage in chunk["usage"]), Usage())
    kept = sum(chunk["counts"].get("kept", 0) for chunk in own)
    return {
        "split": own[0]["split"],
        "status": "full" if set(status) == {"full"} else "unfinished" if "unfinished" in status else "short",
        "candidates": sum(chunk["counts"].get("sampled", 0) for chunk in own) + _at(refused, "sampling"),
        "refused": dict(refused.most_common()),
        "seconds": round(sum(chunk["seconds"] for chunk in own), 1),
        **spent.as_row(),
        "cost_per_task": None if spent.cost is None or not kept else round(spent.cost / kept, 6),
    }


def _at(refused: Counter[str], step: str) -> int:
    return sum(count for reason, count in refused.items() if reason.startswith(f"{step}: "))


async def export(state: TasksState, runtime: Here) -> Update:
    """Write the datasets."""
    context = runtime.context
    context.before_node("export")
    if not state["tasks"]["tasks"]:
        return {"dataset": {}}
    places = [Place.model_validate(place) for place in state["places"]]
    context.emit(DatasetStarted(state["tasks"]["tasks"]))
    started = time.monotonic()
    written = await context.desk.export(places, context.run_folder / TASKS, context.dataset)
    context.emit(DatasetWritten(str(context.dataset), written["tasks"], time.monotonic() - started))
    return {"dataset": written}


async def _step(
    node: str,
    state: ChunkState,
    runtime: Here,
    work: Callable[[TasksContext], Awaitable[Stepped]],
    onward: str,
) -> Command[Any]:
    """Do a step of a chunk and count what it came to; infrastructure that stays broken leaves the chunk unfinished."""
    context, share = runtime.context, state["share"]
    name, chunk = share["place"]["name"], share["chunk"]
    context.before_node(node)
    started = time.monotonic()
    try:
        done = await work(context)
    except SandboxError as broken:
        if runtime.execution_info is None or runtime.execution_info.node_attempt < ATTEMPTS:
            raise  # the retry policy tries the node again
        reasons = [*state.get("reasons", []), f"{name}, {node}: {broken}"]
        return Command(update={"status": "unfinished", "reasons": reasons}, goto="finish")
    after, spent = _after(node, state, done), context.desk.take_usage(name, chunk)
    context.emit(_counted(name, chunk, after))
    return Command(
        update={
            **after,
            "seconds": state.get("seconds", 0.0) + time.monotonic() - started,
            "usage": [*state.get("usage", []), *([asdict(spent)] if spent.calls or spent.cached else [])],
        },
        goto=onward,
    )


def _counted(name: str, chunk: int, told: Update) -> TasksCounted:
    counts = {key: told["counts"].get(key, 0) for key in COUNTED.values()}
    return TasksCounted(name, chunk, refused=told["refused"], **counts)


def _after(node: str, state: ChunkState, done: Stepped) -> Update:
    counts, refused = Counter(state["counts"]), Counter(state["refused"])
    counts[COUNTED[node]] += done.passed
    refused.update(done.refused)
    update: Update = {"batch": done.batch, "counts": dict(counts), "refused": dict(refused)}
    if node == "sample":
        update["next"] = done.next
    if node == "calibrate":
        update["kept"] = [*state["kept"], done.batch]
    return update
