"""explore → (design → code → test → gate ⟲ revise → finish) for each environment, side by side, durable."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # before the import: checkpoints load plain data, never code

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.errors import GraphDrained
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import RunControl
from langgraph.types import RetryPolicy

from envfactory.config import BUILDERS, RULES, Config
from envfactory.errors import ArtefactError, BudgetSpent, SandboxError
from envfactory.events import Emit, StopRequested
from envfactory.graphs import nodes
from envfactory.graphs.state import Context, EnvironmentState, RunState

FIRST = "explore"
RECURSION_LIMIT = 200  # a seat belt: revisions are bounded by the config


def environment_machine() -> Any:
    """Return the compiled machine of one environment; it checkpoints with its parent."""
    machine = StateGraph(EnvironmentState, context_schema=Context)
    machine.set_node_defaults(
        retry_policy=RetryPolicy(max_attempts=nodes.ATTEMPTS, initial_interval=0.2, retry_on=SandboxError)
    )
    for node in (nodes.design, nodes.code, nodes.test, nodes.gate, nodes.revise, nodes.finish):
        machine.add_node(node.__name__, node)
    machine.add_edge(START, "design")
    machine.add_edge("finish", END)
    return machine.compile(name="environment")


def run_machine(checkpointer: Any = None) -> Any:
    """Return the compiled machine of a run."""
    machine = StateGraph(RunState, context_schema=Context)
    machine.add_node(FIRST, nodes.explore)
    machine.add_node("environment", environment_machine())
    machine.add_edge(START, FIRST)
    machine.add_conditional_edges(FIRST, nodes.fan_out, ["environment"])
    machine.add_edge("environment", END)
    return machine.compile(checkpointer=checkpointer, name="run")


async def stream(folder: Path, thread: str, context: Context, entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Drive the machine of a run from its last checkpoint (or from `entry`); return how it ended and the final state."""

    def recalled(values: dict[str, Any]) -> None:
        context.emit(nodes.recall(context, values))

    def once_more(values: dict[str, Any]) -> dict[str, Any] | None:
        return nodes.once_more(context, values)

    limits = {"recursion_limit": RECURSION_LIMIT, "max_concurrency": side_by_side(context.config)}
    return await drive(folder, thread, run_machine, context, entry, recalled, limits, once_more)


def side_by_side(config: Config) -> int:
    """Return how many environments are worked on at once: enough for the processes, and for those that wait for a model."""
    models = [config.models.of(role) for role in BUILDERS]
    waiting = max((each.max_concurrency for each in models if each.model != RULES), default=0)
    return config.run.concurrency + waiting


async def drive(
    folder: Path,
    thread: str,
    build: Callable[[Any], Any],
    context: Any,
    entry: dict[str, Any],
    recalled: Callable[[dict[str, Any]], None],
    limits: dict[str, Any],
    once_more: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda values: None,
) -> tuple[str, dict[str, Any]]:
    """Drive a machine from its last checkpoint (or from `entry`) to its end; return how it ended and the final state.

    Where a resumed one has come to its end, `once_more` may give the update that sends out its first node's work again.
    A first Ctrl-C, and the end of the budgeted time, let the steps in flight end and give `stopped`; so does a step that
    may not ask a model any more, at once. A second Ctrl-C interrupts. Raises ArtefactError where the checkpoints cannot
    be read or written.
    """
    file = folder / "checkpoints.db"
    settings = {"configurable": {"thread_id": thread}, **limits}
    try:
        async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
            machine = build(saver)
            known = await machine.aget_state(settings)
            if known.values:
                recalled(known.values)
            status = await _finish(machine, None if known.values else entry, settings, context)
            values = (await machine.aget_state(settings)).values
            update = once_more(values) if known.values and status == "finished" else None
            if update is not None:
                await machine.aupdate_state(settings, update, as_node=FIRST)
                status = await _finish(machine, None, settings, context)
            return status, (await machine.aget_state(settings)).values
    except sqlite3.Error as error:
        raise ArtefactError(f"{file}: {error}", remedy="free some space, or start the run anew") from error


async def _finish(machine: Any, start: dict[str, Any] | None, settings: dict[str, Any], context: Any) -> str:
    control = RunControl()
    _on_interrupt(control, context.emit)
    timer = _on_time_up(control, context)
    try:
        await machine.ainvoke(start, settings, context=context, control=control, durability="sync")
    except GraphDrained:
        return "stopped"
    except BudgetSpent as spent:
        context.emit(StopRequested(spent.message))
        return "stopped"
    finally:
        if timer is not None:
            timer.cancel()
    return "finished"


def _on_time_up(control: RunControl, context: Any) -> asyncio.TimerHandle | None:
    def stop() -> None:
        control.request_drain("time is up")
        context.emit(StopRequested(context.purse.over))

    left = context.purse.seconds_left
    return None if left is None else asyncio.get_running_loop().call_later(left, stop)


def _on_interrupt(control: RunControl, emit: Emit) -> None:
    """Ctrl-C asks for an end, a second one cancels what awaits, as SIGTERM does; a third one interrupts anywhere.

    An exception raised between any two instructions can lose a task that others wait for, and the end never comes.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        control.request_drain("Ctrl-C")
        loop.add_signal_handler(signal.SIGINT, end)
        emit(StopRequested())

    def end() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        # What the cancelled machine had still meant to write is dropped on purpose; nobody need be told of each.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGTERM, end)
