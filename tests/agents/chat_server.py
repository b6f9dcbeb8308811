"""An OpenAI-compatible chat endpoint on loopback whose answers a test scripts: real HTTP, no model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import Handler, serving

Fault = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]  # writes what it likes, or nothing
Reply = str | dict[str, Any] | int | Fault
Script = Callable[[dict[str, Any]], Reply]


class ChatServer:
    """Answers each request by `script(body)`: text, a whole message, an HTTP status, or a fault. Keeps what it was asked."""

    def __init__(self, script: Script) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        owner = self

        class Endpoint(Handler):
            def do_POST(self) -> None:
                body = self.asked()
                owner.requests.append(body)
                owner.keys.append(self.headers.get("Authorization", ""))
                reply = script(body)
                if callable(reply):
                    reply(self, body)
                elif isinstance(reply, int):
                    self.answer(json.dumps({"error": {"message": "scripted"}}).encode(), status=reply)
                else:
                    self.answer(json.dumps(completion(reply, body)).encode())

        self._handler = Endpoint
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[ChatServer]:
        """Serve until the block ends."""
        with serving(self._handler) as address:
            self.url = f"{address}/v1"
            yield self


def completion(reply: str | dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a chat completion that carries a reply."""
    message = (
        {"role": "assistant", "content": reply}
        if isinstance(reply, str)
        else {"role": "assistant", "content": None, **reply}
    )
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
