"""The tools of an MCP server, listed: over its standard input and output, or over HTTP (Model Context Protocol 2025-06-18).

Only `initialize` and `tools/list` are ever sent. Which server is spoken to stands in the user's configuration, never in
what a model says; what the server answers is a document like any other.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from typing import Any, Protocol

import httpx

from envfactory import __version__
from envfactory.config import McpServer
from envfactory.errors import ResourceError

PROTOCOL = "2025-06-18"
_SECONDS = 20.0
_MOST_BYTES = 4_000_000
_MOST_PAGES = 20
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")


class _Line(Protocol):
    def ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]: ...

    def tell(self, method: str) -> None: ...

    def close(self) -> None: ...


def list_tools(name: str, server: McpServer) -> bytes:
    """Return the server's `tools/list` as JSON; ResourceError where it does not answer as the protocol says."""
    line: _Line = _Process(name, server.command) if server.command else _Http(name, str(server.url))
    try:
        about = {"name": "envfactory", "version": __version__}
        line.ask("initialize", {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": about})
        line.tell("notifications/initialized")
        return json.dumps({"tools": list(_tools(line))}).encode()
    finally:
        line.close()


def _tools(line: _Line) -> Iterator[Any]:
    cursor: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        told = line.ask("tools/list", cursor)
        yield from told.get("tools") or []
        if not told.get("nextCursor"):
            return
        cursor = {"cursor": told["nextCursor"]}


def _result(name: str, told: Any) -> dict[str, Any]:
    result = told.get("result") if isinstance(told, dict) else None
    if isinstance(result, dict):
        return result
    error = told.get("error") if isinstance(told, dict) else None
    reason = error.get("message") if isinstance(error, dict) else "no result"
    raise ResourceError(f"the MCP server {name} answered: {str(reason)[:200]}", remedy="check the server")


class _Process:
    """A server started for the listing, spoken to in lines of JSON, and ended with it."""

    def __init__(self, name: str, command: list[str]) -> None:
        self._name, self._asked, self._read = name, 0, b""
        kept = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept
            )
        except OSError as error:
            raise ResourceError(f"the MCP server {name} cannot be started: {error.strerror}") from error
        self._deadline = time.monotonic() + _SECONDS

    def ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._asked += 1
        self._send({"jsonrpc": "2.0", "id": self._asked, "method": method, "params": parameters})
        while True:
            told = self._message()
            if isinstance(told, dict) and told.get("id") == self._asked:
                return _result(self._name, told)

    def tell(self, method: str) -> None:
        self._send({"jsonrpc": "2.0", "method": method})

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, message: dict[str, Any]) -> None:
        if self._process.stdin is None:
            raise AssertionError("the process has a standard input")
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ResourceError(f"the MCP server {self._name} has ended") from error

    def _message(self) -> Any:
        """Return the next message; a line that is no JSON is a server's chatter and passed over."""
        while True:
            line, newline, rest = self._read.partition(b"\n")
            if newline:
                self._read = rest
                try:
                    return json.loads(line)
                except ValueError:
                    continue
            self._read += self._more()

    def _more(self) -> bytes:
        out = self._process.stdout
        if out is None or len(self._read) > _MOST_BYTES:
            raise ResourceError(f"the MCP server {self._name} answers without measure")
        with selectors.DefaultSelector() as waiting:
            waiting.register(out, selectors.EVENT_READ)
            if not waiting.select(max(0.0, self._deadline - time.monotonic())):
                raise ResourceError(f"the MCP server {self._name} did not answer within {_SECONDS:g} seconds")
        more = os.read(out.fileno(), 65536)
        if not more:
            raise ResourceError(f"the MCP server {self._name} has ended")
        return more


class _Http:
    """A running server, spoken to by POST; an answer is JSON, or an event stream that carries it."""

    def __init__(self, name: str, url: str) -> None:
        self._name, self._url, self._asked = name, url, 0
        self._client = httpx.Client(timeout=_SECONDS)
        self._headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": PROTOCOL}

    def ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._asked += 1
        body = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": parameters}
        answer = self._post(body)
        session = answer.headers.get("mcp-session-id")
        if session:
            self._headers["Mcp-Session-Id"] = session
        return _result(self._name, self._told(answer))

    def tell(self, method: str) -> None:
        self._post({"jsonrpc": "2.0", "method": method})

    def close(self) -> None:
        self._client.close()

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        try:
            answer = self._client.post(self._url, json=body, headers=self._headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ResourceError(f"the MCP server {self._name} cannot be asked ({type(error).__name__})") from error
        return answer

    def _told(self, answer: httpx.Response) -> Any:
        texts = [answer.text]
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            texts = [line.removeprefix("data:") for line in answer.text.splitlines() if line.startswith("data:")]
        for text in texts:
            try:
                told = json.loads(text)
            except ValueError:
                continue
            if isinstance(told, dict) and told.get("id") == self._asked:
                return told
        return None
