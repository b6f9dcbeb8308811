import re

import networkx as nx

from envfactory.dependencies.render import as_dot, as_graphml, as_mermaid, as_text
from envfactory.environments.graph import DependencyGraph


def test_text_names_every_tool_with_what_it_takes(graph: DependencyGraph) -> None:
    text = as_text(graph)
    assert all(node.tool in text for node in graph.nodes)
    assert re.search(r"hire_id +.*book_boat\.hire_id", text)
    assert "cancel_hire (NOT_AVAILABLE)" in text


def test_mermaid_quotes_what_would_break_it(graph: DependencyGraph) -> None:
    lines = as_mermaid(graph).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  search_boats -->|"boat_ids[]"| compare_boats' in lines
    assert "  cancel_hire -.->|NOT_AVAILABLE| book_boat" in lines


def test_dot_has_every_node_and_closes(graph: DependencyGraph) -> None:
    text = as_dot(graph)
    assert text.startswith("digraph tools {")
    assert text.rstrip().endswith("}")
    assert '"search_boats" -> "book_boat" [label="boat_id"];' in text


def test_graphml_is_read_back_by_networkx(graph: DependencyGraph) -> None:
    read = nx.parse_graphml(as_graphml(graph), force_multigraph=True)
    assert set(read.nodes) == {node.tool for node in graph.nodes}
    assert read.number_of_edges() == len(graph.value_edges) + len(graph.state_edges)
