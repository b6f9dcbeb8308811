"""An OpenAI-compatible chat endpoint on loopback whose answers a test scripts: real HTTP, no model."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]  # writes what it likes, or nothing
Reply = str | dict[str, Any] | int | Fault
Script = Callable[[dict[str, Any]], Reply]


class ChatServer:
    """Answers each request by `script(body)`: text, a whole message, an HTTP status, or a fault. Keeps what it was asked."""

    def __init__(self, script: Script) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.requests.append(body)
                owner.keys.append(self.headers.get("Authorization", ""))
                reply = script(body)
                if callable(reply):
                    reply(self, body)
                else:
                    self._answer(reply, body)

            def _answer(self, reply: str | dict[str, Any] | int, body: dict[str, Any]) -> None:
                status, payload = (
                    (reply, {"error": {"message": "scripted"}})
                    if isinstance(reply, int)
                    else (200, completion(reply, body))
                )
                data = json.dumps(payload).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @contextmanager
    def serving(self) -> Iterator[ChatServer]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


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
