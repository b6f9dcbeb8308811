"""edges: the stored graph's evidence is played again, call by call, and every edge must hold as it did.

And the graph must say enough: a tool that takes an id nobody has in mind needs at least one edge that gives it.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import replay
from envfactory.dependencies.knowledge import needed_ids
from envfactory.dependencies.lineage import slots
from envfactory.environments.graph import StateEdge, ValueEdge
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, verdict

_PART = "graph.json"


def edges(bench: Bench) -> CheckResult:
    """Play the evidence of every stored edge."""
    graph = bench.environment.graph
    stored: list[ValueEdge | StateEdge] = [*graph.value_edges, *graph.state_edges]
    strange = [_strange(edge, message) for edge in stored if (message := _unknown(bench, edge))]
    known = [edge for edge in stored if _unknown(bench, edge) is None]
    broken = [_strange(edge, fault) for edge, fault in zip(known, replay(bench, known), strict=True) if fault]
    echoes = sum(edge.echo for edge in graph.value_edges)
    return verdict(
        "edges",
        [*strange, *broken, *_missing(bench)],
        passed=f"{len(graph.value_edges) - echoes} value edges, {len(graph.state_edges)} state edges hold",
        failed="{} edges do not hold or are missing",
        measured={
            "value_edges": len(graph.value_edges),
            "echoes": echoes,
            "enabling": sum(edge.effect == "enables" for edge in graph.state_edges),
            "disabling": sum(edge.effect == "disables" for edge in graph.state_edges),
            "candidates": graph.candidates,
        },
    )


def _unknown(bench: Bench, edge: ValueEdge | StateEdge) -> str | None:
    tools = {tool.name for tool in bench.contracts.tools}
    lacking = [name for name in (edge.producer, edge.consumer) if name not in tools]
    return f"there is no tool {lacking[0]}" if lacking else None


def _strange(edge: ValueEdge | StateEdge, message: str) -> Evidence:
    return {
        "tool": edge.consumer,
        "part": _PART,
        "edge": edge.model_dump(mode="json", exclude={"rules"}, exclude_defaults=True),
        "message": message,
    }


def _missing(bench: Bench) -> Iterator[Evidence]:
    graph, inputs = bench.environment.graph, bench.inputs
    for tool in bench.contracts.tools:
        own = slots(inputs.facts[tool.name], inputs.schema)
        needed = needed_ids(own, tool, bench.contracts, inputs.schema, inputs.start)
        given = {edge.parameter for edge in graph.value_edges if edge.consumer == tool.name and not edge.echo}
        enabled = any(edge.consumer == tool.name for edge in graph.state_edges)
        if needed and not given & set(needed) and not enabled:
            message = f"takes {', '.join(needed)}, which no proven edge gives"
            yield {"tool": tool.name, "part": _PART, "message": message}
