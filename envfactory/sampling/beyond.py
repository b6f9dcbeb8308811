"""Proven edges that no person travels, and why: what a share of edges covered is to be measured against.

An edge is beyond a conversation where no words and no motive lead there. That it holds is proven all the same, and a story
may still come along it by the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.environments.graph import ValueEdge
from envfactory.sampling.motives import OWED, Senseless, motive_of
from envfactory.sampling.plausible import is_claim
from envfactory.sampling.views import EnvironmentView

KNOWN = "who somebody is, found out from what was said to find it out"


def values_beyond(view: EnvironmentView) -> Iterator[tuple[ValueEdge, str]]:
    """Yield the value edges that nobody travels, each with the reason."""
    for edge in view.topology.graph.value_edges:
        reason = "" if edge.echo else _reason(view, edge)
        if reason:
            yield edge, reason


def states_beyond(view: EnvironmentView) -> Iterator[tuple[tuple[str, str, str, str], str]]:
    """Yield the state edges (producer, consumer, effect, code) that nobody travels, each with the reason."""
    for edge in view.topology.graph.state_edges:
        motive = motive_of(view, edge)
        if isinstance(motive, Senseless):
            yield (edge.producer, edge.consumer, edge.effect, edge.code), str(motive)


def _reason(view: EnvironmentView, edge: ValueEdge) -> str:
    producer, consumer = view.tools[edge.producer], view.tools[edge.consumer]
    if producer is consumer and producer.name in {tool.name for tool, _ in view.identify}:
        return KNOWN
    if producer.verb == "create" and is_claim(consumer):
        return OWED
    return ""
