"""Reads a product out of what a language model wrote: plain JSON, or JSON among reasoning, fences and prose.

Nothing is guessed. Where several objects have the right shape and say different things, or none has, BadAnswer says so
in words the model can act on. Python literals count as JSON. An answer that the model ended by itself and that only
lacks closing brackets at its very end is closed, as small models forget them; one that ends anywhere else, or that the
backend's limit cut off, is not used: a list that lost its last items would be of the right shape and wrong.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from envfactory.errors import BadAnswer
from envfactory.models.literals import find_objects

Product = TypeVar("Product", bound=BaseModel)
_NAMES = "think(?:ing)?|reason(?:ing)?|thought|reflection"
_THOUGHT = re.compile(rf"<({_NAMES})>.*?</\1>", re.DOTALL)
_OPENED_BEFORE = re.compile(rf"^.*</(?:{_NAMES})>", re.DOTALL)  # the opening tag stood in the prompt
_NEVER_CLOSED = re.compile(rf"<(?:{_NAMES})>.*$", re.DOTALL)
_SHOWN_ERRORS = 8


def parse_product(text: str, product: type[Product], *, cut: bool = False) -> Product:
    """Return the product in `text`; raise BadAnswer with the precise fault. `cut`: the backend had no room for more."""
    candidates = find_values(text, cut=cut)
    found, faults = [], []
    for value in candidates:
        try:
            found.append(product.model_validate(value))
        except ValidationError as error:
            faults.append(error)
    if not found:
        nearest = min(faults, key=lambda error: error.error_count())
        raise BadAnswer(f"the JSON is not a valid {product.__name__}:\n{_told(nearest)}") from nearest
    if any(other != found[0] for other in found[1:]):
        raise BadAnswer(f"the answer holds {len(found)} different {product.__name__} objects; answer with exactly one")
    return found[0]


def find_values(text: str, *, cut: bool = False) -> list[dict[str, Any]]:
    """Return the JSON objects in a model's answer; raise BadAnswer where there is none or it is cut off."""
    whole = _whole(text)
    if whole is not None:
        return [whole]  # before anything is taken out: a string may hold what looks like a tag
    spoken = without_thoughts(text)
    if not spoken:
        raise BadAnswer("the answer is empty; answer with one JSON object")
    values, faults = find_objects(spoken, close=not cut)
    if values and not (cut and faults):
        return values
    if cut:
        wanted = "answer in fewer words" if values or faults else "begin with the one JSON object, and say nothing else"
        raise BadAnswer(f"the answer was cut off after {len(text)} characters; {wanted}")
    if faults:
        raise BadAnswer(f"no JSON object could be read: {faults[0]}")
    raise BadAnswer("no JSON object could be read: there is none in the answer; answer with one JSON object")


def _whole(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def without_thoughts(text: str) -> str:
    """Return what was said apart from reasoning, whether its block was closed, opened in the prompt, or never closed."""
    spoken = _OPENED_BEFORE.sub("", _THOUGHT.sub("", text))
    return _NEVER_CLOSED.sub("", spoken).strip()


def _told(error: ValidationError) -> str:
    lines = [
        f"- {'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}"
        for fault in error.errors()[:_SHOWN_ERRORS]
    ]
    more = error.error_count() - _SHOWN_ERRORS
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])
