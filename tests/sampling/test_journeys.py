"""Journeys that go on: the way back begins where the booking ends, and never before it is over."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from envfactory.environments.graph import DependencyGraph, ValueEdge
from envfactory.refinement.flow import audit_flow, unrecovered
from envfactory.sampling import Sampler
from envfactory.sampling.focus import Focus, focuses
from envfactory.sampling.holding import ends
from envfactory.tasks.model import FromResult, Task
from envfactory.tasks.scope import Scope
from tests.sampling import crossings
from tests.support import LocalWorker

ENDS = ("origin_id", "destination_id")
EDGES = [
    ValueEdge(producer="list_bookings", field="bookings[].booking_id", consumer="get_booking", parameter="booking_id"),
    *(
        ValueEdge(producer="find_ports", field="ports[].port_id", consumer="search_sailings", parameter=name)
        for name in ENDS
    ),
    *(
        ValueEdge(producer="get_booking", field=f"booking.{end}", consumer="search_sailings", parameter=name)
        for end in ENDS
        for name in ENDS
    ),
]


@pytest.fixture(scope="module")
def sampler() -> Iterator[Sampler]:
    graph = DependencyGraph(value_edges=EDGES)
    with Scope([crossings.environment(graph=graph).sealed()], open_worker=LocalWorker) as scope:
        yield Sampler(scope)


def told(sampler: Sampler, end: str, parameter: str) -> Task:
    """Return the first task around an edge from an end of the booking."""
    edge = ("get_booking", f"booking.{end}", "search_sailings", parameter)
    focus: Focus = next(
        each
        for each in focuses(sampler.views["crossings"])
        if (each.first, each.field, each.then, each.parameter) == edge
    )
    made = (sampler._attempt(0, focus, random.Random(seed), literal=False, more=0) for seed in range(20))
    return next(each for each in made if each is not None)


def test_a_row_shows_its_start_before_its_end(sampler: Sampler) -> None:
    view = sampler.views["crossings"]
    found = ends(view, view.tools["get_booking"], "booking.destination_id")
    assert [each.path for each in found] == ["booking.origin_id", "booking.destination_id"]
    assert ends(view, view.tools["find_ports"], "ports[].port_id") == []


@pytest.mark.parametrize(
    ("end", "parameter", "route", "day"),
    [
        ("destination_id", "origin_id", ("pt_den", "pt_ibz"), "2027-08-06"),
        ("origin_id", "destination_id", ("pt_den", "pt_ibz"), "2027-08-06"),
        ("origin_id", "origin_id", ("pt_ibz", "pt_den"), "2027-08-07"),
    ],
)
def test_a_journey_goes_on_after_it(
    sampler: Sampler, end: str, parameter: str, route: tuple[str, str], day: str
) -> None:
    """The ferry of the 3rd leaves before the crossing that one is to come back from; that of the 4th is the crossing."""
    task = told(sampler, end, parameter)
    search = next(call for call in task.gold if call.tool == "search_sailings")
    assert (search.arguments["origin_id"], search.arguments["destination_id"]) == route
    assert search.arguments["day"] in (day, "2027-08-04" if route[0] == "pt_ibz" else day)


def test_what_it_takes_is_the_bookings_own_and_can_be_pointed_at(sampler: Sampler) -> None:
    task = told(sampler, "destination_id", "origin_id")
    search = next(call for call in task.gold if call.tool == "search_sailings")
    paths = [source.path for source in search.sources.values() if isinstance(source, FromResult)]
    pointed = {mention.slot for turn in task.turns for mention in turn.mentions if mention.form == "referred"}
    assert paths == ["booking.destination_id", "booking.origin_id"]
    assert pointed == {"bookings.destination_id", "bookings.origin_id"}
    assert unrecovered(audit_flow(task)) == []
