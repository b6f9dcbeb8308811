"""Prompt templates, one Markdown file a role, rendered by Jinja; a name a template uses and is not given is an error."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("envfactory", "prompts"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=1, ensure_ascii=False)
    return environment


def render(name: str, **facts: Any) -> str:
    """Return the prompt `name` filled with facts."""
    return _templates().get_template(f"{name}.md").render(**facts).strip()
