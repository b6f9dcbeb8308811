"""How a product is asked for by each method of structured output, and read out of the answer."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from envfactory.config import StructuredOutput
from envfactory.errors import BadAnswer
from envfactory.models.messages import FILTERED, Answer
from envfactory.models.parsing import parse_product

Product = TypeVar("Product", bound=BaseModel)


def form_of(product: type[BaseModel], method: StructuredOutput) -> dict[str, Any]:
    """Return how a product is asked for by a method, as a chat model is bound to it."""
    if method in ("text", "json_mode"):
        return {} if method == "text" else {"response_format": {"type": "json_object"}}
    name, schema = product.__name__, _schema(product)
    if method == "json_schema":
        form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": False}}
        return {"response_format": form}
    described = {"name": name, "description": "Give the product.", "parameters": schema}
    return {"tools": [{"type": "function", "function": described}], "tool_choice": name}


@cache
def _schema(product: type[BaseModel]) -> dict[str, Any]:
    return product.model_json_schema()


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
