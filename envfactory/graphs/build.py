"""explore → (design → code → test → gate ⟲ revise → finish) for each environment, side by side, durable."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # before the import: checkpoints load plain data, never code

from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from envfactory.errors import SandboxError
from envfactory.graphs import nodes
from envfactory.graphs.state import Context, EnvironmentState, RunState

RECURSION_LIMIT = 200  # a seat belt: revisions are bounded by the config


def environment_machine() -> Any:
    """Return the compiled machine of one environment; it checkpoints with its parent."""
    machine = StateGraph(EnvironmentState, context_schema=Context)
    machine.set_node_defaults(
        retry_policy=RetryPolicy(max_attempts=3, initial_interval=0.2, retry_on=SandboxError), error_handler=nodes.give_up
    )
    for node in (nodes.design, nodes.code, nodes.test, nodes.gate, nodes.revise, nodes.finish):
        machine.add_node(node.__name__, node)
    machine.add_edge(START, "design")
    machine.add_edge("finish", END)
    return machine.compile(name="environment")


def run_machine(checkpointer: Any = None) -> Any:
    """Return the compiled machine of a run."""
    machine = StateGraph(RunState, context_schema=Context)
    machine.add_node("explore", nodes.explore)
    machine.add_node("environment", environment_machine())
    machine.add_edge(START, "explore")
    machine.add_conditional_edges("explore", nodes.fan_out, ["environment"])
    machine.add_edge("environment", END)
    return machine.compile(checkpointer=checkpointer, name="run")
