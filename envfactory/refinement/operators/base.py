"""What every operator is: candidates in a turn, a change, and a contract that is checked on the changed task.

An operator proposes freely; `check` decides. It measures on the task after the change (and by playing calls, where the
contract speaks of execution), and a change whose contract does not hold is put back by the caller.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from envfactory.phrasing.frames import EnvironmentFrames, SlotFrame
from envfactory.phrasing.parsing import frames_of
from envfactory.refinement.flow import audit_flow, unrecovered
from envfactory.tasks.model import GoldCall, Mention, OperatorRecord, Task
from envfactory.tasks.scope import Scope


class Candidate(NamedTuple):
    """A place where an operator could work: the turn, the mentions concerned, and what else it must remember."""

    turn: int
    mentions: tuple[str, ...] = ()
    detail: Any = None


class Violation(NamedTuple):
    """A contract that does not hold: which operator's, in which turn, and why."""

    operator: str
    turn: int
    reason: str


class Operator(Protocol):
    """One way of saying less, or of saying it otherwise."""

    @property
    def name(self) -> str:
        """What its records are called."""

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return where it could be applied in a turn, in order."""

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task changed at a candidate, words not yet rewritten."""

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Return the record with the measured evidence, or what is wrong."""


def frames(scope: Scope, environment: str) -> EnvironmentFrames:
    """Return the verbalisation frames of an environment."""

    def make() -> EnvironmentFrames:
        return frames_of(environment, scope.contracts(environment).model_dump(mode="json", by_alias=True))

    found: EnvironmentFrames = scope.keep(environment, "refinement.frames", make)
    return found


def slot_of(scope: Scope, environment: str, tool: str, path: str) -> SlotFrame | None:
    """Return the frame of the slot that says an argument."""
    tools = frames(scope, environment).tools
    return tools[tool].slot_of(path.split(".")[0].split("[")[0]) if tool in tools else None


def lost(before: Task, after: Task) -> list[str]:
    """Return the arguments that a solver could have before a change and not after it."""
    already = {(line.call, line.path) for line in unrecovered(audit_flow(before))}
    return [
        f"{after.gold[line.call].tool}.{line.path}: {line.way}"
        for line in unrecovered(audit_flow(after))
        if (line.call, line.path) not in already
    ]


def mention_of(task: Task, turn: int, name: str) -> Mention | None:
    """Return a mention of a turn by its id, one that is said only when asked included."""
    here = task.turns[turn]
    said = [*here.mentions, *(each for reply in here.replies for each in reply.mentions)]
    return next((each for each in said if each.id == name), None)


def reference_column(scope: Scope, call: GoldCall, path: str) -> str:
    """Return the `table.column` that an argument names a row of, empty where it names none."""
    parameter = scope.contracts(call.environment).tool(call.tool).parameters.get(path.split(".")[0].split("[")[0])
    while parameter is not None and parameter.ref is None and parameter.items is not None:
        parameter = parameter.items
    return (parameter.ref or "") if parameter is not None else ""
