"""When each role and gate was at work, drawn: a lane an environment, side by side where its steps overlapped.

Time in which nothing happened (a run that stopped and was resumed the next day) is cut out, and the cut shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from envfactory.pages.amounts import span
from envfactory.traces.store import LOST
from envfactory.traces.story import Step, Story, is_bad

LEFT, WIDTH, RIGHT = 190, 1100, 12
_BAR, _GAP, _TOP = 13, 7, 26
_THINNEST = 2.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_TICKS = 9


class Bar(NamedTuple):
    """A step: where it lies, and what it is."""

    x: float
    y: float
    width: float
    span: str
    role: str
    state: str
    title: str


class Lane(NamedTuple):
    name: str
    y: float
    height: float


class Tick(NamedTuple):
    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """Everything a drawing needs, in its own units; `cuts` are the places where time is missing."""

    lanes: list[Lane]
    bars: list[Bar]
    ticks: list[Tick]
    cuts: list[Tick]
    height: float
    bar: int = _BAR
    width: int = WIDTH
    left: int = LEFT


class _Scale:
    """From moments to places, idle time cut out."""

    def __init__(self, intervals: Iterable[tuple[int, int]]) -> None:
        self.busy = _merged(intervals)
        total = sum(end - start for start, end in self.busy)
        self._least = max(total // 20, 20_000_000_000)
        self._pieces: list[tuple[int, int, int]] = []  # start, end, moments left out before it
        left_out = self.busy[0][0]
        for number, (start, end) in enumerate(self.busy):
            if number and start - self.busy[number - 1][1] > self._least:
                left_out += start - self.busy[number - 1][1]
            self._pieces.append((start, end, left_out))
        self.length = max(self.busy[-1][1] - left_out, 1)

    def time(self, moment: int) -> int:
        """Return how much working time had passed at a moment."""
        out = self._pieces[0][2]
        for start, _, left_out in self._pieces:
            if moment >= start:
                out = left_out
        return moment - out

    def place(self, time: int) -> float:
        """Return where a working time lies."""
        return LEFT + time / self.length * (WIDTH - LEFT - RIGHT)

    def cuts(self) -> list[Tick]:
        """Return where time was left out, and how much."""
        gaps = [(second, first[1]) for first, second in pairwise(self.busy) if second[0] - first[1] > self._least]
        return [
            Tick(self.place(self.time(after[0])), f"{span((after[0] - ended) / 1e9)} of nothing left out")
            for after, ended in gaps
        ]


def timeline(story: Story) -> Timeline | None:
    """Return the drawing of a run; None where nothing has been done yet."""
    steps = [step for step in story.steps() if step.span["kind"] in ("role", "gate")]
    if not steps:
        return None
    scale = _Scale(_interval(step, story.ends) for step in steps)
    lanes: list[Lane] = []
    bars: list[Bar] = []
    y = float(_TOP)
    for chapter in story.chapters:
        own = [step for step in chapter.steps if step.span["kind"] in ("role", "gate")]
        if own:
            drawn, height = _lane(own, scale, y, story.ends)
            lanes.append(Lane(chapter.name or "the run", y, height))
            bars.extend(drawn)
            y += height + _GAP
    return Timeline(lanes, bars, _ticks(scale), scale.cuts(), y)


def _lane(steps: Sequence[Step], scale: _Scale, y: float, ends: int) -> tuple[list[Bar], float]:
    """Return the bars of a lane, each in the first row that is free, and how high they are together."""
    rows: list[float] = []
    bars = []
    for step in steps:
        start, end = (scale.place(scale.time(moment)) for moment in _interval(step, ends))
        width = max(end - start, _THINNEST)
        row = next((number for number, taken in enumerate(rows) if taken <= start + 0.5), len(rows))
        rows[row:] = [end, *rows[row + 1 :]]
        bars.append(
            Bar(
                round(start, 1),
                y + row * (_BAR + 2),
                round(width, 1),
                step.span["span_id"],
                step.role,
                _state(step),
                _title(step),
            )
        )
    return bars, len(rows) * (_BAR + 2) - 2


def _interval(step: Step, ends: int) -> tuple[int, int]:
    start = step.span["start_ns"]
    if step.span["end_ns"] is None and step.span["status"] == LOST:
        return start, start
    return start, max(step.span["end_ns"] or ends, start)


def _state(step: Step) -> str:
    return "bad" if is_bad(step.span) else "open" if step.span["status"] == "open" else "good"


def _title(step: Step) -> str:
    took = f", {span((step.span['end_ns'] - step.span['start_ns']) / 1e9)}" if step.span["end_ns"] else ""
    return f"{step.role} {step.revision}: {step.span['status']}{took}"


def _ticks(scale: _Scale) -> list[Tick]:
    seconds = scale.length / 1e9
    every = next((step for step in _STEPS if seconds / step <= _TICKS), _STEPS[-1])
    return [
        Tick(scale.place(int(time * 1e9)), f"{time} s" if every < 60 else f"{time // 60} min")
        for time in range(0, int(seconds) + 1, every)
    ]


def _merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the times in which anything was going on."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
