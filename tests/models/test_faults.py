"""Everything that goes wrong on the way to a model, over real HTTP: retried, told to the model, rejected, or stopping."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from envfactory.agents.language import LanguageAgent
from envfactory.agents.products import Code
from envfactory.config import ModelConfig
from envfactory.errors import BadAnswer, ModelError, PromptTooLong
from envfactory.events import Event, ModelCalled
from envfactory.models.exchange import Exchange
from tests.agents.chat_server import ChatServer, Reply
from tests.models.faults import Script, answering, dropping, ending, hanging, refusing, tearing

GOOD = json.dumps({"source": "def book(ctx): ..."})
FACTS = {"schema_sql": "CREATE TABLE t (id TEXT)", "contracts": {}, "rows": {}}


async def taken(code: Code) -> Code:
    return code


def asked(*replies: Reply, **config: Any) -> tuple[Code | Exception, list[dict[str, Any]], list[Event]]:
    """Ask a server that replies so; return what came of it, the requests it had, and the events."""
    events: list[Event] = []
    with ChatServer(Script(*replies)).serving() as server:
        settings = ModelConfig(**{"model": "openai:small", "base_url": server.url, "max_retries": 2, **config})

        async def answer() -> Code:
            exchange = Exchange("coder", settings, events.append, asyncio.Semaphore(1))
            return await LanguageAgent(Code, exchange).answer("rail", 0, taken, **FACTS)

        try:
            return asyncio.run(answer()), server.requests, events
        except (ModelError, BadAnswer) as error:
            return error, server.requests, events


@pytest.mark.parametrize(
    "fault",
    [
        refusing(429, "slow down", retry_after_ms="10"),
        refusing(500, "oops", retry_after_ms="10"),
        refusing(503, "loading", retry_after_ms="10"),
        dropping,
        tearing,
    ],
    ids=["rate limit", "500", "503", "dropped", "torn"],
)
def test_what_passes_is_tried_again(fault: Reply) -> None:
    got, requests, events = asked(fault, GOOD)
    assert isinstance(got, Code), got
    assert len(requests) == 2
    assert len([event for event in events if isinstance(event, ModelCalled)]) == 1


def test_a_server_says_how_long_to_wait() -> None:
    started = time.monotonic()
    got, _, _ = asked(refusing(429, "slow down", retry_after="1"), GOOD)
    assert isinstance(got, Code)
    assert time.monotonic() - started >= 1.0


def test_a_slow_server_is_given_up_and_tried_again() -> None:
    got, requests, _ = asked(hanging(0.6), GOOD, timeout=0.2)
    assert isinstance(got, Code)
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "remedy"),
    [
        (refusing(429, "slow down", retry_after_ms="1"), "RateLimit", "max_concurrency"),
        (refusing(500, "oops", retry_after_ms="1"), "APIError", "try again later"),
        (hanging(0.3), "Timeout", "raise timeout"),
        (dropping, "Connection", "base_url"),
        (answering(200, "<html>a proxy's page</html>"), "", "backend of this role"),
        (answering(200, {"id": "1", "choices": None}), "", "backend of this role"),
        (answering(200, {"error": {"code": 502, "message": "Somebody is down"}}), "Somebody is down", "this role"),
    ],
    ids=["rate limit", "500", "time-out", "dropped", "no JSON", "no choices", "a gateway's 200"],
)
def test_what_stays_broken_stops_with_a_remedy(fault: Reply, kind: str, remedy: str) -> None:
    got, requests, _ = asked(fault, timeout=0.1, max_retries=1)
    assert isinstance(got, ModelError)
    assert not isinstance(got, BadAnswer)
    assert (kind in got.message, remedy in got.remedy) == (True, True), got
    assert len(requests) <= 2


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."),
        (400, "the request exceeds the available context size, try increasing it"),
        (400, "The input (9000 tokens) is longer than the model's context length (8192 tokens)."),
        (413, "prompt is too long: 210000 tokens > 200000 maximum"),
    ],
    ids=["vLLM", "llama.cpp", "SGLang", "proxy"],
)
def test_a_prompt_that_does_not_fit_is_a_rejection_at_once(status: int, message: str) -> None:
    got, requests, _ = asked(refusing(status, message))
    assert isinstance(got, PromptTooLong)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("", "the answer is empty"),
        ({"content": "", "reasoning_content": "hm, hm"}, "only reasoning arrived"),
        ({"content": None, "refusal": "I cannot help with that."}, "you refused: I cannot help"),
        (ending('{"source": "def book(', "length"), "cut off after 21 characters"),
        (ending('{"source": "def f(): pass"', "length"), "cut off"),
        (ending("Once", "content_filter"), "content filter"),
        ("I am sorry, but no.", "there is none in the answer"),
    ],
    ids=["empty", "only reasoning", "refusal", "cut", "cut before its bracket", "filter", "prose"],
)
def test_a_bad_answer_is_told_to_the_model(bad: Reply, told: str) -> None:
    got, requests, _ = asked(bad, GOOD)
    assert isinstance(got, Code)
    assert told in requests[1]["messages"][-1]["content"]


def test_answers_that_stay_bad_are_a_rejection_on_record() -> None:
    got, requests, events = asked({"content": None, "refusal": "I cannot help with that."})
    assert isinstance(got, BadAnswer)
    assert "3 bad answers" in got.message
    assert [event.status for event in events if isinstance(event, ModelCalled)] == ["ok"] * len(requests) == ["ok"] * 3
