"""The dependency graph drawn: every tool once, values from left to right, nothing on top of anything."""

from __future__ import annotations

from itertools import combinations

from envfactory.environments.graph import DependencyGraph, Node, ValueEdge
from envfactory.pages.graphs import draw
from tests.pages.conftest import GRAPH


def test_every_tool_is_a_box_and_none_covers_another() -> None:
    drawing = draw(GRAPH)
    assert [box.tool for box in drawing.boxes] == [node.tool for node in GRAPH.nodes]
    for one, other in combinations(drawing.boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or abs(one.y - other.y) >= drawing.high


def test_values_flow_to_the_right_of_where_they_come_from() -> None:
    x = {box.tool: box.x for box in draw(GRAPH).boxes}
    assert x["search_boats"] < x["hire_boat"] < x["cancel_hire"]


def test_edges_between_two_tools_are_one_curve_and_echoes_none() -> None:
    curves = {(curve.producer, curve.consumer, curve.kind): curve.title for curve in draw(GRAPH).curves}
    assert set(curves) == {
        ("search_boats", "hire_boat", "value"),
        ("hire_boat", "cancel_hire", "value"),
        ("search_boats", "cancel_hire", "value"),
        ("cancel_hire", "hire_boat", "value"),
        ("hire_boat", "cancel_hire", "enables"),
    }
    assert "boats[].boat_id → boat_id" in curves["search_boats", "hire_boat", "value"]


def test_all_of_it_is_within_the_drawing() -> None:
    drawing = draw(GRAPH)
    assert all(box.x >= 0 and box.x + box.width <= drawing.width for box in drawing.boxes)
    assert all(box.y >= 0 and box.y + drawing.high <= drawing.height for box in drawing.boxes)


def test_a_tool_that_feeds_itself_is_drawn() -> None:
    own = ValueEdge(producer="next_page", field="cursor", consumer="next_page", parameter="cursor")
    assert len(draw(DependencyGraph(nodes=[Node(tool="next_page", kind="read")], value_edges=[own])).curves) == 1


def test_nothing_is_drawn_of_no_tools() -> None:
    assert draw(DependencyGraph()).boxes == []
