"""The boat hire's proven graph, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.graph import DependencyGraph
from tests.gate import harbour
from tests.support import LocalWorker


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The boat hire without stored cases."""
    with Bench(harbour.environment(), LocalWorker) as made:
        yield made


@pytest.fixture(scope="session")
def graph(bench: Bench) -> DependencyGraph:
    """Its dependency graph."""
    return build_graph(bench)
