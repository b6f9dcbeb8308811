"""Prompt templates, one Markdown file a role, rendered by Jinja; a name a template uses and is not given is an error."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

LINE = 160

_as_json = json.JSONEncoder(ensure_ascii=False).encode  # one for all: a prompt has a thousand parts


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
    """Return a value as JSON for a reader who pays for every character: what fits into a line stands in one."""
    plain = _as_json(value)
    if len(indent) + len(plain) <= LINE or not isinstance(value, dict | list) or not value:
        return plain
    within = indent + " "
    if isinstance(value, dict):
        parts = [f"{_as_json(key)}: {pretty(item, within)}" for key, item in value.items()]
        return "{\n" + ",\n".join(within + part for part in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(within + pretty(item, within) for item in value) + f"\n{indent}]"


def render(name: str, **facts: Any) -> str:
    """Return the prompt `name` filled with facts."""
    return _templates().get_template(f"{name}.md").render(**facts).strip()
