"""Live progress on a terminal, plain lines elsewhere; both only consume the event stream, and both go to stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from envfactory.cli.pages import page
from envfactory.cli.taskboard import Boards
from envfactory.config import AUTHORS
from envfactory.events import (
    ChunkFinished,
    DatasetStarted,
    DatasetWritten,
    EnvironmentFinished,
    Event,
    GateFinished,
    GateStarted,
    ResourceSkipped,
    RoleFinished,
    RunRecalled,
    RunStarted,
    StopRequested,
    TasksPlanned,
)
from envfactory.traces.tally import STEPS, Progress, Tally

_MOST = 300  # characters of an error in a line of progress; its end is told in full
STOPPING = "stopping after the steps in flight; Ctrl-C again ends at once"


@contextmanager
def open_progress() -> Iterator[Callable[[Event], None]]:
    """Yield a consumer of events: a live table on a terminal, lines otherwise."""
    console = page(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        board = Boards(STOPPING)
        with Live(board, console=console, refresh_per_second=8, transient=True):
            yield board
    else:
        yield Lines(console)


@contextmanager
def starting() -> Iterator[None]:
    """Say on a terminal that something is going on while the heavy modules are imported."""
    console = page(stderr=True)
    if console.is_terminal:
        with console.status("starting"):
            yield
    else:
        yield


class Lines:
    """One plain line for each thing that ends, and for the gate's start, which is the longest step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._tally = Tally()

    def __call__(self, event: Event) -> None:
        self._tally(event)
        text = describe(event)
        if isinstance(event, ChunkFinished):
            text = chunk_line(event, self._tally.environments[event.environment])
        if text:
            line = f"[{time.monotonic() - self._started:6.1f}s] {text}"
            self._console.print(line, markup=False, soft_wrap=True)


def chunk_line(event: ChunkFinished, told: Progress) -> str:
    """Say of a chunk that ended how far its environment is: its steps alone would be too many lines."""
    counts = f"{told.count('kept')} of {told.wanted} tasks"
    passed = ", ".join(f"{step} {told.count(step)}" for step in STEPS[:-1])
    most = "; ".join(f"{count} {reason}" for reason, count in told.refused.most_common(2))
    ended = "" if event.status == "full" else f", chunk {event.chunk} {'; '.join([event.status, *event.reasons])}"
    return f"{event.environment}: {counts} ({passed}{f'; refused {most}' if most else ''}){ended}"


def describe(event: Event) -> str:
    """Say an event in one line, or nothing."""
    teller = _TELLERS.get(type(event))
    return " ".join(teller(event).splitlines()) if teller else ""


def _role(event: RoleFinished) -> str:
    if event.role in AUTHORS and event.status == "ok":
        return ""  # a chunk's end says it
    failed = event.status[:_MOST] if event.environment else "failed"  # without a plan the run ends, and says why
    outcome = event.detail if event.status == "ok" else failed
    return f"{event.environment or 'plan'}: {event.role} ({event.backend}) {outcome} in {event.seconds:.1f} s"


def _gate(event: GateFinished) -> str:
    failed = f", failed: {', '.join(event.failed)}" if event.failed else ""
    passed = f"{event.passed} of {event.total} checks"
    return f"{event.environment}: gate passed {passed} in {event.seconds:.1f} s{failed}"


def _recalled(event: RunRecalled) -> str:
    return f"{len(event.outcomes)} of {len(event.planned)} environments are done already"


_TELLERS: dict[type, Callable[..., str]] = {
    RunStarted: lambda event: f"run {event.run} {'resumed' if event.resumed else 'started'}",
    RunRecalled: _recalled,
    ResourceSkipped: lambda event: f"skipped {event.source}: {event.reason}",
    RoleFinished: _role,
    GateStarted: lambda event: f"{event.environment}: gate, revision {event.revision}",
    GateFinished: _gate,
    EnvironmentFinished: lambda event: f"{event.environment}: {event.verdict}",
    TasksPlanned: lambda event: f"{event.environment}: {event.wanted} tasks wanted, for {event.split}",
    DatasetStarted: lambda event: f"writing the datasets of {event.tasks} tasks",
    DatasetWritten: lambda event: f"{event.tasks} tasks written to {event.folder} in {event.seconds:.1f} s",
    StopRequested: lambda event: STOPPING,
}
