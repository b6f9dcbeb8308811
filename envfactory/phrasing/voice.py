"""One person's voice: tone, manner of writing values, habits. Drawn once for a task, so it holds over the conversation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from envfactory.phrasing.spoken import DateStyle, Manner
from envfactory.tasks.model import Task

Tone = Literal["plain", "polite", "brief", "chatty", "casual"]
_DATES: tuple[DateStyle, ...] = ("day month", "dayth month", "dayth of month", "month day", "month dayth")


@dataclass(frozen=True, slots=True)
class Voice:
    """Tone and habits: `group`: says we rather than I; `small`: begins sentences in lower case; `bare_end`: drops the stop."""

    tone: Tone
    manner: Manner
    group: bool = False
    small: bool = False
    bare_end: bool = False
    contracts: bool = True
    thanks: float = 0.1


def voice_of(task: Task, parties: bool = True) -> Voice:
    """Return the voice of a task's persona, the same whenever it is asked for. `parties`: its tools ask how many come."""
    rng = random.Random(f"voice:{task.id}:{task.seed}")
    tone = task.persona.tone
    casual = tone in ("casual", "brief")
    manner = Manner(
        dates=rng.choices(_DATES, [5, 3, 4, 2, 3])[0],
        short_months=casual and rng.random() < 0.5,
        twelve_hours=rng.random() < 0.75,
        signs=rng.random() < 0.6,
        digits=rng.random() < (0.6 if casual else 0.35),
        weekdays=0.25 if tone in ("chatty", "polite") else 0.1,
    )
    party = task.persona.party or 1
    return Voice(
        tone=tone,
        manner=manner,
        group=parties and party > 1 and rng.random() < 0.6,
        small=tone == "casual" and rng.random() < 0.55,
        bare_end=tone == "casual" and rng.random() < 0.5,
        contracts=tone != "polite" or rng.random() < 0.7,
        thanks={"polite": 0.14, "chatty": 0.1, "casual": 0.07, "plain": 0.05, "brief": 0.02}[tone],
    )
