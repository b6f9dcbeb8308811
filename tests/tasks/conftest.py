"""The boat hire, and a second harbour's office like it, opened for play; tasks written by hand over them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.artefact import Environment, Manifest
from envfactory.environments.cases import Case, Cases, Expectation
from envfactory.environments.graph import DependencyGraph
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.gate import harbour
from tests.support import LocalWorker
from tests.tasks import written


@pytest.fixture(scope="session")
def graph() -> DependencyGraph:
    """The boat hire's proven graph."""
    with Bench(harbour.environment(), LocalWorker) as bench:
        return build_graph(bench)


# A write that is allowed at the start, as the gate's tester stores many; only that it changes something is looked at.
ALLOWED = Case(
    id="cancel_hire-1",
    tool="cancel_hire",
    arguments={"hire_id": "hi_15", "customer_id": "cu_01"},
    expect=Expectation(status="ok", changes=[{"table": "hires", "op": "update", "key": ["hi_15"]}]),
)


@pytest.fixture(scope="session")
def boats(graph: DependencyGraph) -> Environment:
    """The boat hire, sealed."""
    return harbour.environment(graph=graph, cases=Cases(cases=[ALLOWED])).sealed()


@pytest.fixture(scope="session")
def office(graph: DependencyGraph) -> Environment:
    """A second environment of the same make under another name."""
    manifest = Manifest(name="lake_office", domain="travel", summary="Another boat hire, on a lake.")
    return harbour.environment(graph=graph, manifest=manifest).sealed()


@pytest.fixture(scope="session")
def scope(boats: Environment, office: Environment) -> Iterator[Scope]:
    """Both, played in this process: the tests wrote the code themselves."""
    with Scope([boats, office], open_worker=LocalWorker) as made:
        yield made


@pytest.fixture(scope="session")
def porto(scope: Scope) -> Task:
    """Three turns at Porto: a question, a booking that is paid, and one that the rules forbid."""
    return written.recorded(written.porto(scope), scope)


@pytest.fixture(scope="session")
def both(scope: Scope) -> Task:
    """One turn in two environments: the same booking at sea and on the lake, with a note of the assistant's own."""
    return written.recorded(written.both(scope), scope)


@pytest.fixture(scope="session")
def rating(scope: Scope) -> Task:
    """One question and nothing to change, with the lake office as a distractor."""
    return written.recorded(written.rating(scope), scope)
