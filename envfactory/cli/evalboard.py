"""How far an evaluation is: a bar a suite on a terminal, a line now and then elsewhere; both go to stderr."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from envfactory.cli.pages import page

if TYPE_CHECKING:
    from envfactory.evaluation.items import Scored
    from envfactory.evaluation.running import Notice

_SPOKEN_EVERY = 10.0


@contextmanager
def progress() -> Iterator[Notice]:
    """Yield what hears of every attempt: a bar a suite on a terminal, a line now and then elsewhere."""
    console = page(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield _Lines(console)
        return
    from rich.progress import (
        Progress,
    )

    parts = ("{task.description}", "{task.fields[mean]}")
    bar = Progress(
        TextColumn(parts[0]),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(parts[1]),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        yield _Bars(bar)


class _Bars:
    """A bar a suite."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, suite: str, done: int, total: int, scored: Sequence[Scored]) -> None:
        if suite not in self._bars:
            self._bars[suite] = self._progress.add_task(suite, total=total, mean="")
        self._progress.update(self._bars[suite], completed=done, total=total, mean=_mean(scored))


class _Lines:
    """A line when a suite begins, every ten seconds, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = self._spoken = time.monotonic()

    def __call__(self, suite: str, done: int, total: int, scored: Sequence[Scored]) -> None:
        now = time.monotonic()
        if scored and done < total and now - self._spoken < _SPOKEN_EVERY:
            return
        self._spoken = now
        line = f"[{now - self._started:6.1f}s] {suite}: {done} of {total} {_mean(scored)}"
        self._console.print(line.rstrip(), markup=False, soft_wrap=True)


def _mean(scored: Sequence[Scored]) -> str:
    fair = [each.score for each in scored if each.status == "scored"]
    return f"{100 * sum(fair) / len(fair):.1f} %" if fair else ""
