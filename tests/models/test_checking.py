"""What `models check` finds, over HTTP against servers that can more or less."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from envfactory.config import ModelConfig, ModelsConfig
from envfactory.models.backends import Backends
from envfactory.models.checking import Finding, check, groups
from tests.agents.chat_server import ChatServer, Reply, Script

CITY = json.dumps({"town": "Oslo", "inhabitants_in_millions": 0.7})


def called(name: str, arguments: str) -> dict[str, Any]:
    return {"tool_calls": [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}]}


def capable(body: dict[str, Any]) -> Reply:
    """A server that holds the model to schemas and lets it call tools."""
    names = [tool["function"]["name"] for tool in body.get("tools", [])]
    if "City" in names:
        return called("City", CITY)
    if names:
        return {**called("get_time", '{"city": "Oslo"}'), "reasoning_content": "I need the tool"}
    return CITY if "response_format" in body or "JSON object" in body["messages"][0]["content"] else "ready"


def heedless(body: dict[str, Any]) -> Reply:
    """A server that knows neither schemas nor tools: a model that does what the words say."""
    return capable({"messages": body["messages"]})


def strict(body: dict[str, Any]) -> Reply:
    """A server that refuses what it does not know."""
    return 400 if "response_format" in body else capable(body)


def found(script: Script, **config: Any) -> Finding:
    with ChatServer(script).serving() as server:
        default = ModelConfig(**{"model": "openai:small", "base_url": server.url, "max_retries": 0, **config})
        models = ModelsConfig(default=default)
        ((config_, roles),) = groups(models)
        return asyncio.run(check(Backends(models), config_, roles))


def test_a_capable_backend_is_fit() -> None:
    finding = found(capable, input_price=1.0, output_price=2.0)
    assert (finding.fit, finding.reachable, finding.structured, finding.tools) == (True, True, True, True)
    assert (finding.reasoning, finding.price, finding.problems) == (True, "configured", [])
    assert finding.tokens_per_second is not None
    assert finding.tokens_per_second > 0


@pytest.mark.parametrize(
    ("script", "method", "instead"),
    [
        (heedless, "json_schema", "json_mode"),
        (strict, "json_schema", "function_calling"),
        (heedless, "function_calling", "json_mode"),
    ],
)
def test_a_method_that_does_not_work_is_told_with_one_that_does(
    script: Callable[[dict[str, Any]], Reply], method: str, instead: str
) -> None:
    finding = found(script, structured_output=method)
    assert (finding.structured, finding.instead, finding.fit) == (False, instead, False)
    assert finding.problems[0].startswith(f"structured_output = '{method}' does not work")


def test_a_model_that_calls_no_tools_is_told() -> None:
    finding = found(heedless, structured_output="text")
    assert (finding.structured, finding.tools) == (True, False)
    assert finding.problems == ["offered a tool that it needs, it calls none"]


def test_a_backend_that_is_down_is_asked_once() -> None:
    finding = found(lambda body: 503)
    assert (finding.reachable, finding.structured, finding.tools) == (False, None, None)
    assert "try again later" in finding.problems[0]


def test_roles_with_the_same_backend_are_asked_together() -> None:
    local = ModelConfig(model="openai:local", base_url="http://127.0.0.1:1/v1")
    models = ModelsConfig(coder=local, reviser=local, solver=ModelConfig(model="openai:other", base_url="http://h/v1"))
    assert [(config.name, roles) for config, roles in groups(models)] == [
        ("local", ["coder", "reviser"]),
        ("other", ["solver"]),
    ]
