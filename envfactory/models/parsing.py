"""Reads a product out of what a language model wrote: plain JSON, or JSON among reasoning, fences and prose.

Nothing is guessed: the text must hold exactly one JSON value of the right shape, or BadAnswer says what is wrong with
it, in words the model can act on.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from envfactory.errors import BadAnswer

Product = TypeVar("Product", bound=BaseModel)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FENCE = re.compile(r"```(?:json|python|py)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_SHOWN_ERRORS = 8


def parse_product(text: str, product: type[Product]) -> Product:
    """Return the product in `text`; raise BadAnswer with the precise fault."""
    value = find_json(text)
    try:
        return product.model_validate(value)
    except ValidationError as error:
        raise BadAnswer(f"the JSON is not a valid {product.__name__}:\n{_faults(error)}") from error


def find_json(text: str) -> Any:
    """Return the JSON object in a model's answer; raise BadAnswer where there is none or it is cut off."""
    spoken = _THOUGHT.sub("", text).strip()
    if not spoken:
        raise BadAnswer("the answer is empty; answer with one JSON object")
    faults = []
    for candidate in [*_FENCE.findall(spoken), spoken[max(spoken.find("{"), 0) :]]:
        try:
            value, _ = json.JSONDecoder().raw_decode(candidate.strip())
        except json.JSONDecodeError as error:
            faults.append(f"{error.msg} at line {error.lineno} column {error.colno}")
            continue
        if isinstance(value, dict):
            return value
        faults.append(f"the JSON is a {type(value).__name__}, not an object")
    raise BadAnswer(f"no JSON object could be read: {faults[0]}; the answer may be cut off")


def _faults(error: ValidationError) -> str:
    lines = [
        f"- {'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}"
        for fault in error.errors()[:_SHOWN_ERRORS]
    ]
    more = error.error_count() - _SHOWN_ERRORS
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])
