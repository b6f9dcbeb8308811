"""The forms in which servers answer, each as its documentation shows it: the same answer must come out of all of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from envfactory.config import ModelConfig
from envfactory.events import Event, ModelCalled
from envfactory.models.exchange import Asking, Exchange
from envfactory.models.messages import Answer
from tests.agents.chat_server import ChatServer
from tests.models.dialects import FORMS
from tests.models.faults import answering


def heard(told: dict[str, Any], **config: Any) -> tuple[Answer, ModelCalled, dict[str, Any]]:
    events: list[Event] = []
    with ChatServer(lambda body: answering(200, told)).serving() as server:
        settings = ModelConfig(**{"model": "openai:qwen3", "base_url": server.url, **config})
        exchange = Exchange("solver", settings, events.append, asyncio.Semaphore(1))
        answer = asyncio.run(exchange.run(Asking([{"role": "user", "content": "Book it."}]), "rail", 0))
        (called,) = [event for event in events if isinstance(event, ModelCalled)]
        return answer, called, server.requests[0]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_answer(form: dict[str, Any]) -> None:
    answer, called, _ = heard(form)
    assert (answer.text, answer.reasoning, answer.tokens) == ("Well.", "it must book", (100, 20))
    assert [(call["name"], call["args"]) for call in answer.calls] == [("book", {"n": 1})]
    assert called.reasoning == "it must book"


def test_a_price_that_the_gateway_tells_counts_where_none_is_configured() -> None:
    assert heard(FORMS["OpenRouter"])[1].usage.cost == 0.25
    assert heard(FORMS["OpenRouter"], input_price=1.0, output_price=2.0)[1].usage.cost == pytest.approx(140e-6)


def test_what_is_sent_is_what_every_server_knows() -> None:
    extra = {"chat_template_kwargs": {"enable_thinking": False}, "top_k": 20}
    _, _, request = heard(FORMS["vLLM"], temperature=0.2, max_tokens=50, extra_body=extra)
    sent = {key: request[key] for key in request if key not in ("messages", "stream")}
    assert sent == {"model": "qwen3", "temperature": 0.2, "max_tokens": 50, **extra}


def test_a_form_goes_beside_the_extra_body() -> None:
    with ChatServer(lambda body: json.dumps({"town": "Oslo"})).serving() as server:
        settings = ModelConfig(model="openai:qwen3", base_url=server.url, extra_body={"top_k": 20})
        exchange = Exchange("coder", settings, lambda event: None, asyncio.Semaphore(1))
        form = {"response_format": {"type": "json_object"}}
        asyncio.run(exchange.run(Asking([{"role": "user", "content": "A town."}], form), "rail", 0))
        assert (server.requests[0]["response_format"], server.requests[0]["top_k"]) == ({"type": "json_object"}, 20)
