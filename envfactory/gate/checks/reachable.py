"""reachable: every tool can be called starting from what a person could know, along proven edges.

Which values a person knows is worked out anew from contracts and rows, and the graph's nodes must say the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.bench.bench import Bench
from envfactory.dependencies.knowledge import needed_ids, nodes
from envfactory.dependencies.lineage import slots
from envfactory.environments.graph import Node
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, verdict


def reachable(bench: Bench) -> CheckResult:
    """Follow the stored edges from people's knowledge to every tool."""
    expected = _nodes(bench)
    lone = [node.tool for node in expected if not needed_ids_of(bench, node.tool)]
    return verdict(
        "reachable",
        [*_unreached(bench, expected), *_contradicted(bench.environment.graph.nodes, expected)],
        passed=f"{len(expected)} tools can be reached from what a person knows",
        failed="{} tools cannot be reached, or the graph says otherwise",
        measured={"tools": len(expected), "called_from_knowledge_alone": len(lone)},
    )


def _nodes(bench: Bench) -> list[Node]:
    inputs = bench.inputs
    own = {tool.name: slots(inputs.facts[tool.name], inputs.schema) for tool in bench.contracts.tools}
    return nodes(bench.contracts, own, inputs.schema, inputs.start, bench.environment.graph.value_edges)


def _unreached(bench: Bench, expected: list[Node]) -> Iterator[Evidence]:
    remedy = "let another tool's result show that id, or make the parameter one a person knows"
    for node in expected:
        if not node.reachable:
            message = f"nothing that can be reached gives {', '.join(needed_ids_of(bench, node.tool))}"
            yield {"tool": node.tool, "part": "contracts.json", "message": message, "remedy": remedy}


def _contradicted(stored: list[Node], expected: list[Node]) -> Iterator[Evidence]:
    said = {node.tool: node for node in stored}
    for node in expected:
        if said.pop(node.tool, None) != node:
            yield {"tool": node.tool, "part": "graph.json", "message": "the graph's node is missing or says otherwise"}
    for tool in said:
        yield {"tool": tool, "part": "graph.json", "message": "the graph has a node for a tool there is not"}


def needed_ids_of(bench: Bench, tool: str) -> list[str]:
    """Return the parameters of a tool that take ids nobody has in mind."""
    inputs = bench.inputs
    own = slots(inputs.facts[tool], inputs.schema)
    return needed_ids(own, bench.contracts.tool(tool), bench.contracts, inputs.schema, inputs.start)
