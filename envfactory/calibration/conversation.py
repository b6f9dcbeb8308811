"""One attempt played out: solver, simulated person and a fresh episode, until every turn has its answer.

`EpisodeDesk` (where tools are called) and `Talk` (the person's side) are what rollouts of policies play with too.
"""

from __future__ import annotations

from typing import Any, Literal

from envfactory.calibration.solver import Outcome, Solver, brief
from envfactory.calibration.user import SimulatedUser
from envfactory.errors import ModelError, SandboxError
from envfactory.sandbox import HandlerFault
from envfactory.tasks.model import Played, Rollout, Task
from envfactory.tasks.play import Episodes, word
from envfactory.tasks.scope import Scope, all_references

_EXCHANGES = 4
_CALLS = 60
_TOO_MANY: Outcome = {"status": "error", "code": "TOO_MANY_CALLS", "message": "no further calls are possible"}


class EpisodeDesk:
    """A desk over fresh episodes: what is called here is what the rollout says."""

    def __init__(self, task: Task, scope: Scope, episodes: Episodes, most_calls: int = _CALLS) -> None:
        self._served = scope.served(task)
        self._episodes = episodes
        self._most_calls = most_calls
        self.turn = 0
        self.calls: list[Played] = []
        self.unparsed = 0

    def call(self, tool: str, arguments: Any) -> Outcome:
        """Call an offered tool in the episode."""
        if tool not in self._served or not isinstance(arguments, dict):
            self.unparsed += 1
            return {"status": "error", "code": "UNKNOWN_TOOL", "message": f"there is no tool {str(tool)[:80]!r}"}
        if len(self.calls) >= self._most_calls:
            return _TOO_MANY
        environment, own = self._served[tool]
        outcome = self._episodes.call(environment, own, arguments)
        self.calls.append(
            Played(
                environment=environment,
                tool=own,
                arguments=arguments,
                outcome=word(outcome),
                result=outcome.get("result"),
                turn=self.turn,
            )
        )
        return outcome


class Talk:
    """The person's side of a whole task: what they say first, and what they say to each thing the assistant says."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._person = SimulatedUser(task)
        self._exchanges = 0
        self.turn = 0
        self.answers: list[str] = []

    def opening(self) -> str:
        """Return what the person says first in this turn."""
        return self._person.opening(self.turn)

    def hear(self, said: str) -> str | None:
        """Return what the person says to it: an answer to a question, the next turn, or nothing where all is said."""
        self._exchanges += 1
        response = self._person.respond(self.turn, said)
        if response is not None and self._exchanges < _EXCHANGES:
            return response
        self.answers.append(said)
        self.turn += 1
        self._exchanges = 0
        return self.opening() if self.turn < len(self._task.turns) else None


def attempt(task: Task, scope: Scope, solver: Solver, seed: str) -> Rollout:
    """Play one attempt; a sandbox or a model that breaks gives a rollout of status `infrastructure`."""
    names = [each.name for each in all_references(task)]
    talk = Talk(task)
    with Episodes(scope, names) as episodes:
        desk = EpisodeDesk(task, scope, episodes)
        status: Literal["complete", "truncated", "infrastructure"] = "complete"
        try:
            dialogue = solver.begin(brief(task, scope), seed)
            message: str | None = talk.opening()
            while message is not None:
                desk.turn = talk.turn
                message = talk.hear(dialogue.reply(message, desk))
        except (SandboxError, HandlerFault, ModelError):
            status = "infrastructure"
        if len(desk.calls) >= _CALLS and status == "complete":
            status = "truncated"
    return Rollout(calls=desk.calls, answers=talk.answers, unparsed=desk.unparsed, status=status)
