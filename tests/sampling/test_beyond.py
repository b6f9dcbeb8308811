"""Edges that nobody travels: named with their reason, and never counted against what a story came along all the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from envfactory.environments.graph import DependencyGraph, StateEdge, ValueEdge
from envfactory.sampling.beyond import KNOWN, states_beyond, values_beyond
from envfactory.sampling.coverage import Coverage
from envfactory.sampling.motives import UNASKED
from envfactory.sampling.plausible import senseless_codes
from envfactory.sampling.views import EnvironmentView

AGAIN = ValueEdge(producer="find_customer", field="email", consumer="find_customer", parameter="email")
USED = ValueEdge(producer="list_hires", field="hires[].hire_id", consumer="cancel_hire", parameter="hire_id")


class _Seen:
    """A view whose graph has the given edges alone."""

    def __init__(self, view: EnvironmentView, graph: DependencyGraph) -> None:
        self._view = view
        self.topology = SimpleNamespace(graph=graph)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)


def _with(view: EnvironmentView, *edges: ValueEdge | StateEdge) -> EnvironmentView:
    values = [each for each in edges if isinstance(each, ValueEdge)]
    states = [each for each in edges if isinstance(each, StateEdge)]
    return cast(EnvironmentView, _Seen(view, DependencyGraph(value_edges=values, state_edges=states)))


def test_nobody_is_found_by_what_finding_them_has_shown(view: EnvironmentView) -> None:
    assert list(values_beyond(_with(view, AGAIN, USED))) == [(AGAIN, KNOWN)]


def test_a_rule_against_nonsense_alone_is_run_into_by_nobody(view: EnvironmentView) -> None:
    code = min(senseless_codes(view.tools["book_boat"]))
    edge = StateEdge(producer="cancel_hire", consumer="book_boat", effect="disables", code=code)
    place = ("cancel_hire", "book_boat", "disables", code)
    assert list(states_beyond(_with(view, edge))) == [(place, str(UNASKED))]


def test_what_a_story_came_along_is_not_beyond_it(view: EnvironmentView) -> None:
    coverage = Coverage({"boat_hire": _with(view, AGAIN, USED)})
    key = ("boat_hire", "find_customer", "email", "find_customer", "email")
    assert coverage.beyond() == {key: KNOWN}
    coverage.values[key] += 1
    assert coverage.beyond() == {}
