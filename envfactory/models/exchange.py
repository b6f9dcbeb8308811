"""One role's talk with one backend: messages out, a message back, each told to the event stream, failures typed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI

from envfactory.config import ModelConfig
from envfactory.errors import ModelError
from envfactory.events import Emit, ModelCalled, Usage
from envfactory.models.chat import REASONING, open_chat, price


class Exchange:
    """One role's calls to one backend, each told to the event stream. `limit` bounds those in flight to that backend."""

    def __init__(self, role: str, config: ModelConfig, emit: Emit, limit: asyncio.Semaphore) -> None:
        self._role, self._config, self._emit, self._limit = role, config, emit, limit
        self._chat: ChatOpenAI | None = None

    async def run(
        self, messages: list[BaseMessage], environment: str, revision: int, prepare: Callable[[ChatOpenAI], Any]
    ) -> AIMessage:
        """Return the backend's answer; ModelError where it fails. `prepare` binds what the answer may hold."""
        started = time.monotonic()
        status, reply = "ok", AIMessage("")
        try:
            async with self._limit:
                reply = await self._ask(messages, prepare)
        except Exception as error:  # the boundary of a backend: whatever its client raises becomes one typed error
            status = f"{type(error).__name__}: {error}"[:500]
            raise ModelError(f"{self._config.model}: {status}", remedy="check the backend of this role") from error
        finally:
            self._report(messages, reply, status, time.monotonic() - started, environment, revision)
        return reply

    async def _ask(self, messages: list[BaseMessage], prepare: Callable[[ChatOpenAI], Any]) -> AIMessage:
        if self._chat is None:
            self._chat = open_chat(self._config)
        answer = await prepare(self._chat).ainvoke(messages)
        if not isinstance(answer, AIMessage):
            raise TypeError(f"unexpected answer {type(answer).__name__}")
        return answer

    def _report(
        self,
        messages: list[BaseMessage],
        reply: AIMessage,
        status: str,
        seconds: float,
        environment: str,
        revision: int,
    ) -> None:
        counted = reply.usage_metadata
        tokens = (counted["input_tokens"], counted["output_tokens"]) if counted else (0, 0)
        spent = Usage(1, *tokens, price(self._config, *tokens))
        shown = [{"role": message.type, "content": str(message.text)} for message in messages]
        reasoning = str(reply.additional_kwargs.get(REASONING, ""))
        self._emit(
            ModelCalled(
                environment,
                self._role,
                revision,
                self._config.model,
                shown,
                _said(reply),
                reasoning,
                status,
                seconds,
                spent,
            )
        )


class ToolChat:
    """A chat model that may call tools: what a solver is. One message in answer to a conversation."""

    def __init__(self, role: str, config: ModelConfig, emit: Emit, limit: asyncio.Semaphore) -> None:
        self._exchange = Exchange(role, config, emit, limit)

    async def answer(
        self, environment: str, revision: int, messages: list[dict[str, Any]], tools: list[Any]
    ) -> dict[str, Any]:
        """Return the next message: `content`, and `tool_calls` as name, args and id; ModelError where it fails."""
        told = [_message(message) for message in messages]
        reply = await self._exchange.run(told, environment, revision, lambda chat: chat.bind_tools(tools))
        unread = [
            {"name": call["name"] or "", "args": call["args"], "id": call["id"]} for call in reply.invalid_tool_calls
        ]
        calls = [{"name": call["name"], "args": call["args"], "id": call["id"]} for call in reply.tool_calls]
        return {"content": str(reply.text), "tool_calls": calls + unread}


def _message(told: dict[str, Any]) -> BaseMessage:
    if told["role"] == "tool":
        return ToolMessage(told["content"], tool_call_id=told["tool_call_id"])
    if told["role"] == "assistant":
        calls = [
            {**call, "args": call["args"] if isinstance(call["args"], dict) else {}} for call in told["tool_calls"]
        ]
        return AIMessage(told["content"], tool_calls=calls)
    return SystemMessage(told["content"]) if told["role"] == "system" else HumanMessage(told["content"])


def _said(reply: AIMessage) -> str:
    """Return what the trace keeps of an answer: its text, and its calls."""
    calls = [f"{call['name']}({json.dumps(call['args'], ensure_ascii=False)})" for call in reply.tool_calls]
    return "\n".join([*([str(reply.text)] if reply.text else []), *calls])
