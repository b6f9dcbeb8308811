"""Live progress on a terminal, plain lines elsewhere; both only consume the event stream."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from envfactory.events import (
    CheckFinished,
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    ResourceSkipped,
    RoleFinished,
    RoleStarted,
    RunStarted,
)

STYLES = {"verified": "green", "rejected": "red", "unfinished": "yellow"}


@dataclass
class _Line:
    """What is shown of one environment."""

    doing: str = "waiting"
    revision: int = 0
    passed: int = 0
    started: float = 0.0
    seconds: float = 0.0
    verdict: str = ""


@contextmanager
def open_progress(quiet: bool) -> Iterator[Callable[[Event], None]]:
    """Yield a consumer of events: live on a terminal, lines otherwise (to stderr where stdout is for a program)."""
    console = Console(stderr=True)
    if console.is_terminal and not quiet:
        board = Board()
        with Live(board, console=console, refresh_per_second=8, transient=True):
            yield board
    else:
        yield Lines(Console(stderr=True, highlight=False, soft_wrap=True))


class Board:
    """The live table: one line an environment with its role, revision and checks passed."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self._spinner = Spinner("dots")
        self._note = "reading resources"

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._consume(event)

    def __rich__(self) -> Group:
        with self._lock:
            table = Table(box=None, padding=(0, 2), show_header=bool(self._lines))
            for heading in ("environment", "now", "revision", "checks passed", "seconds"):
                table.add_column(heading, justify="right" if heading in ("revision", "checks passed", "seconds") else "left")
            for name, line in self._lines.items():
                table.add_row(name, *self._cells(line))
        self._spinner.update(text=Text(self._note))
        return Group(table, self._spinner)

    def _cells(self, line: _Line) -> tuple[Text, str, str, str]:
        seconds = line.seconds if line.verdict else time.monotonic() - line.started if line.started else 0.0
        state = Text(line.verdict or line.doing, style=STYLES.get(line.verdict, ""))
        return state, str(line.revision), str(line.passed), f"{seconds:.0f}"

    def _consume(self, event: Event) -> None:
        if isinstance(event, EnvironmentPlanned):
            self._lines[event.environment] = _Line()
        elif isinstance(event, RoleStarted) and event.environment:
            line = self._line(event.environment)
            line.doing, line.revision, line.started = event.role, event.revision, line.started or time.monotonic()
        elif isinstance(event, CheckFinished):
            line = self._line(event.environment)
            line.passed = 0 if line.doing != "gate" else line.passed
            line.doing, line.revision = "gate", event.revision
            line.passed += event.status == "pass"
        elif isinstance(event, GateFinished):
            line = self._line(event.environment)
            line.doing, line.passed = "gate done", event.passed
        elif isinstance(event, EnvironmentFinished):
            line = self._line(event.environment)
            line.verdict, line.seconds = event.verdict, time.monotonic() - (line.started or time.monotonic())
        self._note = f"{sum(bool(line.verdict) for line in self._lines.values())} of {len(self._lines)} environments done"

    def _line(self, environment: str) -> _Line:
        return self._lines.setdefault(environment, _Line(started=time.monotonic()))


class Lines:
    """One plain line for each thing that ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()

    def __call__(self, event: Event) -> None:
        text = describe(event)
        if text:
            self._console.print(f"[{time.monotonic() - self._started:6.1f}s] {text}", markup=False)
            sys.stderr.flush()


def describe(event: Event) -> str:
    """Say an event in one line, or nothing."""
    if isinstance(event, RunStarted):
        return f"run {event.run} {'resumed' if event.resumed else 'started'}"
    if isinstance(event, ResourceSkipped):
        return f"skipped {event.source}: {event.reason}"
    if isinstance(event, RoleFinished):
        outcome = event.detail if event.status == "ok" else event.status
        return f"{event.environment or 'plan'}: {event.role} ({event.backend}) {outcome} in {event.seconds:.1f} s"
    if isinstance(event, GateFinished):
        failed = f", failed: {', '.join(event.failed)}" if event.failed else ""
        return f"{event.environment}: gate passed {event.passed} of {event.total} checks in {event.seconds:.1f} s{failed}"
    if isinstance(event, EnvironmentFinished):
        return f"{event.environment}: {event.verdict}"
    return ""
