from dataclasses import replace

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.edges import edges
from envfactory.gate.checks.reachable import reachable
from tests.gate import edits, harbour


@pytest.fixture(scope="module")
def graph(bench: Bench) -> DependencyGraph:
    return build_graph(bench)


def judged(bench: Bench, graph: DependencyGraph, source: str = "") -> tuple[CheckResult, CheckResult]:
    environment = harbour.environment(graph=graph)
    if source:
        environment = replace(environment, tools_source=source)
    with bench.like(environment) as other:
        return edges(other), reachable(other)


def test_a_proven_graph_holds_and_reaches_every_tool(bench: Bench, graph: DependencyGraph) -> None:
    held, reached = judged(bench, graph)
    assert (held.status, reached.status) == ("pass", "pass")
    assert held.measured["echoes"] > 0


def test_an_edge_the_code_no_longer_bears_out_is_named(bench: Bench, graph: DependencyGraph) -> None:
    source = edits.in_tool("add_gear", ('    if hire["status"] != "pending":\n', '    if hire["status"] == "":\n'))
    held, _ = judged(bench, graph, source)
    assert held.status == "fail"
    assert {found["edge"]["code"] for found in held.evidence} == {"INVALID_STATUS"}


def test_an_invented_edge_is_found_out(bench: Bench, graph: DependencyGraph) -> None:
    true = next(edge for edge in graph.value_edges if edge.producer == "book_boat")
    invented = [true.model_copy(update={"producer": "rate_boat"}), true.model_copy(update={"consumer": "sink_boat"})]
    held, _ = judged(bench, graph.model_copy(update={"value_edges": [*graph.value_edges, *invented]}))
    assert [found["tool"] for found in held.evidence] == ["sink_boat", true.consumer]


def test_an_empty_graph_leaves_tools_without_the_ids_they_need(bench: Bench, graph: DependencyGraph) -> None:
    held, reached = judged(bench, graph.model_copy(update={"value_edges": [], "state_edges": []}))
    assert {found["tool"] for found in held.evidence} >= {"get_boat", "book_boat", "cancel_hire"}
    assert reached.status == "fail"


def test_nodes_that_say_otherwise_are_told(bench: Bench, graph: DependencyGraph) -> None:
    nodes = [node.model_copy(update={"user_knowable": []}) if node.tool == "get_hire" else node for node in graph.nodes]
    _, reached = judged(bench, graph.model_copy(update={"nodes": nodes}))
    assert [found["tool"] for found in reached.evidence] == ["get_hire"]


def test_a_tool_whose_id_only_echoes_give_is_unreachable(bench: Bench, graph: DependencyGraph) -> None:
    kept = [
        edge for edge in graph.value_edges if edge.consumer != "rate_boat" or edge.parameter != "hire_id" or edge.echo
    ]
    _, reached = judged(bench, graph.model_copy(update={"value_edges": kept}))
    assert "rate_boat" in {
        found["tool"] for found in reached.evidence if "nothing that can be reached" in found["message"]
    }
