"""A language model as solver: a plain tool-calling loop over any OpenAI-compatible chat model.

The model gets the briefing as system message and the offered tools as they are; it calls until it answers in words.
Arguments that are no JSON object are told back to it as an error, as a server would.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI

from envfactory.calibration.solver import Briefing, Desk, Outcome
from envfactory.config import ModelConfig
from envfactory.errors import ModelError
from envfactory.models.chat import open_chat

_STEPS = 16


class LanguageSolver:
    """A solver answered by the model of a config."""

    def __init__(self, config: ModelConfig, *, steps: int = _STEPS) -> None:
        self._chat = open_chat(config)
        self._steps = steps
        self.name = config.model

    def begin(self, briefing: Briefing, seed: str) -> LanguageDialogue:
        """Open an attempt; the seed is given to the server, for what it is worth there."""
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
        return LanguageDialogue(self._chat, briefing, number, self._steps)


class LanguageDialogue:
    """One conversation with a model; its messages are its memory."""

    def __init__(self, chat: ChatOpenAI, briefing: Briefing, seed: int, steps: int) -> None:
        tools = [dict(each) for each in briefing.tools]
        self._model = chat.bind_tools(tools, seed=seed) if tools else chat.bind(seed=seed)
        self._messages: list[BaseMessage] = [SystemMessage(briefing.text)]
        self._steps = steps

    def reply(self, message: str, desk: Desk) -> str:
        """Hear a message, let the model call what it wants, and return its words; raise ModelError if the model fails."""
        self._messages.append(HumanMessage(message))
        for _ in range(self._steps):
            answer = self._ask()
            self._messages.append(answer)
            if not answer.tool_calls and not answer.invalid_tool_calls:
                return str(answer.text)
            self._messages += _results(answer, desk)
        return ""

    def _ask(self) -> AIMessage:
        import openai

        try:
            answer = self._model.invoke(self._messages)
        except openai.OpenAIError as error:
            raise ModelError(f"the solver's model failed: {error}") from error
        if not isinstance(answer, AIMessage):
            raise ModelError("the solver's model answered with something else than a message")
        return answer


def _results(answer: AIMessage, desk: Desk) -> Sequence[ToolMessage]:
    """Return the results of a message's calls, in order."""
    made = [
        ToolMessage(_told(desk.call(each["name"], each["args"])), tool_call_id=str(each["id"]))
        for each in answer.tool_calls
    ]
    return made + [
        ToolMessage(_told(desk.call(str(each["name"]), each["args"])), tool_call_id=str(each["id"]))
        for each in answer.invalid_tool_calls
    ]


def _told(outcome: Outcome) -> str:
    """Return an outcome as a model is told it: the result, or the error with code and message."""
    if outcome["status"] == "ok":
        return json.dumps(outcome["result"], ensure_ascii=False)
    told: dict[str, Any] = {"error": outcome.get("code", outcome["status"]), "message": outcome.get("message", "")}
    return json.dumps(told, ensure_ascii=False)
