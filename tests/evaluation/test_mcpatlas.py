"""MCP-Atlas against an agent environment of the same interface, made here."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import httpx
import pytest

from envfactory.errors import ConfigError, UserError
from envfactory.evaluation.items import JUDGE, POLICY
from envfactory.evaluation.mcpatlas import McpAtlas, read_atlas
from envfactory.evaluation.playing import Try, converse
from envfactory.evaluation.suite import Scripts
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Asked

CLAIMS = ["The first average was $6,446.20.", "The last average was $6,786.60."]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "tasks.csv"
    with place.open("w", newline="") as opened:
        rows = csv.DictWriter(opened, ["TASK", "ENABLED_TOOLS", "PROMPT", "TRAJECTORY", "GTFA_CLAIMS"])
        rows.writeheader()
        rows.writerow(
            {
                "TASK": "5c6d",
                "ENABLED_TOOLS": json.dumps(["calculator_calculate", {"name": "filesystem_read_file"}]),
                "PROMPT": "Compare the averages.",
                "TRAJECTORY": "[]",
                "GTFA_CLAIMS": str(CLAIMS),  # as Python writes a list
            }
        )
    return place


def environment(request: httpx.Request) -> httpx.Response:
    """An agent environment with one server of one tool, which calculates nothing."""
    if request.url.path == "/list-tools":
        schema = {"type": "object", "properties": {"expression": {"type": "string"}}}
        return httpx.Response(200, json=[{"name": "calculator_calculate", "inputSchema": schema}])
    asked = json.loads(request.content)
    if asked["tool_args"].get("expression") == "1/0":
        return httpx.Response(500, json={"detail": "Tool execution failed"})
    return httpx.Response(200, json=[{"type": "text", "text": "6446.2"}])


def suite(file: Path, handler: object = environment) -> McpAtlas:
    transport = httpx.MockTransport(handler)  # type: ignore[arg-type]
    return McpAtlas(file, client=httpx.Client(base_url="http://sandbox", transport=transport))


def test_tasks_are_read_with_their_claims_and_tools(file: Path) -> None:
    (task,) = read_atlas(file)
    assert task.claims == tuple(CLAIMS)
    assert (task.tools, task.servers) == (("calculator_calculate", "filesystem_read_file"), 2)


@pytest.mark.parametrize(("policy", "passed", "coverage"), [("oracle", 1.0, 1.0), ("empty", 0.0, 0.0)])
def test_stating_the_claims_passes_and_silence_does_not(
    file: Path, policy: str, passed: float, coverage: float
) -> None:
    atlas = suite(file)
    (found,) = atlas.play([Try(item) for item in atlas.items()], atlas.scripted(policy), 1)
    assert (found.score, found.parts) == (passed, {"coverage": coverage})


def test_half_of_the_claims_is_not_enough(file: Path) -> None:
    atlas = suite(file)
    (found,) = atlas.play([Try(item) for item in atlas.items()], Scripts("half", lambda _: CLAIMS[0]), 1)
    assert (found.score, found.parts["coverage"]) == (0.0, 0.5)
    assert CLAIMS[1] in found.why


def test_calls_go_to_the_environment_and_failures_are_told(file: Path) -> None:
    heard: list[str] = []

    def calling(asked: Asked) -> str:
        heard.append(str(asked.messages[-1]["content"]))
        named = [("calculator_calculate", "6+7"), ("calculator_calculate", "1/0"), ("filesystem_read_file", "x")]
        if asked.calls < len(named):
            name, expression = named[asked.calls]
            return write("", [ToolCall(name, {"expression": expression})])
        return "Done."

    atlas = suite(file)
    list(atlas.play([Try(item) for item in atlas.items()], Scripts("calling", calling), 1))
    assert heard[1] == "6446.2"
    assert heard[2] == "Error: Tool execution failed"
    assert heard[3] == "Error: there is no tool filesystem_read_file"


def test_a_judge_that_does_not_judge_is_broken_infrastructure(file: Path) -> None:
    atlas = suite(file)
    speakers = {POLICY: Scripts("x", lambda _: "Something."), JUDGE: Scripts("judge", lambda _: "Well.")}
    (found,) = converse([Try(item) for item in atlas.items()], atlas._begin, speakers, 1)
    assert (found.status, found.why) == ("infrastructure", "the judge said 'Well.'")


def test_what_is_missing_is_said(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no tasks .*--place mcp-atlas=FILE"):
        McpAtlas(None)
    with pytest.raises(UserError, match="agent environment does not answer"):
        suite(file, lambda _: httpx.Response(503))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ConfigError, match="holds no tasks of MCP-Atlas"):
        read_atlas(tmp_path / "other.csv")
