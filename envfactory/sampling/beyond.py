"""Proven edges that no person travels, and why: what a share of edges covered is to be measured against.

An edge is beyond a conversation where no words and no motive lead there. That it holds is proven all the same, and a story
may still come along it by the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.environments.graph import ValueEdge
from envfactory.sampling.holding import about
from envfactory.sampling.motives import OWED, Senseless, motive_of
from envfactory.sampling.plausible import is_claim
from envfactory.sampling.views import EnvironmentView, Shown

ENDS = "one of two ends of a journey, shown by its key alone: no words point at it, and who names it needs no result"
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
    shown = producer.shown.get(edge.field)
    return ENDS if shown is not None and _is_nameless_end(view, edge, shown) else ""


def _is_nameless_end(view: EnvironmentView, edge: ValueEdge, shown: Shown) -> bool:
    """Tell whether a record shows two things of a kind by their keys, in passing and without a name."""
    producer, key = view.tools[edge.producer], shown.key
    if key is None or key == view.person_key or not about(view, producer, key):
        return False
    place = edge.field.rpartition(".")[0]
    beside = [each for path, each in producer.shown.items() if path.rpartition(".")[0] == place]
    columns = [each.column for each in beside if each.column is not None]
    named = any(column[0] == key[0] and not view.names_row(column) for column in columns)
    return sum(each.key == key for each in beside) > 1 and not named
