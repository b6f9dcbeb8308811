"""The simulated person of a conversation: answers a question about what they have not said yet, knows no more than that.

A question is judged by what it asks for: the words of the parameter, or of the question that the task expects. What the
person has said already they say again; what they cannot know they say so.
"""

from __future__ import annotations

import re

from envfactory.calibration.vocabulary import STOP, root, tokens
from envfactory.reading.spans import flatten
from envfactory.tasks.model import Mention, Reply, Task, Turn

UNKNOWN = "I don't know, sorry."
_PATIENCE = 2  # questions that are answered although they were asked before, or cannot be answered
_ASKING = re.compile(
    r"\?|\b(?:could you|can you|please) (?:tell|say|give|confirm|provide|let me know)\b|\blet me know\b|\bi(?:'ll"
    r"| will)? need (?:to know|your|the)\b"
)
_OFFER = re.compile(
    r"\b(?:anything else|shall i|should i|would you like me to|do you want me to|need anything|help you with)\b"
)
# What a question word asks for, by words that may stand in a slot's name.
_HINTS = {
    "when": "date day time at on from check in start",
    "day": "date day on at from",
    "date": "day on at from date",
    "time": "at time",
    "where": "city place area address station branch location destination",
    "many": "people guests adults number quantity count seats places party",
    "much": "amount price cents total",
    "long": "nights days minutes hours end",
    "which": "",
    "who": "name person recipient",
    "why": "reason",
    "pay": "method",
}


class SimulatedUser:
    """The person of one task."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._supplied: set[tuple[int, int]] = set()
        self._impatience = 0

    def opening(self, turn: int) -> str:
        """Return what the person says first in a turn."""
        return self._task.turns[turn].text

    def respond(self, turn: int, heard: str) -> str | None:
        """Return what the person says to the assistant's message; None where they have nothing to add to this turn."""
        if not asks(heard):
            return None
        here = self._task.turns[turn]
        fitting = [
            at for at, reply in enumerate(here.replies) if (turn, at) not in self._supplied and answers(reply, heard)
        ]
        if fitting:
            self._supplied |= {(turn, at) for at in fitting}
            return " ".join(here.replies[at].text for at in fitting)
        again = self._again(turn, heard)
        if again:
            return again
        self._impatience += 1
        if self._impatience > _PATIENCE:
            return None
        return self._supplied_before(turn, heard) or UNKNOWN

    def _supplied_before(self, turn: int, heard: str) -> str:
        """Repeat what was supplied to an earlier question of the conversation, as a person would; empty where nothing was."""
        told = [self._task.turns[before].replies[at] for before, at in sorted(self._supplied) if before <= turn]
        return " ".join(reply.text for reply in told if answers(reply, heard))

    def _again(self, turn: int, heard: str) -> str:
        """Repeat what was said about the thing asked for: the sentence that holds it."""
        for at in range(turn, -1, -1):
            for mention in self._task.turns[at].mentions:
                if mention.span is not None and about(mention, heard):
                    return _sentence(self._task.turns[at], mention)
        return ""


def asks(text: str) -> bool:
    """Whether an assistant's message asks the person for something (not merely whether there is anything else)."""
    flat = flatten(text)
    asking = [each for each in re.split(r"(?<=[.!?])\s+", flat) if _ASKING.search(each) and not _OFFER.search(each)]
    return bool(asking)


def answers(reply: Reply, question: str) -> bool:
    """Whether a reply answers a question: they ask for the same, or the question is about one of its mentions."""
    asked, expected = _content(question), _content(reply.question)
    shared = asked & expected
    if shared and len(shared) * 2 >= min(len(expected), 4):
        return True
    return any(about(mention, question) for mention in reply.mentions)


def about(mention: Mention, question: str) -> bool:
    """Whether a question is about what a mention's slot holds."""
    _, _, column = mention.slot.rpartition(".")
    table = mention.slot.partition(".")[0] if column in ("name", "title", "id") else ""
    slot = {
        root(word)
        for word in re.split("[_.]", f"{column} {table}".replace(" ", "_"))
        if word and word not in ("id", "cents")
    }
    asked = _content(question)
    hinted = {
        root(word) for hint, words in _HINTS.items() if hint in tokens(flatten(question)) for word in words.split()
    }
    return bool(slot & asked) or bool(slot & hinted)


def _content(text: str) -> set[str]:
    return {root(word) for word in tokens(flatten(text)) if word not in STOP or word in _HINTS}


def _sentence(turn: Turn, mention: Mention) -> str:
    start, end = mention.span or (0, 0)
    for match in re.finditer(r"[^.!?]+[.!?]*", turn.text):
        if match.start() <= start < match.end():
            return match.group().strip()
    return turn.text[start:end]
