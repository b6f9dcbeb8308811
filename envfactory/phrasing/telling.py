"""What is being told: one turn of one task in one person's manner, and which of its mentions are still to be said."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from envfactory.phrasing.frames import EnvironmentFrames, Frames, SlotFrame
from envfactory.phrasing.sources import Reader
from envfactory.phrasing.spoken import Manner, parse_day
from envfactory.phrasing.voice import Voice
from envfactory.tasks.model import Mention, Task, Turn

SILENT = frozenset({"profile"})


@dataclass
class Telling:
    """The state of putting one turn into words. `plain`: everything outright, one clause per request.

    `left` are the mentions still to be said, `held` those kept back for another slot of the clause in hand,
    `twins` those said by the words of another mention: the same name under another slot.
    """

    task: Task
    index: int
    frames: Frames
    rng: random.Random
    voice: Voice
    plain: bool = False
    left: dict[str, Mention] = field(default_factory=dict)
    held: dict[str, Mention] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    situated: bool = False

    def __post_init__(self) -> None:
        self.reader = Reader(self.task, self.frames)
        self.left = {each.id: each for each in self.turn.mentions if each.form not in SILENT}

    @property
    def turn(self) -> Turn:
        """The turn being told."""
        return self.task.turns[self.index]

    @property
    def manner(self) -> Manner:
        """How this person writes values."""
        return Manner() if self.plain else self.voice.manner

    def environment(self, name: str) -> EnvironmentFrames:
        """Return the frames of an environment."""
        return self.frames[name]

    def today(self, environment: str) -> date:
        """Return the day on which the person speaks."""
        return parse_day(self.frames[environment].now) or date(2027, 1, 1)

    def take(self, mention: Mention | None) -> bool:
        """Return whether a mention is still to be said in this turn, and count it as said from now on."""
        if mention is None or mention.id not in self.left:
            return False
        del self.left[mention.id]
        twins = [each.id for each in self.left.values() if _same_thing(each, mention)]
        self.twins |= dict.fromkeys(twins, mention.id)
        for each in twins:
            del self.left[each]
        return True

    def dated_later(self, mention: Mention) -> bool:
        """Return whether a point in time still to be said falls on the day that a mention says: its words say both."""
        return any(
            _same_thing(mention, each) for each in (*self.left.values(), *self.held.values()) if _is_moment(each)
        )

    def counted_later(self, slot: SlotFrame, mention: Mention) -> bool:
        """Return whether another slot will count the same people, so that one count says both."""
        return slot.party and mention.value == sum(int(each.value) for each in self.held.values() if self._counts(each))

    def _counts(self, mention: Mention) -> bool:
        tool, _, parameter = mention.slot.rpartition(".")
        frame = self.frames[mention.environment].tools.get(tool)
        slot = frame.slots.get(parameter) if frame else None
        return slot is not None and slot.party

    def pointed(self, value: object) -> Mention | None:
        """Return the mention of this turn, still to be said, that points back at the row with a key."""
        return next((each for each in self.left.values() if each.form == "referred" and each.value == value), None)

    def waiting(self, mentions: Iterable[Mention]) -> bool:
        """Return whether any of the mentions is still to be said in this turn."""
        return any(each.id in self.left for each in mentions)

    def chance(self, odds: float) -> bool:
        """Return true with the given odds; never in plain wording."""
        return not self.plain and self.rng.random() < odds

    def is_new(self, call: int) -> bool:
        """Return whether a gold call belongs to this turn."""
        first, last = self.turn.calls
        return first <= call < last


def _is_moment(mention: Mention) -> bool:
    return str(mention.value)[10:11] == "T"


def _same_thing(one: Mention, other: Mention) -> bool:
    """Return whether two mentions name the same thing, so that its name is said once. Days and codes are not names."""
    if str(other.value)[:11] == f"{one.value}T" and one.environment == other.environment:
        return {one.form, other.form} <= {"stated", "relative"} and one.slot.endswith(("day", "date"))
    named = isinstance(one.value, str) and re.match(r"[A-Z][a-z]", one.value) is not None
    stated = one.form == other.form == "stated"
    return named and stated and one.value == other.value and one.environment == other.environment
