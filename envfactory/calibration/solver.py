"""What a solver is: something that is briefed as a trainee is, hears a person, calls tools, and answers.

A solver never sees the task: it gets a `Briefing` (the tools offered, the clock, what is known of who is signed in), the
person's words one message at a time, and a `Desk` on which the tools can be called in a fresh episode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from envfactory.tasks.model import Profile, Task
from envfactory.tasks.scope import Scope

Outcome = Mapping[str, Any]


@dataclass(frozen=True)
class Briefing:
    """What is told before the first message: function schemas, the clock by environment, the signed-in person."""

    tools: tuple[Mapping[str, Any], ...]
    clocks: Mapping[str, str]
    profile: tuple[Profile, ...]

    @property
    def now(self) -> str:
        """The first environment's clock."""
        return next(iter(self.clocks.values()), "")

    @property
    def text(self) -> str:
        """The same as a system message, for solvers that read."""
        lines = ["You are a helpful assistant with tools. Use them to do what the person asks, and answer briefly."]
        lines += [f"The time in {name} is {now}." for name, now in self.clocks.items()]
        for each in self.profile:
            known = ", ".join(f"{column} {value}" for column, value in each.columns.items())
            lines.append(f"The person is signed in with {each.environment} ({each.table}: {known}).")
        return "\n".join(lines)


class Desk(Protocol):
    """Where a solver calls tools."""

    def call(self, tool: str, arguments: Any) -> Outcome:
        """Call an offered tool; the outcome has `status` (`ok`, `error`, ...) and `result`, or `code` and `message`."""


class Dialogue(Protocol):
    """One attempt at one task."""

    def reply(self, message: str, desk: Desk) -> str:
        """Hear a message, call what is needed, and return what is said in return: an answer or a question."""


class Solver(Protocol):
    """A kind of solver; `begin` opens an attempt of its own for each seed."""

    @property
    def name(self) -> str:
        """The backend's name, as it is stored with the calibration."""

    def begin(self, briefing: Briefing, seed: str) -> Dialogue:
        """Open an attempt."""


def brief(task: Task, scope: Scope) -> Briefing:
    """Return what a solver is told of a task."""
    clocks = {each.name: each.now for each in [*task.environments, *task.distractors]}
    return Briefing(tuple(scope.tool_schemas(task)), clocks, tuple(task.profile))
