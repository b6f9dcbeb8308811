"""Listing an MCP server's tools, over a process and over HTTP."""

from __future__ import annotations

import json
import sys

import pytest

from envfactory.config import McpServer
from envfactory.errors import ResourceError
from envfactory.exploration import mcptools
from envfactory.exploration.mcptools import list_tools
from tests.serving import Handler, serving

TOOL = {"name": "add_note", "description": "Add a note.", "inputSchema": {"type": "object", "properties": {}}}
SERVER = """
import json, os, sys
print("starting up")
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    first = not asked.get("params", {}).get("cursor")
    result = {"protocolVersion": "x"} if asked["method"] == "initialize" else (
        {"tools": [{"name": "one"}], "nextCursor": "2"} if first else {"tools": [{"name": os.environ.get("SECRET", "two")}]})
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""


def test_a_process_is_listed_to_its_end_and_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "key")
    told = json.loads(list_tools("notes", McpServer(command=[sys.executable, "-c", SERVER])))
    assert [tool["name"] for tool in told["tools"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["/nowhere/at/all"], "cannot be started"),
        ([sys.executable, "-c", ""], "has ended"),
        ([sys.executable, "-c", "import time; time.sleep(30)"], "did not answer"),
    ],
)
def test_a_process_that_does_not_answer(command: list[str], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcptools, "_SECONDS", 1.0)
    with pytest.raises(ResourceError, match=reason):
        list_tools("notes", McpServer(command=command))


def test_a_running_server_is_asked_over_http() -> None:
    sessions = []

    class Server(Handler):
        def do_POST(self) -> None:
            asked = self.asked()
            sessions.append(self.headers.get("Mcp-Session-Id"))
            told = {"jsonrpc": "2.0", "id": asked.get("id"), "result": {"tools": [TOOL]}}
            data = f"event: message\ndata: {json.dumps(told)}\n\n".encode()
            self.answer(data, "text/event-stream", Mcp_Session_Id="s1")

    with serving(Server) as url:
        told = json.loads(list_tools("notes", McpServer(url=f"{url}/mcp")))
    assert told == {"tools": [TOOL]}
    assert sessions == [None, "s1", "s1"]
