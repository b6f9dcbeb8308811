"""graph.json: the tools as nodes, and the edges between them with the evidence that proved them.

A *value* edge carries a field of the producer's result to a parameter of the consumer. A *state* edge says that the
producer's call makes the consumer's call possible (`enables`) or impossible (`disables`).
"""

from __future__ import annotations

from typing import Any, Literal

from envfactory.environments.contract import Strict


class Node(Strict):
    """A tool with what the sampler must know of it: whether a person's own words are enough to call it."""

    tool: str
    kind: Literal["read", "write"]
    reachable: bool = True
    user_knowable: list[str] = []


class ValueEdge(Strict):
    """`field` is a path into the producer's result such as `rooms[].room_type_id`. An echo returns its own input."""

    producer: str
    field: str
    consumer: str
    parameter: str
    rules: list[str] = []
    echo: bool = False
    establishers: list[str] = []
    evidence: dict[str, Any] = {}


class StateEdge(Strict):
    """The consumer fails with `code` before the producer's call and succeeds after it (or the other way round)."""

    producer: str
    consumer: str
    effect: Literal["enables", "disables"]
    code: str
    evidence: dict[str, Any] = {}


class DependencyGraph(Strict):
    """graph.json."""

    version: Literal[1] = 1
    nodes: list[Node] = []
    value_edges: list[ValueEdge] = []
    state_edges: list[StateEdge] = []
    candidates: int = 0
