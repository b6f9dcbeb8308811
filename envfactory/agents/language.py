"""A language model as the answerer of a role: prompt, structured answer, and the precise error back when it is bad."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from envfactory.errors import BadAnswer
from envfactory.models.exchange import Asking, Exchange
from envfactory.models.structured import form_of, product_of, product_text
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
