"""The graph for people and for other programs: a rich table, Mermaid, GraphML and DOT."""

from __future__ import annotations

import json
from io import StringIO

import networkx as nx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from envfactory.dependencies.graph import ToolGraph, to_networkx
from envfactory.environments.graph import DependencyGraph

_ARROWS = {"enables": "-.->|{}|", "disables": "-. x {} .->"}


def as_text(graph: DependencyGraph, width: int = 140) -> str:
    """Return the graph as plain lines: each tool with what it needs and what makes it possible or impossible."""
    page = StringIO()
    Console(file=page, width=width, color_system=None).print(as_table(graph))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def as_table(graph: DependencyGraph) -> Table:
    """Return the graph for a rich console: each tool with where its values come from and what its calls depend on."""
    table = Table(title=_title(graph), title_justify="left", title_style="", box=None, pad_edge=False)
    table.add_column("tool", no_wrap=True)
    table.add_column("needs", no_wrap=True)
    table.add_column("from", overflow="fold")
    for node in graph.nodes:
        name = Text(node.tool, style="bold" if node.kind == "write" else "")
        if not node.reachable:
            name.append(" (unreachable)", style="red")
        for number, (need, origins) in enumerate(_needs(graph, node.tool) or [("", [])]):
            table.add_row(name if number == 0 else "", need, ", ".join(origins))
    return table


def _needs(graph: DependencyGraph, tool: str) -> list[tuple[str, list[str]]]:
    """Return what a tool needs, a parameter or a state, with where each comes from."""
    found: dict[str, list[str]] = {}
    for edge in graph.value_edges:
        if edge.consumer == tool and not edge.echo:
            via = f" via {', '.join(edge.establishers)}" if edge.establishers else ""
            found.setdefault(edge.parameter, []).append(f"{edge.producer}.{edge.field}{via}")
    for effect, said in (("enables", "possible after"), ("disables", "impossible after")):
        states = [edge for edge in graph.state_edges if edge.consumer == tool and edge.effect == effect]
        if states:
            found[said] = [f"{edge.producer} ({edge.code})" for edge in states]
    return list(found.items())


def _title(graph: DependencyGraph) -> str:
    proven, echoes = len(graph.value_edges), sum(edge.echo for edge in graph.value_edges)
    return (
        f"{len(graph.nodes)} tools, {proven - echoes} value edges (and {echoes} echoes) "
        f"of {graph.candidates} candidates, {len(graph.state_edges)} state edges"
    )


def as_mermaid(graph: DependencyGraph) -> str:
    """Return the graph as a Mermaid flowchart; echoes left out."""
    lines = ["flowchart LR"]
    for node in graph.nodes:
        lines.append(f"  {node.tool}[{node.tool}]" if node.kind == "read" else f"  {node.tool}([{node.tool}])")
    for (producer, consumer), labels in _bundles(graph).items():
        shown = ", ".join(labels)
        lines.append(f'  {producer} -->|"{shown}"| {consumer}')
    for edge in graph.state_edges:
        lines.append(f"  {edge.producer} {_ARROWS[edge.effect].format(edge.code)} {edge.consumer}")
    return "\n".join(lines) + "\n"


def as_dot(graph: DependencyGraph) -> str:
    """Return the graph in Graphviz's language; echoes left out."""
    lines = [
        "digraph tools {",
        "  rankdir=LR; node [shape=box, fontname=Helvetica]; edge [fontname=Helvetica, fontsize=10];",
    ]
    for node in graph.nodes:
        shape = ' [style="rounded,bold"]' if node.kind == "write" else ""
        lines.append(f"  {json.dumps(node.tool)}{shape};")
    for (producer, consumer), labels in _bundles(graph).items():
        lines.append(f"  {json.dumps(producer)} -> {json.dumps(consumer)} [label={json.dumps(', '.join(labels))}];")
    for edge in graph.state_edges:
        style = "color=darkgreen" if edge.effect == "enables" else "color=firebrick, arrowhead=tee"
        ends = f"{json.dumps(edge.producer)} -> {json.dumps(edge.consumer)}"
        lines.append(f"  {ends} [label={json.dumps(edge.code)}, style=dashed, {style}];")
    return "\n".join([*lines, "}"]) + "\n"


def as_graphml(graph: DependencyGraph) -> str:
    """Return the graph as GraphML; lists and evidence as JSON text."""
    plain: ToolGraph = nx.MultiDiGraph()
    made = to_networkx(graph)
    for tool, facts in made.nodes(data=True):
        plain.add_node(tool, **_scalars(facts))
    for producer, consumer, key, facts in made.edges(keys=True, data=True):
        plain.add_edge(producer, consumer, key=key, **_scalars(facts))
    return "\n".join(nx.generate_graphml(plain)) + "\n"


def _bundles(graph: DependencyGraph) -> dict[tuple[str, str], list[str]]:
    """Return the parameters each pair of tools is joined by, echoes left out."""
    found: dict[tuple[str, str], list[str]] = {}
    for edge in graph.value_edges:
        labels = found.setdefault((edge.producer, edge.consumer), []) if not edge.echo else []
        if edge.parameter not in labels:
            labels.append(edge.parameter)
    return found


def _scalars(facts: dict[str, object]) -> dict[str, object]:
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
        for name, value in facts.items()
    }
