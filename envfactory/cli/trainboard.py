"""Progress of training: a bar with the latest figures on a terminal, plain lines elsewhere; both to stderr."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

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
from envfactory.training.runs import Watcher

_SHOWN = {
    "loss": "loss {:.4f}",
    "eval_loss": "validation {:.4f}",
    "entropy": "entropy {:.3f}",
    "mean_token_accuracy": "accuracy {:.1%}",
    "reward": "reward {:.3f}",
    "solve_rate": "solved {:.1%}",
    "kl": "kl {:.4f}",
    "completions/mean_length": "length {:.0f}",
}
_QUIET = 10.0  # seconds between two plain lines


@contextmanager
def open_board() -> Iterator[Watcher]:
    """Yield who looks on while a run trains."""
    console = page(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console) as progress:
            yield _Bar(progress)
    else:
        yield _Lines(console)


def plain() -> Watcher:
    """Return who writes lines, for what is told before the processes start that show progress themselves."""
    return _Lines(page(stderr=True))


def figures(metrics: Mapping[str, float]) -> str:
    """Say the figures that a person looks for."""
    return ", ".join(form.format(metrics[name]) for name, form in _SHOWN.items() if name in metrics)


class _Bar:
    """A live line. The validation's loss stays until the next one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._latest: dict[str, float] = {}

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, soft_wrap=True)

    def step(self, done: int, total: int, metrics: Mapping[str, float]) -> None:
        if self._task is None:
            self._task = self._progress.add_task("training", total=total, figures="")
        self._latest.update(metrics)
        self._progress.update(self._task, completed=done, figures=figures(self._latest))


class _Lines:
    """One line now and then, and one for every validation."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._last = -_QUIET

    def note(self, text: str) -> None:
        spent = time.monotonic() - self._started
        self._console.print(f"[{spent:7.1f}s] {text}", markup=False, soft_wrap=True)

    def step(self, done: int, total: int, metrics: Mapping[str, float]) -> None:
        now = time.monotonic()
        told = figures(metrics)
        if told and (now - self._last >= _QUIET or done == total or "eval_loss" in metrics):
            self._last = now
            self.note(f"step {done} of {total}: {told}")
