"""A loopback server that stands in for a model's endpoint: one JSON object comes, one goes, as OpenAI's protocol has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


def serve(answer: Answer, port: int = 0) -> None:
    """Print the address, and answer each request by `answer` (status, object) until stopped; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, told = answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()


def completion(message: dict[str, Any], finish: str, taken: int, given: int) -> dict[str, Any]:
    """Return an answer as the protocol has it: the assistant's message, why it ended, tokens read and written."""
    usage = {"prompt_tokens": taken, "completion_tokens": given, "total_tokens": taken + given}
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
    told = {"id": "1", "object": "chat.completion", "created": 0, "model": "stand-in"}
    return {**told, "choices": [choice], "usage": usage}
