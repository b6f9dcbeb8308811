"""Sandboxes that the tests of a session share; on a machine that cannot wall in, the tests that need walls skip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envfactory.sandbox import Sandbox, Worker, diagnose
from tests.sandbox.world import PLAIN, RAW, ROOT, world


@pytest.fixture(scope="session")
def walls() -> None:
    """Skip where the machine lacks a layer."""
    _need("auto")


@pytest.fixture(scope="session")
def empty_root() -> None:
    """Skip where the machine lacks a layer of the tier that has an empty root."""
    _need("emptyroot")


def _need(tier: str) -> None:
    missing = diagnose(tier=tier).missing_walls
    if missing:
        pytest.skip(f"no sandbox here: {', '.join(row.name for row in missing)} missing")


@pytest.fixture(scope="session")
def raw(walls: None) -> Iterator[Sandbox]:
    """A sandbox whose handler keeps every module within reach."""
    with Sandbox(handler=RAW, paths=[ROOT]) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def plain(walls: None) -> Iterator[Sandbox]:
    """A sandbox whose handler runs what it is sent and no more."""
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox:
        yield sandbox


@pytest.fixture
def worker(plain: Sandbox) -> Iterator[Worker]:
    """A worker of one's own."""
    with plain.open() as opened:
        yield opened


@pytest.fixture(scope="session")
def context() -> Iterator[dict[str, Any]]:
    """What attacks are given."""
    with world() as made:
        yield made
