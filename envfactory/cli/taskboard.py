"""The live table of stage two: a line an environment with its candidates on their way to being tasks.

The board of stage one stands until the first environment's tasks are planned; then this one takes its place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from envfactory.cli.board import SPARE_LINES, Board, mark_of, turning_sign
from envfactory.events import DatasetStarted, DatasetWritten, Event, StopRequested
from envfactory.pages.amounts import duration
from envfactory.traces.tally import STEPS, Progress, Tally

_COUNTS = {"sampled": 7, "refined": 7, "proved": 6, "kept": 7, "refused": 7}  # widths
_SPLIT = len("validation")
_OTHERS = 1 + _SPLIT + sum(_COUNTS.values()) + 2 * (len(_COUNTS) + 2)


class TaskBoard:
    """Consumes events (call it with each) and renders what they came to."""

    def __init__(self, stopping: str) -> None:
        self._tally = Tally()
        self._lock = threading.Lock()  # events come from one thread, the display asks from another
        self._stopping, self._note, self._begun = stopping, "", 0.0
        self._handlers: dict[type, Callable[..., None]] = {
            DatasetStarted: self._writing,
            DatasetWritten: self._written,
            StopRequested: self._stop,
        }

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._tally(event)
            handler = self._handlers.get(type(event))
            if handler is not None:
                handler(event)
            if self.begun and not self._begun:
                self._begun = time.monotonic()

    @property
    def begun(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._tally.environments)

    def _writing(self, event: DatasetStarted) -> None:
        self._note = f"writing the datasets of {event.tasks} tasks"

    def _written(self, event: DatasetWritten) -> None:
        self._note = f"{event.tasks} tasks written to {event.folder}"

    def _stop(self, event: StopRequested) -> None:
        self._note = self._stopping

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._lock:
            sign = turning_sign(options.ascii_only)
            yield self._table(sign, options)
            yield Text.assemble(sign, "  ", self._footer(), overflow="ellipsis", no_wrap=True)

    def _table(self, sign: Text, options: ConsoleOptions) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        names = max(map(len, self._tally.environments))
        table.add_column("", width=1)
        table.add_column(
            "environment", no_wrap=True, width=max(min(names, options.max_width - _OTHERS), len("environment"))
        )
        table.add_column("split", no_wrap=True, width=_SPLIT)
        for heading, width in _COUNTS.items():
            table.add_column(heading, justify="right", no_wrap=True, width=width)
        for name, told in self._shown(max(options.size.height - SPARE_LINES, 1)):
            idle = not told.chunks and not told.ended
            mark = mark_of(_verdict(told), options.ascii_only) if _verdict(told) else "" if idle else sign
            counts = [str(told.count(step) or "") for step in STEPS[:-1]]
            refused = sum(told.refused.values())
            cells = [*counts, f"{told.count('kept')}/{told.wanted}", str(refused or "")]
            table.add_row(mark, Text(name, style="dim" if idle else ""), told.split, *cells)
        return table

    def _shown(self, room: int) -> list[tuple[str, Progress]]:
        """Return what fits, in the order of the plan: those at work before those that wait or are done."""
        lines = self._tally.environments
        rank = {name: 2 if told.full else 0 if told.chunks else 1 for name, told in lines.items()}
        kept = set(sorted(lines, key=lambda name: rank[name])[:room])
        return [(name, told) for name, told in lines.items() if name in kept]

    def _footer(self) -> str:
        if self._note:
            return self._note
        refused = sum(self._tally.refused.values())
        counts = f"{self._tally.total('kept')} of {self._tally.wanted} tasks"
        lost = f", {refused} candidates refused" if refused else ""
        return f"{counts}{lost}  {duration(time.monotonic() - self._begun)}  Ctrl-C stops cleanly"


def _verdict(told: Progress) -> str:
    return "verified" if told.full else "unfinished" if told.lacking else ""


class Boards:
    """Both stages on one screen, one after the other."""

    def __init__(self, stopping: str) -> None:
        self._first, self._second = Board(stopping), TaskBoard(stopping)

    def __call__(self, event: Event) -> None:
        self._first(event)
        self._second(event)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._second if self._second.begun else self._first
