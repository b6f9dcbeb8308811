"""split → (sample → refine → prove → calibrate ⟲ until a share is full → finish) side by side → collect → export, durable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from envfactory.environments.files import canonical_json, digest
from envfactory.errors import SandboxError
from envfactory.graphs import tasknodes
from envfactory.graphs.machine import drive
from envfactory.graphs.taskstate import ChunkState, TasksContext, TasksState

RECURSION_LIMIT = 2000  # a seat belt: rounds are bounded by the indexes of a share


def chunk_machine() -> Any:
    """Return the compiled machine of one share; it checkpoints with its parent."""
    machine = StateGraph(ChunkState, context_schema=TasksContext)
    machine.set_node_defaults(
        retry_policy=RetryPolicy(max_attempts=tasknodes.ATTEMPTS, initial_interval=0.2, retry_on=SandboxError)
    )
    for node in (tasknodes.sample, tasknodes.refine, tasknodes.prove, tasknodes.calibrate, tasknodes.finish):
        machine.add_node(node.__name__, node)
    machine.add_edge(START, "sample")
    machine.add_edge("finish", END)
    return machine.compile(name="chunk")


def tasks_machine(checkpointer: Any = None) -> Any:
    """Return the compiled machine of stage two."""
    machine = StateGraph(TasksState, context_schema=TasksContext)
    for node in (tasknodes.split, tasknodes.collect, tasknodes.export):
        machine.add_node(node.__name__, node)
    machine.add_node("chunk", chunk_machine())
    machine.add_edge(START, "split")
    machine.add_conditional_edges("split", tasknodes.fan_out, ["chunk"])
    machine.add_edge("chunk", "collect")
    machine.add_edge("collect", "export")
    machine.add_edge("export", END)
    return machine.compile(checkpointer=checkpointer, name="tasks")


async def stream(
    folder: Path, thread: str, context: TasksContext, entry: dict[str, Any], *, side_by_side: int
) -> tuple[str, dict[str, Any]]:
    """Drive stage two from its last checkpoint (or from `entry`) to its end; return how it ended and the final state.

    Environments that a resumed run has more than before change splits and companions: then it begins anew.
    """

    def recalled(values: dict[str, Any]) -> None:
        for event in tasknodes.recall(values):
            context.emit(event)

    limits = {"recursion_limit": RECURSION_LIMIT, "max_concurrency": side_by_side}
    places = digest(canonical_json(entry["places"]))[:12]
    return await drive(folder, f"{thread}/tasks/{places}", tasks_machine, context, entry, recalled, limits)
