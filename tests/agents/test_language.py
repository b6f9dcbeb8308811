"""A role answered by a model over real HTTP: structure, bad answers, failures, reasoning, cost."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from envfactory.agents.language import LanguageAgent
from envfactory.agents.products import Code
from envfactory.config import ModelConfig
from envfactory.errors import BadAnswer, ConfigError, ModelError
from envfactory.events import Event, ModelCalled
from envfactory.models.chat import open_chat
from envfactory.models.exchange import Exchange
from tests.agents.chat_server import ChatServer, Reply

GOOD = json.dumps({"source": "def book(ctx): ..."})
FACTS = {"schema_sql": "CREATE TABLE t (id TEXT)", "contracts": {}, "rows": {}}


class Scripted:
    """Replies one after the other; the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)

    def __call__(self, body: dict[str, Any]) -> Reply:
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


async def settle(code: Code) -> Code:
    if "bad" in code.source:
        raise BadAnswer("the module does not load: line 1")
    return code


def ask(server: ChatServer, events: list[Event], **config: Any) -> Code:
    settings = ModelConfig(
        model="openai:small", base_url=server.url, max_retries=0, input_price=1.0, output_price=2.0, **config
    )

    async def answer() -> Code:
        agent = LanguageAgent(Code, Exchange("coder", settings, events.append, asyncio.Semaphore(1)))
        return await agent.answer("rail", 0, settle, **FACTS)

    return asyncio.run(answer())


@pytest.fixture
def events() -> list[Event]:
    return []


def called(events: list[Event]) -> list[ModelCalled]:
    return [event for event in events if isinstance(event, ModelCalled)]


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("json_schema", "response_format"),
        ("json_mode", "response_format"),
        ("text", None),
        ("function_calling", "tools"),
    ],
)
def test_structured_output_follows_the_config(events: list[Event], method: str, key: str | None) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "Code", "arguments": GOOD}}
    reply: Reply = {"tool_calls": [call]} if method == "function_calling" else GOOD
    with ChatServer(Scripted(reply)).serving() as server:
        product = ask(server, events, structured_output=method)
        assert product.source == "def book(ctx): ..."
        assert [name for name in ("response_format", "tools") if name in server.requests[0]] == ([key] if key else [])


def test_a_bad_answer_goes_back_with_its_fault(events: list[Event]) -> None:
    with ChatServer(Scripted('{"sauce": 1}', json.dumps({"source": "bad"}), GOOD)).serving() as server:
        ask(server, events)
        conversation = server.requests[-1]["messages"]
    assert [message["role"] for message in conversation] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert "source: Field required" in conversation[3]["content"]
    assert "the module does not load" in conversation[5]["content"]


def test_bad_answers_are_bounded(events: list[Event]) -> None:
    with ChatServer(Scripted("nonsense")).serving() as server:
        with pytest.raises(BadAnswer, match="3 bad answers"):
            ask(server, events)
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "structured_output"),
        (401, "the key in OPENAI_API_KEY"),
        (404, "model's name"),
        (429, "max_retries"),
        (500, "try again later"),
    ],
)
def test_a_failing_backend_is_a_model_error_on_record(events: list[Event], status: int, remedy: str) -> None:
    with ChatServer(Scripted(status)).serving() as server, pytest.raises(ModelError, match="openai:small") as failed:
        ask(server, events)
    assert remedy in failed.value.remedy
    assert called(events)[0].status != "ok"


def test_reasoning_tokens_and_cost_are_kept(events: list[Event]) -> None:
    with ChatServer(Scripted({"content": GOOD, "reasoning_content": "it must book"})).serving() as server:
        ask(server, events)
    exchange = called(events)[0]
    assert (exchange.reasoning, exchange.answer) == ("it must book", GOOD)
    assert (exchange.usage.input_tokens, exchange.usage.output_tokens, exchange.usage.cost) == (
        100,
        20,
        pytest.approx(140e-6),
    )


def test_the_key_comes_from_its_variable(events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_MODEL_KEY", "key-1234567")
    with ChatServer(Scripted(GOOD)).serving() as server:
        ask(server, events, api_key_env="MY_MODEL_KEY")
        assert server.keys == ["Bearer key-1234567"]


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="needs an API key") as refused:
        open_chat(ModelConfig(model="openai:gpt"))
    assert "OPENAI_API_KEY" in refused.value.remedy
