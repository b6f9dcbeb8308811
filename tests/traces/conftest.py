"""Traces of the small run of `told`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from envfactory.events import Event
from envfactory.traces.store import TraceStore
from tests.traces.told import record, told

Recorded = Callable[[Iterator[Event]], TraceStore]


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    """Make a trace of events; several in one test are apart."""
    with ExitStack() as stack:

        def make(events: Iterator[Event]) -> TraceStore:
            folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return record(stack.enter_context(closing(TraceStore(folder / "trace.db"))), events)

        yield make


@pytest.fixture
def trace(recorded: Recorded) -> TraceStore:
    return recorded(told())
