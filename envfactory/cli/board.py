"""The live table of a run: a line an environment with its role, revision and checks passed, fitted to the terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from envfactory.cli.pages import STYLES
from envfactory.events import (
    CheckFinished,
    CheckStarted,
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    GateStarted,
    RoleStarted,
    RunRecalled,
    StopRequested,
)
from envfactory.pages.amounts import duration

SPARE_LINES = 3  # heading, note, and the line that the cursor stands in
_NUMBERS = ("revision", "checks", "seconds")
_NOW = 23
_JUDGED = "gate done"
_FRAMES = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\")
_OTHERS = 1 + _NOW + sum(map(len, _NUMBERS)) + 2 * (len(_NUMBERS) + 2)  # what the name must leave of a line


@dataclass
class _Line:
    """What is shown of one environment. `passed` counts the checks of the gate at work, or of the last one."""

    doing: str = "waiting"
    revision: int = 0
    passed: int = 0
    failed: int = 0
    started: float = 0.0
    seconds: float = 0.0
    verdict: str = ""

    @property
    def counts(self) -> tuple[str, str]:
        """What stands under checks and seconds; nothing where nothing is known yet."""
        run = self.passed + self.failed
        return f"{self.passed}/{run}" if run else "", f"{self.elapsed:.0f}" if self.started or self.verdict else ""

    @property
    def elapsed(self) -> float:
        return self.seconds if self.verdict or not self.started else time.monotonic() - self.started


class Board:
    """Consumes events (call it with each) and renders what they came to."""

    def __init__(self, stopping: str) -> None:
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()  # events come from one thread, the display asks from another
        self._stopping = stopping
        self._begun = time.monotonic()
        self._note = "reading resources"  # said instead of the counts
        self._handlers: dict[type, Callable[..., None]] = {
            RunRecalled: self._recalled,
            StopRequested: self._stop,
            EnvironmentPlanned: self._planned,
            RoleStarted: self._role,
            GateStarted: self._gate,
            CheckStarted: self._check,
            CheckFinished: self._checked,
            GateFinished: self._judged,
            EnvironmentFinished: self._finished,
        }

    def __call__(self, event: Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            with self._lock:
                handler(event)

    def _recalled(self, event: RunRecalled) -> None:
        self._note = ""
        for name in event.planned:
            self._line(name)
        for outcome in event.outcomes:
            self._end(outcome["environment"], outcome["verdict"], outcome)

    def _stop(self, event: StopRequested) -> None:
        self._note = self._stopping

    def _planned(self, event: EnvironmentPlanned) -> None:
        self._note = ""
        self._line(event.environment)

    def _role(self, event: RoleStarted) -> None:
        if event.environment:
            self._busy(event.environment, event.role, event.revision)

    def _gate(self, event: GateStarted) -> None:
        line = self._busy(event.environment, "gate: graph", event.revision)
        line.passed = line.failed = 0

    def _check(self, event: CheckStarted) -> None:
        if self._line(event.environment).doing != _JUDGED:  # checks come by another way and may be overtaken
            self._busy(event.environment, f"gate: {event.check}", event.revision)

    def _checked(self, event: CheckFinished) -> None:
        line = self._line(event.environment)
        if line.doing != _JUDGED:
            line.passed += event.status == "pass"
            line.failed += event.status == "fail"

    def _judged(self, event: GateFinished) -> None:
        line = self._line(event.environment)
        line.doing, line.passed, line.failed = _JUDGED, event.passed, len(event.failed)

    def _finished(self, event: EnvironmentFinished) -> None:
        self._end(event.environment, event.verdict, event.summary)

    def _end(self, name: str, verdict: str, summary: dict[str, Any]) -> None:
        """Show what the summary says: an earlier process may have done the work."""
        line = self._line(name)
        line.seconds, line.revision = summary.get("seconds", line.elapsed), summary.get("revisions", line.revision)
        line.passed = summary.get("checks", line.passed)
        line.failed = summary.get("checks_total", line.passed + line.failed) - line.passed
        line.verdict = verdict

    def _line(self, environment: str) -> _Line:
        return self._lines.setdefault(environment, _Line())

    def _busy(self, environment: str, doing: str, revision: int) -> _Line:
        line = self._line(environment)
        line.doing, line.revision, line.started = doing, revision, line.started or time.monotonic()
        return line

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._lock:
            turning = turning_sign(options.ascii_only)
            if self._lines:
                yield self._table(turning, options)
            yield Text.assemble(turning, "  ", self._footer(), overflow="ellipsis", no_wrap=True)

    def _table(self, turning: Text, options: ConsoleOptions) -> Table:
        """Widths depend on the plan and the terminal alone, so that nothing jumps while the run goes on."""
        names = max(map(len, self._lines))
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        table.add_column("", width=1)
        table.add_column(
            "environment", no_wrap=True, width=max(min(names, options.max_width - _OTHERS), len("environment"))
        )
        table.add_column("now", no_wrap=True, width=_NOW, overflow="ellipsis")
        for heading in _NUMBERS:
            table.add_column(heading, justify="right", no_wrap=True, width=len(heading))
        for name, line in _most_telling(self._lines, max(options.size.height - SPARE_LINES, 1)):
            idle = not line.started and not line.verdict
            state = Text(line.verdict or line.doing, style="dim" if idle else STYLES.get(line.verdict, ""))
            mark = mark_of(line.verdict, options.ascii_only) if line.verdict else turning if line.started else ""
            table.add_row(mark, name, state, str(line.revision), *line.counts)
        return table

    def _footer(self) -> str:
        if self._note:
            return self._note
        done = [line.verdict for line in self._lines.values() if line.verdict]
        lost = len(done) - done.count("verified")
        counts = f"{len(done)} of {len(self._lines)} done" + (f", {lost} not verified" if lost else "")
        return f"{counts}  {duration(time.monotonic() - self._begun)}  Ctrl-C stops cleanly"


def _most_telling(lines: dict[str, _Line], room: int) -> list[tuple[str, _Line]]:
    """Return what fits, in the order of the plan: those at work before those that are done, those before the waiting."""
    rank = {name: 1 if line.verdict else 0 if line.started else 2 for name, line in lines.items()}
    kept = set(sorted(lines, key=lambda name: rank[name])[:room])
    return [(name, line) for name, line in lines.items() if name in kept]


def turning_sign(ascii_only: bool) -> Text:
    """Return the sign of work going on, as it stands at this moment."""
    frames = _FRAMES[ascii_only]
    return Text(frames[int(time.monotonic() * 8) % len(frames)])


def mark_of(verdict: str, ascii_only: bool) -> Text:
    """Return a verdict's sign in its colour."""
    signs = {"verified": ("✓", "+"), "rejected": ("✗", "x")}
    return Text(signs.get(verdict, ("?", "?"))[ascii_only], style=STYLES.get(verdict, ""))
