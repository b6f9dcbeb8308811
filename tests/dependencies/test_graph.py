import networkx as nx

from envfactory.dependencies.graph import Topology, from_networkx, to_networkx
from envfactory.environments.graph import DependencyGraph


def test_the_graph_goes_to_networkx_and_back(graph: DependencyGraph) -> None:
    made = to_networkx(graph)
    back = from_networkx(made)
    assert isinstance(made, nx.MultiDiGraph)
    assert made.number_of_edges() == len(graph.value_edges) + len(graph.state_edges)
    assert sorted(back.value_edges, key=repr) == sorted(graph.value_edges, key=repr)
    assert sorted(back.state_edges, key=repr) == sorted(graph.state_edges, key=repr)
    assert back.nodes == graph.nodes


def test_the_sampler_s_questions_are_answered(graph: DependencyGraph) -> None:
    topology = Topology(graph)
    producers = {edge.producer for edge in topology.producers("book_boat", "boat_id")}
    assert {"search_boats", "list_hires"} <= producers
    assert "get_boat" not in producers  # an echo
    assert {edge.producer for edge in topology.producers("book_boat", "boat_id", echoes=True)} >= {"get_boat"}
    assert [edge.producer for edge in topology.establishers("book_boat", "NOT_AVAILABLE")] == ["cancel_hire"]
    assert "rate_boat" in {edge.producer for edge in topology.disablers("rate_boat")}


def test_needs_and_depths_follow_from_what_people_know(graph: DependencyGraph) -> None:
    topology = Topology(graph)
    assert topology.needs("add_gear") == ["hire_id", "gear_id"]
    assert topology.needs("search_boats") == []
    assert topology.depth("search_boats") == 0
    assert topology.depth("book_boat") == 1  # search_boats
    assert topology.depth("add_gear") == 3  # list_hires; search_boats, get_boat
    assert topology.reachable() == {node.tool for node in graph.nodes}
    assert {"search_boats", "find_customer", "book_boat"} <= topology.upstream("confirm_hire")
