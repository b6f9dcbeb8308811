"""The stored graph as a networkx one, and the questions a sampler asks of it.

Nodes are tools; parallel edges are told apart by their key. Value edges carry `relation="value"` with field, parameter
and establishers; state edges `relation="enables"` or `"disables"` with the code.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import networkx as nx

from envfactory.environments.graph import DependencyGraph, Node, StateEdge, ValueEdge

ToolGraph: TypeAlias = "nx.MultiDiGraph[str]"


def to_networkx(graph: DependencyGraph) -> ToolGraph:
    """Return the graph with every node's and edge's facts as attributes."""
    made: ToolGraph = nx.MultiDiGraph(candidates=graph.candidates)
    for node in graph.nodes:
        made.add_node(node.tool, kind=node.kind, reachable=node.reachable, user_knowable=list(node.user_knowable))
    for edge in graph.value_edges:
        key = f"value {edge.field} {edge.parameter}"
        facts = edge.model_dump(include={"field", "parameter", "rules", "echo", "establishers", "evidence"})
        made.add_edge(edge.producer, edge.consumer, key=key, relation="value", **facts)
    for state in graph.state_edges:
        key = f"{state.effect} {state.code}"
        made.add_edge(
            state.producer, state.consumer, key=key, relation=state.effect, code=state.code, evidence=state.evidence
        )
    return made


def from_networkx(made: ToolGraph) -> DependencyGraph:
    """Return the stored form of a graph made by `to_networkx`."""
    values, states = [], []
    for producer, consumer, facts in made.edges(data=True):
        ends: dict[str, Any] = {"producer": producer, "consumer": consumer}
        rest = {name: value for name, value in facts.items() if name != "relation"}
        if facts["relation"] == "value":
            values.append(ValueEdge(**ends, **rest))
        else:
            states.append(StateEdge(**ends, effect=facts["relation"], **rest))
    nodes = [Node(tool=tool, **facts) for tool, facts in made.nodes(data=True)]
    return DependencyGraph(nodes=nodes, value_edges=values, state_edges=states, candidates=made.graph["candidates"])


class Topology:
    """Answers about one graph. Echo edges, which give nothing new, count nowhere unless asked for."""

    def __init__(self, graph: DependencyGraph) -> None:
        self.graph = graph
        self.network = to_networkx(graph)
        self._nodes = {node.tool: node for node in graph.nodes}

    def producers(self, tool: str, parameter: str, *, echoes: bool = False) -> list[ValueEdge]:
        """Return the edges that bring a value to a parameter (by its path), those without establishers first."""
        found = [
            edge
            for edge in self.graph.value_edges
            if edge.consumer == tool and edge.parameter == parameter and (echoes or not edge.echo)
        ]
        return sorted(found, key=lambda edge: len(edge.establishers))

    def consumers(self, tool: str) -> list[ValueEdge]:
        """Return the edges that carry a tool's results on."""
        return [edge for edge in self.graph.value_edges if edge.producer == tool and not edge.echo]

    def establishers(self, tool: str, code: str | None = None) -> list[StateEdge]:
        """Return the edges to tools that make a refused call possible: of one error code, or of any."""
        return self._states(tool, "enables", code)

    def disablers(self, tool: str, code: str | None = None) -> list[StateEdge]:
        """Return the edges to tools after which a call is refused."""
        return self._states(tool, "disables", code)

    def needs(self, tool: str) -> list[str]:
        """Return the parameters (by path) that take values from other tools and that no person knows."""
        known = self._nodes[tool].user_knowable
        paths = dict.fromkeys(edge.parameter for edge in self.graph.value_edges if edge.consumer == tool)
        return [path for path in paths if path.split(".")[0].split("[")[0] not in known]

    def reachable(self) -> set[str]:
        """Return the tools that can be called starting from what a person knows."""
        return {node.tool for node in self.graph.nodes if node.reachable}

    def depth(self, tool: str) -> int | None:
        """Return how many calls must come before a tool at least, one for each needed value; None if unreachable."""
        return self._depth(tool, frozenset())

    def upstream(self, tool: str) -> set[str]:
        """Return every tool whose results can, over any number of hops, come to matter to a tool."""
        flows: Any = nx.DiGraph((edge.producer, edge.consumer) for edge in self.graph.value_edges if not edge.echo)
        return set(nx.ancestors(flows, tool)) if tool in flows else set()

    def _states(self, tool: str, effect: str, code: str | None) -> list[StateEdge]:
        edges = (edge for edge in self.graph.state_edges if edge.consumer == tool and edge.effect == effect)
        return [edge for edge in edges if code in (None, edge.code)]

    def _depth(self, tool: str, above: frozenset[str]) -> int | None:
        if tool in above or not self._nodes[tool].reachable:
            return None
        total = 0
        for parameter in self.needs(tool):
            ways = [self._way(edge, above | {tool}) for edge in self.producers(tool, parameter)]
            best = min((way for way in ways if way is not None), default=None)
            if best is None:
                return None
            total += best
        return total

    def _way(self, edge: ValueEdge, above: frozenset[str]) -> int | None:
        before = self._depth(edge.producer, above)
        return None if before is None else before + 1 + len(edge.establishers)
