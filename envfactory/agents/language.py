"""A language model as the answerer of a role: prompt, structured answer, and the precise error back when it is bad."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from envfactory.config import ModelConfig
from envfactory.errors import BadAnswer, ModelError
from envfactory.events import Emit, ModelCalled, Usage
from envfactory.models.chat import REASONING, open_chat, price
from envfactory.models.parsing import parse_product
from envfactory.prompts import render

Product = TypeVar("Product", bound=BaseModel)
MAX_BAD_ANSWERS = 3
Settled = TypeVar("Settled")


class LanguageAgent(Generic[Product]):
    """Answers one role with one backend. `limit` bounds the calls in flight to that backend."""

    def __init__(
        self, role: str, product: type[Product], config: ModelConfig, emit: Emit, limit: asyncio.Semaphore
    ) -> None:
        self._role, self._product, self._config, self._emit, self._limit = role, product, config, emit, limit
        self._chat: ChatOpenAI | None = None

    async def answer(
        self, environment: str, revision: int, settle: Callable[[Product], Awaitable[Settled]], **facts: Any
    ) -> Settled:
        """Return what `settle` makes of the model's answer; it refuses one by raising BadAnswer, which the model is told.

        Raises BadAnswer after MAX_BAD_ANSWERS bad ones, ModelError where the backend fails.
        """
        messages: list[BaseMessage] = [SystemMessage(render("system")), HumanMessage(render(self._role, **facts))]
        fault = BadAnswer("no answer")
        for _ in range(MAX_BAD_ANSWERS):
            text = str((await self._exchange(messages, environment, revision)).text)
            try:
                return await settle(parse_product(text, self._product))
            except BadAnswer as error:
                fault = error
                messages += [AIMessage(text), HumanMessage(render("bad_answer", fault=error.message))]
        raise BadAnswer(f"{self._role}: {MAX_BAD_ANSWERS} bad answers, the last: {fault.message}")

    async def _exchange(self, messages: list[BaseMessage], environment: str, revision: int) -> AIMessage:
        started = time.monotonic()
        status, reply = "ok", AIMessage("")
        try:
            async with self._limit:
                reply = await self._ask(messages)
        except Exception as error:  # the boundary of a backend: whatever its client raises becomes one typed error
            status = f"{type(error).__name__}: {error}"[:500]
            raise ModelError(f"{self._config.model}: {status}", remedy="check the backend of this role") from error
        finally:
            self._report(messages, reply, status, time.monotonic() - started, environment, revision)
        return reply

    async def _ask(self, messages: list[BaseMessage]) -> AIMessage:
        if self._chat is None:
            self._chat = open_chat(self._config)
        answer = await self._structured(self._chat).ainvoke(messages)
        if not isinstance(answer, AIMessage):
            raise TypeError(f"unexpected answer {type(answer).__name__}")
        if answer.tool_calls:  # function calling: the product is the call's arguments
            return answer.model_copy(update={"content": json.dumps(answer.tool_calls[0]["args"])})
        return answer

    def _structured(self, chat: ChatOpenAI) -> Any:
        name, schema = self._product.__name__, self._product.model_json_schema()
        method = self._config.structured_output
        if method == "json_schema":
            form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": False}}
            return chat.bind(response_format=form)
        if method == "function_calling":
            tool = {
                "type": "function",
                "function": {"name": name, "description": "Give the product.", "parameters": schema},
            }
            return chat.bind_tools([tool], tool_choice=name)
        return chat.bind(response_format={"type": "json_object"}) if method == "json_mode" else chat

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
                str(reply.text),
                reasoning,
                status,
                seconds,
                spent,
            )
        )
