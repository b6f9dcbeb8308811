"""The boat hire (written by hand, without frames) with its proven graph, and a sampler over it, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.artefact import Environment, Manifest
from envfactory.sampling import Refused, Sampler
from envfactory.sampling.chain import Chain
from envfactory.sampling.lab import Lab
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.gate import harbour
from tests.support import LocalWorker


@pytest.fixture(scope="session")
def boats() -> Environment:
    """The boat hire, sealed, with its graph."""
    with Bench(harbour.environment(), LocalWorker) as bench:
        return harbour.environment(graph=build_graph(bench)).sealed()


@pytest.fixture(scope="session")
def lake(boats: Environment) -> Environment:
    """Another environment of the same make, for tasks over two."""
    manifest = Manifest(name="lake_hire", domain="travel", summary="Another boat hire, on a lake.")
    return harbour.environment(graph=boats.graph, manifest=manifest).sealed()


@pytest.fixture(scope="session")
def scope(boats: Environment) -> Iterator[Scope]:
    with Scope([boats], open_worker=LocalWorker) as made:
        yield made


@pytest.fixture(scope="session")
def both(boats: Environment, lake: Environment) -> Iterator[Scope]:
    with Scope([boats, lake], open_worker=LocalWorker) as made:
        yield made


@pytest.fixture(scope="session")
def view(scope: Scope) -> EnvironmentView:
    return EnvironmentView(scope, "boat_hire")


@pytest.fixture
def chain(scope: Scope, view: EnvironmentView) -> Chain:
    """An empty conversation of Ines Duarte, cu_01."""
    return Chain(Lab(scope), {"boat_hire": view}, {"boat_hire": view.persons()[0]})


@pytest.fixture(scope="session")
def sampler(scope: Scope) -> Sampler:
    return Sampler(scope, seed=5)


@pytest.fixture(scope="session")
def tasks(sampler: Sampler) -> list[Task]:
    """What sixty indices gave."""
    found = [sampler.sample(index) for index in range(60)]
    return [task for task in found if not isinstance(task, Refused)]
