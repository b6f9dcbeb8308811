"""What goes wrong between a client and a model's server, as a script of `ChatServer` plays it."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.agents.chat_server import Fault, Reply, completion


class Script:
    """Replies one after the other; the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)

    def __call__(self, body: dict[str, Any]) -> Reply:
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


def answering(status: int, payload: Any, **headers: str) -> Fault:
    """Answer with a status, a body (text as it stands, anything else as JSON) and headers."""

    def fault(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        data = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
        handler.send_response(status)
        told = {"content_type": "application/json", "content_length": str(len(data)), **headers}
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return fault


def refusing(status: int, message: str, code: str = "", **headers: str) -> Fault:
    """Answer with an error as OpenAI-compatible servers word it."""
    return answering(status, {"error": {"message": message, "type": "error", "code": code}}, **headers)


def hanging(seconds: float) -> Fault:
    """Answer only after a while."""

    def fault(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        time.sleep(seconds)

    return fault


def dropping(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def tearing(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """Close the connection in the middle of the body."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "1", "choices": [')
    handler.close_connection = True


def ending(text: str, reason: str, **message: Any) -> Fault:
    """Answer with a message that ended for a reason, such as `length`."""

    def fault(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        told = completion({"content": text, **message}, body)
        told["choices"][0]["finish_reason"] = reason
        answering(200, told)(handler, body)

    return fault
