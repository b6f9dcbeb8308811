"""Small edits of the boat hire, each sure to hit its place: what a test or a planted bug changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from envfactory.environments.artefact import Environment
from envfactory.environments.contract import Contracts
from tests.gate import harbour

Edit = tuple[str, str]


def replaced(text: str, *edits: Edit) -> str:
    """Return a text with each edit made in the one place it fits; AssertionError where there is none, or two."""
    for old, new in edits:
        assert text.count(old) == 1, f"{text.count(old)} places for: {old}"
        text = text.replace(old, new)
    return text


def code(*edits: Edit) -> str:
    """Return the boat hire's tools.py, edited."""
    return replaced(harbour.tools_source(), *edits)


def in_tool(name: str, *edits: Edit) -> str:
    """Return the boat hire's tools.py with edits made inside one function."""
    source = harbour.tools_source()
    start = source.index(f"def {name}(")
    end = source.find("\n\n\n", start)
    end = len(source) if end < 0 else end
    return source[:start] + replaced(source[start:end], *edits) + source[end:]


def contracts(change: Callable[[dict[str, dict[str, Any]]], None]) -> Contracts:
    """Return the boat hire's contracts, changed as plain data by tool name (the whole document under "")."""
    data = json.loads((harbour.HERE / "contracts.json").read_text())
    change({"": data, **{tool["name"]: tool for tool in data["tools"]}})
    return Contracts.model_validate(data)


def schema(*edits: Edit) -> str:
    """Return the boat hire's schema.sql, edited."""
    return replaced((harbour.HERE / "schema.sql").read_text(), *edits)


def with_code(source: str, **parts: Any) -> Environment:
    """Return the boat hire with this tools.py."""
    return harbour.environment(tools_source=source, **parts)
