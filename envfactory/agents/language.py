"""A language model as the answerer of a role: prompt, structured answer, and the precise error back when it is bad."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from envfactory.config import ModelConfig
from envfactory.errors import BadAnswer
from envfactory.events import Emit
from envfactory.models.exchange import Exchange
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
        self._role, self._product, self._method = role, product, config.structured_output
        self._exchange = Exchange(role, config, emit, limit)

    async def answer(
        self, environment: str, revision: int, settle: Callable[[Product], Awaitable[Settled]], **facts: Any
    ) -> Settled:
        """Return what `settle` makes of the model's answer; it refuses one by raising BadAnswer, which the model is told.

        Raises BadAnswer after MAX_BAD_ANSWERS bad ones, ModelError where the backend fails.
        """
        messages: list[BaseMessage] = [SystemMessage(render("system")), HumanMessage(render(self._role, **facts))]
        fault = BadAnswer("no answer")
        for _ in range(MAX_BAD_ANSWERS):
            text = _product_text(await self._exchange.run(messages, environment, revision, self._structured))
            try:
                return await settle(parse_product(text, self._product))
            except BadAnswer as error:
                fault = error
                messages += [AIMessage(text), HumanMessage(render("bad_answer", fault=error.message))]
        raise BadAnswer(f"{self._role}: {MAX_BAD_ANSWERS} bad answers, the last: {fault.message}")

    def _structured(self, chat: ChatOpenAI) -> Any:
        name, schema = self._product.__name__, self._product.model_json_schema()
        if self._method == "json_schema":
            form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": False}}
            return chat.bind(response_format=form)
        if self._method == "function_calling":
            tool = {
                "type": "function",
                "function": {"name": name, "description": "Give the product.", "parameters": schema},
            }
            return chat.bind_tools([tool], tool_choice=name)
        return chat.bind(response_format={"type": "json_object"}) if self._method == "json_mode" else chat


def _product_text(answer: AIMessage) -> str:
    """Return the text that holds the product: of a function call its arguments."""
    return json.dumps(answer.tool_calls[0]["args"]) if answer.tool_calls else str(answer.text)
