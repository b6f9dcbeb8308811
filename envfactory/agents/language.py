"""A language model as the answerer of a role: prompt, structured answer, and the precise error back when it is bad."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from envfactory.config import StructuredOutput
from envfactory.errors import BadAnswer
from envfactory.models.exchange import Asking, Exchange
from envfactory.models.messages import FILTERED, Answer
from envfactory.models.parsing import parse_product
from envfactory.prompts import render

Product = TypeVar("Product", bound=BaseModel)
MAX_BAD_ANSWERS = 3
Settled = TypeVar("Settled")


class LanguageAgent(Generic[Product]):
    """Answers the role of an exchange with a product."""

    def __init__(self, product: type[Product], exchange: Exchange) -> None:
        self._product, self._exchange = product, exchange

    async def answer(
        self,
        environment: str,
        revision: int,
        settle: Callable[[Product], Awaitable[Settled]],
        *,
        repeat: str = "",
        **facts: Any,
    ) -> Settled:
        """Return what `settle` makes of the model's answer; it refuses one by raising BadAnswer, which the model is told.

        `repeat` tells apart askings in the same words that want answers of their own. Raises BadAnswer after
        MAX_BAD_ANSWERS bad ones, ModelError where the backend fails.
        """
        role = self._exchange.role
        messages = [_message("system", render("system")), _message("user", render(role, **facts))]
        form = form_of(self._product, self._exchange.method)
        fault = BadAnswer("no answer")
        for _ in range(MAX_BAD_ANSWERS):
            answer = await self._exchange.run(Asking([*messages], form, repeat), environment, revision)
            try:
                return await settle(product_of(answer, self._product))
            except BadAnswer as error:
                fault = error
                told = _message("user", render("bad_answer", fault=error.message))
                messages += [_message("assistant", product_text(answer)), told]
        raise BadAnswer(f"{role}: {MAX_BAD_ANSWERS} bad answers, the last: {fault.message}")


def _message(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def form_of(product: type[BaseModel], method: StructuredOutput) -> dict[str, Any]:
    """Return how a product is asked for by a method, as a chat model is bound to it."""
    name, schema = product.__name__, product.model_json_schema()
    if method == "json_schema":
        form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": False}}
        return {"response_format": form}
    if method == "function_calling":
        described = {"name": name, "description": "Give the product.", "parameters": schema}
        return {"tools": [{"type": "function", "function": described}], "tool_choice": name}
    return {"response_format": {"type": "json_object"}} if method == "json_mode" else {}


def product_of(answer: Answer, product: type[Product]) -> Product:
    """Return the product that an answer holds; BadAnswer where it is refused, empty, cut off or of another shape."""
    if answer.finish == FILTERED:
        raise BadAnswer("your answer was stopped by the provider's content filter; choose harmless words and data")
    if answer.refusal:
        raise BadAnswer(
            f"you refused: {answer.refusal[:300]}; what is asked for is made-up data of a simulated service, in JSON"
        )
    text = product_text(answer)
    if answer.reasoning and not text.strip():
        raise BadAnswer("only reasoning arrived and no answer; think less, and answer with one JSON object")
    return parse_product(text, product, cut=answer.cut)


def product_text(answer: Answer) -> str:
    """Return the text that holds the product: of a function call its arguments."""
    if not answer.calls:
        return answer.text
    arguments = answer.calls[0]["args"]
    return arguments if isinstance(arguments, str) else json.dumps(arguments)
