"""One attempt played out: solver, simulated person and a fresh episode, until every turn has its answer."""

from __future__ import annotations

from typing import Any, Literal

from envfactory.calibration.solver import Dialogue, Outcome, Solver, brief
from envfactory.calibration.user import SimulatedUser
from envfactory.errors import ModelError, SandboxError
from envfactory.sandbox import HandlerFault
from envfactory.tasks.model import Played, Rollout, Task
from envfactory.tasks.play import Episodes, word
from envfactory.tasks.scope import Scope

_EXCHANGES = 4
_CALLS = 60
_TOO_MANY: Outcome = {"status": "error", "code": "TOO_MANY_CALLS", "message": "no further calls are possible"}


class EpisodeDesk:
    """A desk over fresh episodes: what is called here is what the rollout says."""

    def __init__(self, task: Task, scope: Scope, episodes: Episodes) -> None:
        self._served = scope.served(task)
        self._episodes = episodes
        self.turn = 0
        self.calls: list[Played] = []
        self.unparsed = 0

    def call(self, tool: str, arguments: Any) -> Outcome:
        """Call an offered tool in the episode."""
        if tool not in self._served or not isinstance(arguments, dict):
            self.unparsed += 1
            return {"status": "error", "code": "UNKNOWN_TOOL", "message": f"there is no tool {str(tool)[:80]!r}"}
        if len(self.calls) >= _CALLS:
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


def attempt(task: Task, scope: Scope, solver: Solver, seed: str) -> Rollout:
    """Play one attempt; a sandbox or a model that breaks gives a rollout of status `infrastructure`."""
    names = [each.name for each in [*task.environments, *task.distractors]]
    with Episodes(scope, names) as episodes:
        desk = EpisodeDesk(task, scope, episodes)
        status: Literal["complete", "truncated", "infrastructure"] = "complete"
        answers: list[str] = []
        try:
            dialogue = solver.begin(brief(task, scope), seed)
            person = SimulatedUser(task)
            for turn in range(len(task.turns)):
                desk.turn = turn
                answers.append(_turn(dialogue, person, desk, turn))
        except (SandboxError, HandlerFault, ModelError):
            status = "infrastructure"
        if len(desk.calls) >= _CALLS and status == "complete":
            status = "truncated"
    return Rollout(calls=desk.calls, answers=answers, unparsed=desk.unparsed, status=status)


def _turn(dialogue: Dialogue, person: SimulatedUser, desk: EpisodeDesk, turn: int) -> str:
    """Return the solver's last word in a turn."""
    message, answer = person.opening(turn), ""
    for _ in range(_EXCHANGES):
        answer = dialogue.reply(message, desk)
        response = person.respond(turn, answer)
        if response is None:
            break
        message = response
    return answer
