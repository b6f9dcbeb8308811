"""Another provider through LangChain: Anthropic's client against a loopback server that speaks its protocol.

The recipes are those of docs/models.md, as they stand there; only the address is another.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from envfactory.agents.language import LanguageAgent
from envfactory.agents.products import Code
from envfactory.config import ModelConfig, load
from envfactory.errors import ConfigError, ModelError
from envfactory.events import Event, ModelCalled
from envfactory.models.chat import open_chat
from envfactory.models.exchange import Exchange

GOOD = {"source": "def book(ctx): ..."}
PAGE = Path(__file__).parents[2] / "docs" / "models.md"
(RECIPE,) = re.findall(r"^```toml\n([^`]*anthropic:[^`]*)^```", PAGE.read_text(), re.MULTILINE)


class Anthropic:
    """Answers `/v1/messages` with blocks, or with a status."""

    def __init__(self, *blocks: dict[str, Any], status: int = 200) -> None:
        self.requests: list[dict[str, Any]] = []
        self.asked_by: list[tuple[str, str]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                key = self.headers["Authorization"] or self.headers["x-api-key"]  # newer clients, older ones
                owner.asked_by.append((self.path, key.removeprefix("Bearer ")))
                owner.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                told: dict[str, Any] = {"type": "error", "error": {"type": "authentication_error", "message": "no"}}
                if status == 200:
                    told = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": blocks}
                    told |= {"stop_reason": "tool_use", "stop_sequence": None}
                    told["usage"] = {"input_tokens": 100, "output_tokens": 20}
                data = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def serve() -> Iterator[Any]:
    servers: list[ThreadingHTTPServer] = []

    def begun(*blocks: dict[str, Any], status: int = 200) -> Anthropic:
        made = Anthropic(*blocks, status=status)
        servers.append(made.server)
        threading.Thread(target=made.server.serve_forever, daemon=True).start()
        return made

    yield begun
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(url: str, events: list[Event]) -> Code:
    config = ModelConfig(model="anthropic:claude", base_url=url, api_key_env="SOME_KEY", max_retries=0, max_tokens=500)
    return ask_as(config, events)


def ask_as(config: ModelConfig, events: list[Event]) -> Code:
    async def taken(code: Code) -> Code:
        return code

    async def answer() -> Code:
        exchange = Exchange("coder", config, events.append, asyncio.Semaphore(1))
        facts = {"schema_sql": "CREATE TABLE t (id TEXT)", "contracts": {}, "rows": {}}
        return await LanguageAgent(Code, exchange).answer("rail", 0, taken, **facts)

    return asyncio.run(answer())


def test_a_product_comes_as_the_arguments_of_a_tool(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_anthropic", reason="the package langchain-anthropic is not installed")
    monkeypatch.setenv("SOME_KEY", "sk-none")
    server, events = (
        serve(
            {"type": "thinking", "thinking": "it must book", "signature": "s"},
            {"type": "text", "text": "Here."},
            {"type": "tool_use", "id": "toolu_1", "name": "Code", "input": GOOD},
        ),
        list[Event](),
    )
    assert ask(server.url, events).source == GOOD["source"]
    assert (server.requests[0]["tool_choice"]["name"], server.requests[0]["max_tokens"]) == ("Code", 500)
    (called,) = [event for event in events if isinstance(event, ModelCalled)]
    assert (called.reasoning, called.usage.input_tokens, called.usage.output_tokens) == ("it must book", 100, 20)


def test_the_recipe_sends_what_anthropic_documents(serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_anthropic", reason="the package langchain-anthropic is not installed")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-recipe")
    thought = {"type": "thinking", "thinking": "it must book", "signature": "s"}
    server, events = serve(thought, {"type": "text", "text": json.dumps(GOOD)}), list[Event]()
    file = tmp_path / "models.toml"
    file.write_text(RECIPE)
    config = load(file).models.of("coder").model_copy(update={"base_url": server.url, "max_retries": 0})
    assert ask_as(config, events).source == GOOD["source"]
    ((asked,), (called,)) = server.requests, [event for event in events if isinstance(event, ModelCalled)]
    assert server.asked_by == [("/v1/messages", "sk-recipe")]
    assert (asked["model"], asked["max_tokens"], asked["output_config"]) == (
        "claude-sonnet-5-5",
        32000,
        {"effort": "high"},
    )
    assert asked["thinking"]["type"] == "adaptive"
    assert not {"tools", "tool_choice", "temperature"} & asked.keys()
    assert ("real API documentation" in str(asked["system"]), asked["messages"][0]["role"]) == (True, "user")
    assert (called.reasoning, called.usage.cost) == ("it must book", pytest.approx((100 * 3 + 20 * 15) / 1e6))


def test_a_refused_key_is_told_as_with_any_backend(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_anthropic", reason="the package langchain-anthropic is not installed")
    monkeypatch.setenv("SOME_KEY", "sk-none")
    with pytest.raises(ModelError, match="anthropic:claude") as refused:
        ask(serve(status=401).url, [])
    assert refused.value.remedy == "check the key in SOME_KEY"


def test_a_provider_without_its_package_is_told() -> None:
    with pytest.raises(ConfigError, match=r"needs .*langchain-nobody") as refused:
        open_chat(ModelConfig(model="nobody:model"))
    assert "pip install 'envfactory[providers]' langchain-nobody" in refused.value.remedy
