"""A talk of τ²-bench: agent, person and tools in turns, by the rules of its orchestrator.

The agent greets, the person begins. A message with calls goes to the tools, one without to the person; the person ends
the talk with a word of the package's. Too many messages, or too many calls that fail, end it unrewarded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envfactory.datasets.conversation import Conversation, Message
from envfactory.evaluation.items import PERSON, POLICY, Outcome
from envfactory.evaluation.tau2.package import Tau2
from envfactory.rollouts.policy import Asked, Reply

_GREETING = "Hi! How can I help you today?"
_BY_PERSON, _STEPS, _ERRORS = "user_stop", "max_steps", "too_many_errors"


class TauTalk:
    """One attempt at one task."""

    def __init__(self, tau2: Tau2, domain: str, task: Any, attempt: int) -> None:
        self._tau2, self._domain, self._task, self._attempt = tau2, domain, task, attempt
        self._environment = tau2.environment(domain, task)
        self._tools = tau2.schemas(self._environment)
        self._name = f"{domain}_{task.id}"
        self._trajectory: list[Any] = [tau2.said(_GREETING)]
        self._conversation = Conversation()
        self._conversation.system(tau2.agent_prompt(self._environment))
        self._conversation.say(_GREETING)
        self._person: list[Message] = [
            {"role": "system", "content": tau2.person_prompt(task)},
            {"role": "user", "content": _GREETING},
        ]
        self._steps = self._errors = self._calls = 0
        self._ended = ""
        self.speaker = PERSON

    def ask(self) -> Asked | None:
        """Return what the agent, or the person, is shown next."""
        if self._ended:
            return None
        if self.speaker == PERSON:
            return Asked(list(self._person), [], self._name, self._attempt)
        return Asked(list(self._conversation.messages), self._tools, self._name, self._attempt, calls=self._calls)

    def take(self, reply: Reply) -> None:
        """Take a message of whoever was asked."""
        self._steps += 1
        if self.speaker == PERSON:
            self._hear(reply.content)
        elif reply.calls:
            self._execute(reply)
        else:
            self._say(reply)
        if not self._ended and self._steps >= self._tau2.most_steps:
            self._ended = _STEPS

    def outcome(self) -> Outcome:
        """Return the evaluator's reward, and what it consists of."""
        told = self._tau2.judge(self._domain, self._task, self._trajectory, self._ended)
        parts = {str(name.value).lower(): float(value) for name, value in (told.reward_breakdown or {}).items()}
        why = (
            ""
            if told.reward == 1.0
            else f"ended by {self._ended}; " + ", ".join(f"{k} {v:g}" for k, v in parts.items())
        )
        return Outcome(float(told.reward), parts, why)

    def close(self) -> None:
        """Nothing is held."""

    def _hear(self, text: str) -> None:
        message = self._tau2.heard(text)
        self._trajectory.append(message)
        self._person.append({"role": "assistant", "content": text})
        if self._tau2.is_stop(message):
            self._ended = _BY_PERSON
            return
        self._conversation.user(text)
        self.speaker = POLICY

    def _say(self, reply: Reply) -> None:
        self._trajectory.append(self._tau2.said(reply.content))
        self._conversation.say(reply.content, reply.written.reasoning)
        self._person.append({"role": "user", "content": reply.content})
        self.speaker = PERSON

    def _execute(self, reply: Reply) -> None:
        calls = [(call.name, call.arguments) for call in reply.calls]
        keys = self._conversation.ask(calls, reply.content, reply.written.reasoning)
        message = self._tau2.called(reply.content, reply.calls, keys)
        answers = [self._environment.get_response(call) for call in message.tool_calls]
        self._trajectory += [message, *answers]
        self._calls += len(answers)
        self._errors += sum(bool(answer.error) for answer in answers)
        self._conversation.messages += _results(reply, keys, answers)
        if self._errors >= self._tau2.most_errors:
            self._ended = _ERRORS


def _results(reply: Reply, keys: Sequence[str], answers: Sequence[Any]) -> list[Message]:
    return [
        {"role": "tool", "tool_call_id": key, "name": call.name, "content": answer.content or ""}
        for call, key, answer in zip(reply.calls, keys, answers, strict=True)
    ]
