"""The solver played by a language model: briefed as a trainee is, it hears the person, calls tools, and answers.

The same attempt, desk and grader as the scripted searcher's; only the replies are a model's. They are messages as a chat
model gives them (`content`, `tool_calls`), asked for one after the other (see `asking`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from envfactory.agents.asking import Answers, Question, played
from envfactory.agents.benches import scope_of
from envfactory.agents.taskproducts import Settings, Share
from envfactory.calibration.calibrate import calibration_of, graded
from envfactory.calibration.conversation import attempt
from envfactory.calibration.solver import Briefing, Desk, Dialogue
from envfactory.tasks.model import Calibration, Rollout, Task

STEPS = 12  # messages of the model in one turn; then whatever it said last is its answer
Message = dict[str, Any]


class ModelSolver:
    """A solver whose replies are known, or asked for."""

    def __init__(self, name: str, answers: Answers) -> None:
        self._name, self._answers = name, answers

    @property
    def name(self) -> str:
        """The backend's name."""
        return self._name

    def begin(self, briefing: Briefing, seed: str) -> Dialogue:
        """Open an attempt."""
        return ModelDialogue(briefing, self._answers)


class ModelDialogue:
    """One attempt: the whole conversation is shown again with every question."""

    def __init__(self, briefing: Briefing, answers: Answers) -> None:
        self._tools, self._answers = list(briefing.tools), answers
        self._messages: list[Message] = [{"role": "system", "content": briefing.text}]

    def reply(self, message: str, desk: Desk) -> str:
        """Hear a message; call tools until the model answers in words."""
        self._messages.append({"role": "user", "content": message})
        spoken = ""
        for _ in range(STEPS):
            facts = {"messages": [*self._messages], "tools": self._tools}
            told: Message = self._answers.to(Question("solver", facts)) or {"content": "", "tool_calls": []}
            self._messages.append({"role": "assistant", **told})
            spoken = told["content"] or spoken
            if not told["tool_calls"]:
                break
            for call in told["tool_calls"]:
                outcome = desk.call(call["name"], call["args"])
                self._messages.append({"role": "tool", "tool_call_id": call["id"], "content": _shown(outcome)})
        return spoken


def _shown(outcome: Mapping[str, Any]) -> str:
    told = outcome.get("result") if outcome["status"] == "ok" else {"error": outcome.get("code"), **_why(outcome)}
    return json.dumps(told, ensure_ascii=False)


def _why(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {"message": outcome["message"]} if outcome.get("message") else {}


def attempted(
    settings: Settings, share: Share, task: Task, backend: str, number: int, known: Sequence[Any]
) -> Rollout | Question:
    """Return an attempt with the replies that are known, or what the model is asked next."""
    scope = scope_of(settings, [share.place, *share.companions])

    def program(answers: Answers) -> Rollout:
        return attempt(task, scope, ModelSolver(backend, answers), f"{settings.seed}/{task.id}/{number}")

    return played(program, known)


def measured(settings: Settings, share: Share, task: Task, backend: str, rollouts: Sequence[Rollout]) -> Calibration:
    """Return the calibration that attempts come to; those that infrastructure broke are left out."""
    scope = scope_of(settings, [share.place, *share.companions])
    return calibration_of(task, list(graded(task, rollouts, scope)), backend)
