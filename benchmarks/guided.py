"""Answers that fit a schema, whoever fills them in: what guided decoding makes of a model that would never write JSON.

Of an object the required properties are filled in, or all of them where none is required; of a list one item; of
several forms the first that is not null. Strings are the model's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Say = Callable[[str], str]  # from what stands so far, ending with the string's opening quote, to its words
_PLAIN = {"integer": 1, "number": 1.0, "boolean": True, "null": None}


def filled(schema: Mapping[str, Any], say: Say) -> Any:
    """Return a value that fits a JSON schema, with `say`'s words for its strings."""
    return _Filler(schema.get("$defs", {}), say).value(schema, "")


class _Filler:
    def __init__(self, named: Mapping[str, Any], say: Say) -> None:
        self._named, self._say = named, say

    def value(self, schema: Mapping[str, Any], before: str) -> Any:
        """Return a value; `before` is the JSON that stands before it."""
        form = self._form(schema)
        if "const" in form or "enum" in form:
            return form["const"] if "const" in form else form["enum"][0]
        kind = form.get("type")
        if kind == "string":
            return _fitting(self._say(f'{before}"'), form.get("pattern"))
        if kind == "array":
            return [self.value(form.get("items", {}), f"{before}[")]
        return self._object(form, before) if kind == "object" else _PLAIN.get(str(kind))

    def _form(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema without references and choices."""
        while "$ref" in schema or "anyOf" in schema or "oneOf" in schema:
            if "$ref" in schema:
                schema = self._named[schema["$ref"].rsplit("/", 1)[-1]]
            else:
                options = schema.get("anyOf") or schema["oneOf"]
                schema = next((each for each in options if each.get("type") != "null"), {"type": "null"})
        return schema

    def _object(self, form: Mapping[str, Any], before: str) -> dict[str, Any]:
        told: dict[str, Any] = {}
        properties = form.get("properties", {})
        for name in form.get("required") or properties:
            told[name] = self.value(properties[name], f'{before}{{"{name}": ')
        return told


def _fitting(words: str, pattern: str | None) -> str:
    """Return words that match a pattern, where a pattern is asked for."""
    if pattern is None or re.search(pattern, words):
        return words
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_0123456789")[:40]
    return plain if re.search(pattern, plain) else "x"
