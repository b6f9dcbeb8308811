"""Prompt templates, one Markdown file a role, rendered by Jinja; a name a template uses and is not given is an error."""

from __future__ import annotations

import json
from functools import cache
from json.encoder import encode_basestring as _quoted
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

LINE = 160

_as_json = json.JSONEncoder(ensure_ascii=False).encode  # one for all: a prompt has a thousand parts, most are strings


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("envfactory", "prompts"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = pretty
    return environment


def pretty(value: Any, indent: str = "") -> str:
    """Return a value as JSON for a reader who pays for every character: what fits into a line stands in one.

    Parts are written before the whole, each once: whether a whole fits is seen from its parts.
    """
    if type(value) is int:
        return str(value)
    if not value or not isinstance(value, dict | list):
        return _as_json(value)
    within = indent + " "
    if isinstance(value, dict):
        opened, closed = "{", "}"
        parts = [
            f"{_as_json(key)}: {_quoted(item) if type(item) is str else pretty(item, within)}"
            for key, item in value.items()
        ]
    else:
        opened, closed = "[", "]"
        parts = [_quoted(item) if type(item) is str else pretty(item, within) for item in value]
    line = ", ".join(parts)
    if len(indent) + len(line) + 2 <= LINE and "\n" not in line:  # JSON's own strings hold no line's end
        return opened + line + closed
    return f"{opened}\n{within}" + f",\n{within}".join(parts) + f"\n{indent}{closed}"


def render(name: str, **facts: Any) -> str:
    """Return the prompt `name` filled with facts."""
    return _templates().get_template(f"{name}.md").render(**facts).strip()
