"""The one place where prompts and tool output take their form, for SFT, for rollouts and for evaluation alike.

A conversation is a list of messages as chat templates take them: `system`, `user`, `assistant` (with `tool_calls` whose
arguments are objects, or with the answer), `tool` (compact JSON of the result, or of the error). One call a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from envfactory.phrasing import stating
from envfactory.tasks.model import EnvironmentRef, Task

Message = dict[str, Any]
Thinking = Literal["field", "inline", "none"]
UNREADABLE = "UNREADABLE_CALL"

_WHO = [
    "You are an assistant for {services}.",
    "You help people with {services}.",
    "You are the assistant that people talk to about {services}.",
]
_HOW = [
    "Use the tools to look things up and to act. Ask when something is missing that only the person can know; do not guess.",
    "You work with the tools you are given: look up what can be looked up, and ask for what only the person knows.",
    "Find out with the tools what you need, and ask the person for what no tool can tell you.",
]
_LIMITS = [
    "Change only what was asked for. Say what came of it, and say plainly when something cannot be done.",
    "Do what is asked and nothing beyond it; then say what was done, or why it was not.",
    "Act only on what the person wants, and answer in a few plain sentences with the facts that matter to them.",
]


def system_text(task: Task, seed: int = 0) -> str:
    """Return the system message: what it is about, the clock, who is signed in where, what the assistant may do."""
    rng = Random(f"system/{seed}/{task.id}")
    services = stating.listed(each.name.replace("_", " ") for each in task.environments)
    parts = [
        rng.choice(_WHO).format(services=services),
        _clock(task.environments),
        *[_signed_in(task, name) for name in dict.fromkeys(each.environment for each in task.profile)],
        rng.choice(_HOW),
        rng.choice(_LIMITS),
    ]
    return " ".join(part for part in parts if part)


def _clock(environments: Sequence[EnvironmentRef]) -> str:
    """Return the date and time by the environments' clocks: one, where they agree."""
    said = {each.name: f"{stating.clock(each.now)} UTC on {_full_day(each.now)}" for each in environments}
    if len(set(said.values())) == 1:
        return f"It is {next(iter(said.values()))}."
    return " ".join(f"For {name.replace('_', ' ')} it is {when}." for name, when in said.items())


def _full_day(now: str) -> str:
    day = stating.day(now, now)
    return f"{day} {now[:4]}"


def _signed_in(task: Task, environment: str) -> str:
    """Return who the person is in an environment: all that the assistant is told of them."""
    told = []
    for profile in task.profile:
        if profile.environment == environment:
            noun = profile.table.removesuffix("s").replace("_", " ")
            name = profile.columns.get("name")
            rest = [
                f"{'id' if column == 'id' else column.replace('_', ' ')} {value}"
                for column, value in profile.columns.items()
                if column != "name"
            ]
            told.append(f"{noun} {name} ({', '.join(rest)})" if name and rest else f"{noun} {name or ', '.join(rest)}")
    where = f" for {environment.replace('_', ' ')}" if len(task.environments) > 1 else ""
    return f"Signed in{where}: {stating.listed(told)}."


def observation(outcome: Mapping[str, Any]) -> str:
    """Return what a tool message says of an outcome: compact JSON of the result, or `{"error": {"code", "message"}}`."""
    if outcome["status"] == "ok":
        return compact(outcome["result"])
    code = outcome.get("code", outcome["status"].upper())
    return compact({"error": {"code": code, "message": outcome.get("message", "")}})


def compact(value: Any) -> str:
    """Return JSON as it stands in a message: keys in their order, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def served_name(task: Task, environment: str, tool: str) -> str:
    """Return the name a tool is offered under: its own, or `environment__tool` where there are several environments."""
    return tool if len(task.environments) + len(task.distractors) == 1 else f"{environment}__{tool}"


@dataclass
class Conversation:
    """Messages in the making. `thinking` says where reasoning goes: a field of its own, a block in the text, nowhere."""

    thinking: Thinking = "field"
    messages: list[Message] = field(default_factory=list)
    _calls: int = 0

    def system(self, text: str) -> None:
        """Say what holds for the whole conversation."""
        self.messages.append({"role": "system", "content": text})

    def user(self, text: str) -> None:
        """Let the person speak."""
        self.messages.append({"role": "user", "content": text})

    def say(self, text: str, thought: str = "") -> None:
        """Let the assistant speak."""
        self._assistant(text, thought)

    def call(self, name: str, arguments: Mapping[str, Any], outcome: Mapping[str, Any], thought: str = "") -> None:
        """Let the assistant call a tool, and the tool answer."""
        (key,) = self.ask([(name, arguments)], thought=thought)
        self.answer(name, outcome, key)

    def ask(self, calls: Sequence[tuple[str, Mapping[str, Any]]], text: str = "", thought: str = "") -> list[str]:
        """Let the assistant call tools in one message; return the calls' keys."""
        keys = [f"call{self._calls + number:05}" for number in range(1, len(calls) + 1)]  # nine letters and digits:
        self._calls += len(calls)  # some templates take no other length
        functions = [{"name": name, "arguments": dict(arguments)} for name, arguments in calls]
        told = [{"id": key, "type": "function", "function": each} for key, each in zip(keys, functions, strict=True)]
        self._assistant(text, thought, tool_calls=told)
        return keys

    def answer(self, name: str, outcome: Mapping[str, Any], key: str) -> None:
        """Let a tool answer the call of that key."""
        self.messages.append({"role": "tool", "tool_call_id": key, "name": name, "content": observation(outcome)})

    def unreadable(self, why: str) -> None:
        """Tell the assistant that a call could not be read: a tool message that answers no call."""
        refused = {"status": "error", "code": UNREADABLE, "message": why}
        self.messages.append({"role": "tool", "content": observation(refused)})

    def _assistant(self, text: str, thought: str, **more: Any) -> None:
        message: Message = {"role": "assistant", "content": text}
        if thought and self.thinking == "field":
            message["reasoning_content"] = thought
        elif thought and self.thinking == "inline":
            message["content"] = (
                f"<think>\n{thought}\n</think>\n\n{text}".rstrip("\n") if text else f"<think>\n{thought}\n</think>"
            )
        self.messages.append({**message, **more})
