from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph, replay
from envfactory.environments.graph import DependencyGraph, ValueEdge
from tests.gate import edits, harbour
from tests.support import LocalWorker


def values(graph: DependencyGraph) -> dict[tuple[str, str, str, str], ValueEdge]:
    return {(edge.producer, edge.field, edge.consumer, edge.parameter): edge for edge in graph.value_edges}


@pytest.mark.parametrize(
    "edge",
    [
        ("search_boats", "boats[].boat_id", "book_boat", "boat_id"),
        ("find_customer", "customer_id", "book_boat", "customer_id"),
        ("book_boat", "hire_id", "confirm_hire", "hire_id"),
        ("list_hires", "hires[].hire_id", "rate_boat", "hire_id"),
        ("get_boat", "gear[].gear_id", "add_gear", "gear_id"),
        ("search_boats", "boats[].boat_id", "compare_boats", "boat_ids[]"),
    ],
)
def test_edges_that_a_person_would_draw_are_proven(graph: DependencyGraph, edge: tuple[str, str, str, str]) -> None:
    assert edge in values(graph)
    assert not values(graph)[edge].echo


def test_a_producer_that_was_given_the_value_is_an_echo(graph: DependencyGraph) -> None:
    assert values(graph)["get_hire", "hire_id", "cancel_hire", "hire_id"].echo
    assert values(graph)["add_gear", "hire_id", "confirm_hire", "hire_id"].echo


def test_calls_that_make_another_possible_or_impossible_are_proven(graph: DependencyGraph) -> None:
    found = {(edge.producer, edge.effect, edge.consumer, edge.code) for edge in graph.state_edges}
    assert ("cancel_hire", "enables", "book_boat", "NOT_AVAILABLE") in found
    assert ("book_boat", "disables", "book_boat", "NOT_AVAILABLE") in found
    assert ("confirm_hire", "disables", "add_gear", "INVALID_STATUS") in found
    assert ("book_boat", "enables", "get_hire", "HIRE_NOT_FOUND") not in found


def test_every_edge_s_evidence_can_be_played_again(bench: Bench, graph: DependencyGraph) -> None:
    stored = DependencyGraph.model_validate_json(graph.model_dump_json())
    assert replay(bench, [*stored.value_edges, *stored.state_edges]) == [None] * (
        len(graph.value_edges) + len(graph.state_edges)
    )


def test_the_same_graph_comes_of_the_same_environment(graph: DependencyGraph) -> None:
    with Bench(harbour.environment(), LocalWorker) as other:
        assert build_graph(other) == graph


def test_code_that_ignores_an_unknown_id_proves_no_edge(bench: Bench) -> None:
    silent = edits.in_tool(
        "get_boat", ('raise ToolError("BOAT_NOT_FOUND", "There is no such boat.")', 'boat = {"licence_required": 0}')
    )
    with bench.like(edits.with_code(silent)) as broken:
        found = {edge.consumer for edge in build_graph(broken).value_edges}
    assert "get_boat" not in found
    assert "book_boat" in found


@pytest.mark.parametrize("parts", [{"tools_source": "def broken(:"}, {"schema_sql": "CREATE TABLE"}])
def test_an_environment_that_does_not_load_has_no_edges(parts: dict[str, Any]) -> None:
    with Bench(harbour.environment(**parts), LocalWorker) as broken:
        found = build_graph(broken)
    assert (found.value_edges, len(found.nodes)) == ([], 11)
    assert not any(node.reachable for node in found.nodes)
