"""Two runs side by side: verdicts, and step by step what was asked, answered and spent differently.

Steps are the same where environment, role, revision and turn are; a step of only one run is told as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from envfactory.config import AUTHORS
from envfactory.traces.legible import unfolded
from envfactory.traces.lines import unified
from envfactory.traces.store import TraceStore
from envfactory.traces.story import Chapter, Message, Spent, Step, Story, spent_by_role

Verdict = tuple[str, int, int]


class Run(NamedTuple):
    """A run to compare: where its words are, and its story."""

    store: TraceStore
    story: Story


@dataclass
class Pair:
    """The same step in both runs, or in one. `differs` names what is not the same: status, prompt, answer, calls."""

    key: tuple[str, str, int, int]
    left: Step | None
    right: Step | None
    differs: list[str] = field(default_factory=list)


@dataclass
class Comparison:
    """`verdicts` has status, revisions and steps of each environment in either run, or None where it has none there."""

    verdicts: dict[str, tuple[Verdict | None, Verdict | None]]
    spent: dict[str, tuple[Spent | None, Spent | None]]
    pairs: list[Pair]

    @property
    def differing(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.differs]


def compare(left: Run, right: Run) -> Comparison:
    """Return how two runs differ."""
    names = list(dict.fromkeys(c.name for run in (left, right) for c in run.story.chapters if c.name))
    verdicts = {name: (_verdict(left.story.chapter(name)), _verdict(right.story.chapter(name))) for name in names}
    spent = [{each.role: each for each in spent_by_role(run.story.steps())} for run in (left, right)]
    roles = list(dict.fromkeys([*spent[0], *spent[1]]))
    ours = {step.key: step for step in left.story.steps()}
    theirs = {step.key: step for step in right.story.steps()}
    pairs = [Pair(key, ours.get(key), theirs.get(key)) for key in dict.fromkeys([*ours, *theirs])]
    for pair in pairs:
        pair.differs = _differs(left, right, pair)
    return Comparison(verdicts, {role: (spent[0].get(role), spent[1].get(role)) for role in roles}, pairs)


def _verdict(chapter: Chapter | None) -> Verdict | None:
    if chapter is None:
        return None
    revisions = (step.revision for step in chapter.steps if step.role not in AUTHORS)  # theirs is the number of a share
    return str(chapter.span["status"]), max(revisions, default=0), len(chapter.steps)


def _differs(left: Run, right: Run, pair: Pair) -> list[str]:
    if pair.left is None or pair.right is None:
        return ["only in the first" if pair.right is None else "only in the second"]
    found = ["status"] if pair.left.span["status"] != pair.right.span["status"] else []
    found += ["backend"] if pair.left.span["model"] != pair.right.span["model"] else []
    for name, part in (("prompt", 0), ("answer", 1)):
        if _text(left.store, pair.left, part) != _text(right.store, pair.right, part):
            found.append(name)
    if [len(call.messages) for call in pair.left.calls] != [len(call.messages) for call in pair.right.calls]:
        found.append("calls")
    return found + (["checks"] if _checks(pair.left) != _checks(pair.right) else [])


def _checks(step: Step) -> list[tuple[str, str]]:
    report = step.span["attributes"].get("report") or {}
    return [(check["id"], check["status"]) for check in report.get("checks", [])]


def _text(store: TraceStore, step: Step, part: int) -> str:
    """Return what a step was given (0) or made (1); "" for a gate, which is told by its checks."""
    messages: list[Message] = step.messages
    told = store.message(messages[part].span, messages[part].n) if part < len(messages) else None
    return told[0] if told else ""


def differences(left: Run, right: Run, pair: Pair, part: str) -> Iterator[str]:
    """Yield a unified diff of a pair's `prompt` or `answer`, in legible lines; nothing where one side lacks it."""
    if pair.left is None or pair.right is None:
        return
    number = ("prompt", "answer").index(part)
    before, after = _text(left.store, pair.left, number), _text(right.store, pair.right, number)
    yield from unified(unfolded(before), unfolded(after))
