"""The dependency graph drawn: tools in layers from left to right, each after what its values come from.

The layered method of Sugiyama, in its plain form: edges that close a cycle are turned round for the layout, tools go to
the layer after their last producer, long edges get a waypoint in every layer they cross, and sweeps over the layers put
each tool near the middle of its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import networkx as nx

from envfactory.environments.graph import DependencyGraph

_HIGH, _GAP, _BETWEEN, _LETTER, _MARGIN = 28, 16, 90, 7.0, 14
_LOOP = 60  # room at the right for edges that go back
_WAYPOINT_HIGH = 6
_SWEEPS = 8
Place = str | tuple[str, str, int]  # a tool, or a waypoint of the edge between two
Layers = list[list[Place]]


class Box(NamedTuple):
    """A tool."""

    tool: str
    kind: str
    reachable: bool
    x: float
    y: float
    width: float
    title: str


class Curve(NamedTuple):
    """An edge, or all value edges between two tools."""

    producer: str
    consumer: str
    kind: str
    path: str
    title: str


@dataclass(frozen=True)
class Drawing:
    """What is drawn, in its own units."""

    boxes: list[Box]
    curves: list[Curve]
    width: float
    height: float
    high: int = _HIGH


def draw(graph: DependencyGraph) -> Drawing:
    """Return the drawing of a graph; echoes, which give nothing new, are left out."""
    flows = {(edge.producer, edge.consumer) for edge in graph.value_edges if not edge.echo}
    fed = Counter(consumer for _, consumer in flows)
    tools = [node.tool for node in graph.nodes]
    starting = sorted(flows, key=lambda flow: (fed[flow[0]], *map(tools.index, flow)))  # what needs least comes first
    layers = _ordered(_layered(tools, starting), flows)
    spots = _spots(layers)
    boxes = []
    for node in graph.nodes:
        x, y, width = spots[node.tool]
        knows = f"; a person knows {', '.join(node.user_knowable)}" if node.user_knowable else ""
        boxes.append(Box(node.tool, node.kind, node.reachable, x, y, width, f"{node.kind}{knows}"))
    width = max((box.x + box.width for box in boxes), default=0) + _LOOP
    height = max((y + _HIGH for _, y, _ in spots.values()), default=0) + _MARGIN
    return Drawing(boxes, list(_curves(graph, layers, spots)), width, height)


def _layered(tools: list[str], flows: Iterable[tuple[str, str]]) -> Layers:
    """Return tools and waypoints by layer."""
    acyclic: nx.DiGraph[str] = nx.DiGraph()
    acyclic.add_nodes_from(tools)
    for producer, consumer in flows:
        if producer != consumer and not nx.has_path(acyclic, consumer, producer):
            acyclic.add_edge(producer, consumer)
    generations = [sorted(layer, key=tools.index) for layer in nx.topological_generations(acyclic)]
    depth = {tool: number for number, layer in enumerate(generations) for tool in layer}
    layers: Layers = [list(layer) for layer in generations]
    for producer, consumer in sorted(acyclic.edges):
        for number in range(depth[producer] + 1, depth[consumer]):
            layers[number].append((producer, consumer, number))
    return layers


def _links(layers: Layers, flows: Iterable[tuple[str, str]]) -> dict[Place, list[Place]]:
    """Return the neighbours of each place in the layers beside its own."""
    depth = {place: number for number, layer in enumerate(layers) for place in layer}
    found: dict[Place, list[Place]] = {place: [] for place in depth}
    for producer, consumer in sorted(flows):
        for first, second in pairwise(_way(depth, producer, consumer)):
            if abs(depth[first] - depth[second]) == 1:
                found[first].append(second)
                found[second].append(first)
    return found


def _way(depth: dict[Place, int], producer: str, consumer: str) -> list[Place]:
    """Return an edge's way: its ends and the waypoints between."""
    points: list[Place] = [(producer, consumer, number) for number in range(depth[producer] + 1, depth[consumer])]
    return [producer, *(point for point in points if point in depth), consumer]


def _ordered(layers: Layers, flows: Iterable[tuple[str, str]]) -> Layers:
    """Return the layers with each place near the middle of its neighbours."""
    links = _links(layers, flows)
    layers = [list(layer) for layer in layers]
    for sweep in range(_SWEEPS):
        numbers = range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1)
        for number in numbers:
            beside = layers[number - 1 if sweep % 2 == 0 else number + 1]
            layers[number].sort(key=_middle(links, beside, layers[number]))
    return layers


def _middle(links: dict[Place, list[Place]], beside: list[Place], own: list[Place]) -> Callable[[Place], float]:
    """Return the key that sorts a layer: the mean place of the neighbours, or one's own where there are none."""
    places = {place: number / max(len(beside) - 1, 1) for number, place in enumerate(beside)}
    stands = {place: number / max(len(own) - 1, 1) for number, place in enumerate(own)}

    def key(place: Place) -> float:
        near = [places[other] for other in links[place] if other in places]
        return sum(near) / len(near) if near else stands[place]

    return key


def _spots(layers: Layers) -> dict[Place, tuple[float, float, float]]:
    """Return x, y and width of every place."""
    heights = [sum(_high(place) + _GAP for place in layer) for layer in layers]
    tallest = max(heights, default=0)
    spots: dict[Place, tuple[float, float, float]] = {}
    x = float(_MARGIN)
    for layer, height in zip(layers, heights, strict=True):
        widest = max((len(place) * _LETTER + 24 for place in layer if isinstance(place, str)), default=0.0)
        y = _MARGIN + (tallest - height) / 2
        for place in layer:
            width = len(place) * _LETTER + 24 if isinstance(place, str) else widest
            spots[place] = (round(x + (widest - width) / 2, 1), round(y, 1), round(width, 1))
            y += _high(place) + _GAP
        x += widest + _BETWEEN
    return spots


def _high(place: Place) -> int:
    return _HIGH if isinstance(place, str) else _WAYPOINT_HIGH


def _curves(graph: DependencyGraph, layers: Layers, spots: dict[Place, tuple[float, float, float]]) -> Iterator[Curve]:
    depth = {place: number for number, layer in enumerate(layers) for place in layer}
    bundles: dict[tuple[str, str], list[str]] = {}
    for edge in graph.value_edges:
        if not edge.echo:
            bundles.setdefault((edge.producer, edge.consumer), []).append(f"{edge.field} → {edge.parameter}")
    for (producer, consumer), flows in bundles.items():
        path = _path(_way(depth, producer, consumer), spots)
        yield Curve(producer, consumer, "value", path, f"{producer} → {consumer}\n" + "\n".join(flows))
    for state in graph.state_edges:
        path = _path([state.producer, state.consumer], spots, bend=18 if state.effect == "enables" else 30)
        title = f"{state.producer} {state.effect} {state.consumer} ({state.code})"
        yield Curve(state.producer, state.consumer, state.effect, path, title)


def _path(way: list[Place], spots: dict[Place, tuple[float, float, float]], bend: float = 0) -> str:
    """Return a smooth way from the right of the first to the left of the last; loops go out to the right and back."""
    x, y, width = spots[way[0]]
    told = f"M{x + width:.0f},{y + _HIGH / 2:.0f}"
    here = (x + width, y + _HIGH / 2)
    for place in way[1:]:
        x, y, width = spots[place]
        there = (x, y + _high(place) / 2)
        if there[0] > here[0]:
            half = (there[0] - here[0]) / 2
            first, second = (here[0] + half, here[1] + bend), (there[0] - half, there[1] + bend)
        else:
            there = (x + width, there[1])
            reach = max(here[0], there[0]) + 34 + abs(there[1] - here[1]) / 8
            first, second = (reach, here[1] + bend / 2), (reach, there[1] + bend / 2)
        told += f" C{first[0]:.0f},{first[1]:.0f} {second[0]:.0f},{second[1]:.0f} {there[0]:.0f},{there[1]:.0f}"
        if not isinstance(place, str):
            told += f" L{x + width:.0f},{there[1]:.0f}"
            there = (x + width, there[1])
        here = there
    return told
