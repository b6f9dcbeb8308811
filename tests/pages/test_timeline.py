"""The timeline: lanes, bars that do not cover each other, idle time cut out."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.pages.timeline import LEFT, RIGHT, WIDTH, Timeline, timeline
from envfactory.traces.story import Chapter, Step, Story

SECOND = 1_000_000_000


def step(role: str, start: float, end: float | None, status: str = "ok") -> Step:
    span: dict[str, Any] = {
        "span_id": f"{role}{start}",
        "kind": "role",
        "agent": role,
        "environment": "rail",
        "revision": 0,
        "start_ns": int(start * SECOND),
        "end_ns": None if end is None else int(end * SECOND),
        "status": status,
        "attributes": {},
    }
    return Step(span, 0)


def drawn(*steps: Step, ends: float = 0) -> Timeline:
    last = max([ends, *((each.span["end_ns"] or 0) / SECOND for each in steps)])
    made = timeline(Story({}, [Chapter("rail", {}, None, list(steps))], int(last * SECOND), {}))
    assert made is not None
    return made


def test_bars_are_as_long_as_their_time() -> None:
    bars = drawn(step("coder", 0, 30), step("tester", 30, 90)).bars
    inner = WIDTH - LEFT - RIGHT
    assert [bar.x for bar in bars] == pytest.approx([LEFT, LEFT + inner / 3], abs=0.1)
    assert [bar.width for bar in bars] == pytest.approx([inner / 3, inner * 2 / 3], abs=0.1)


def test_what_overlaps_lies_in_another_row() -> None:
    bars = drawn(step("coder", 0, 50), step("tester", 20, 90), step("gate", 60, 90)).bars
    assert bars[0].y == bars[2].y < bars[1].y


def test_a_night_between_two_days_is_cut_out() -> None:
    told = drawn(step("coder", 0, 100), step("tester", 50_000, 50_100))
    assert told.bars[1].x == pytest.approx(LEFT + (WIDTH - LEFT - RIGHT) / 2, abs=0.1)
    assert [cut.label for cut in told.cuts] == ["13 h 52 min of nothing left out"]


def test_what_goes_on_reaches_to_the_end_and_what_was_lost_does_not() -> None:
    bars = drawn(step("coder", 0, None, "open"), step("tester", 10, None, "lost"), step("gate", 0, 40)).bars
    assert bars[0].x + bars[0].width == pytest.approx(WIDTH - RIGHT, abs=0.1)
    assert (bars[0].state, bars[1].state, bars[1].width) == ("open", "bad", 2.0)


def test_ticks_are_round() -> None:
    assert [tick.label for tick in drawn(step("coder", 0, 300)).ticks] == [
        "0 min",
        "1 min",
        "2 min",
        "3 min",
        "4 min",
        "5 min",
    ]


def test_nothing_is_drawn_of_nothing() -> None:
    assert timeline(Story({}, [], 0, {})) is None
