"""The boat hire on a bench, its generated inputs and first cases made once for all tests of the gate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envfactory.bench.bench import Bench
from envfactory.environments.cases import Cases
from envfactory.synthesis.tester import first_cases
from tests.gate import harbour
from tests.support import LocalWorker


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The boat hire without stored cases."""
    with Bench(harbour.environment(), LocalWorker) as made:
        yield made


@pytest.fixture(scope="session")
def cases(bench: Bench) -> Cases:
    """The rules tester's first cases of the boat hire."""
    return first_cases(bench)
