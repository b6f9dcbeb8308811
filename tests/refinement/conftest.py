"""The boat hire with frames, opened for play."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.contract import Contracts
from envfactory.tasks.scope import Scope
from tests.gate import harbour
from tests.refinement.hand import spoken_contracts
from tests.support import LocalWorker


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The boat hire's contracts with what its author says of the words."""
    return spoken_contracts()


@pytest.fixture(scope="session")
def scope(contracts: Contracts) -> Iterator[Scope]:
    """The boat hire, played in this process: the tests wrote the code themselves."""
    with Bench(harbour.environment(contracts=contracts), LocalWorker) as bench:
        graph = build_graph(bench)
    with Scope([harbour.environment(contracts=contracts, graph=graph).sealed()], open_worker=LocalWorker) as made:
        yield made
