"""MCP-Atlas against its running agent environment: real MCP tools over its HTTP interface, claims judged by a model.

`--place mcp-atlas=FILE` names its tasks (CSV: TASK, PROMPT, ENABLED_TOOLS, GTFA_CLAIMS), MCP_SANDBOX_URL its environment
(which runs the MCP servers), `--user-model` the judge. A task is one request; the final answer is judged claim by claim
(fulfilled 1, partially 0.5, not 0), and passes with three quarters of its claims. The judge's prompt is ours.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from envfactory.config import ModelConfig
from envfactory.datasets.conversation import Conversation, Message
from envfactory.environments.files import digest
from envfactory.errors import ConfigError, UserError
from envfactory.evaluation.endpoint import Endpoint
from envfactory.evaluation.items import JUDGE, POLICY, Item, Outcome, Scored, Talk
from envfactory.evaluation.playing import Try, converse
from envfactory.evaluation.suite import Scripts, scripted
from envfactory.rollouts.formats import ToolCall
from envfactory.rollouts.policy import Asked, Policy, Reply

ADDRESS, HERE = "MCP_SANDBOX_URL", "http://localhost:1984"
NEEDS = f"its agent environment running ({ADDRESS}, else {HERE}), its tasks (--place mcp-atlas=FILE.csv) and a judge"
PASSES = 0.75
_WORTH = {"fulfilled": 1.0, "partially_fulfilled": 0.5, "not_fulfilled": 0.0}
_OUTCOME = re.compile("|".join(sorted(_WORTH, key=len, reverse=True)))
_MOST_CALLS, _SECONDS = 100, 120.0
_JUDGE = (
    "You judge whether an answer makes a claim. Numbers within 5 % agree, percentages within one point, and so do equal "
    "values in other words. Reply with one word: fulfilled, partially_fulfilled or not_fulfilled."
)


class AtlasTask(NamedTuple):
    """One row of the tasks."""

    name: str
    prompt: str
    tools: tuple[str, ...]
    claims: tuple[str, ...]

    @property
    def servers(self) -> int:
        """How many servers' tools are offered."""
        return len({tool.partition("_")[0] for tool in self.tools})


class McpAtlas:
    """The tasks of a file. Close it when done: it holds connections.

    Raise ConfigError where there are no tasks, UserError where the agent environment does not answer.
    """

    name = "mcp-atlas"
    measure = "passed"
    traits = ("servers",)

    def __init__(self, file: Path | None, judge: ModelConfig | None = None, client: httpx.Client | None = None) -> None:
        if file is None:
            raise ConfigError("the suite mcp-atlas has no tasks", remedy=f"it needs {NEEDS}: docs/evaluation.md")
        self._tasks = {each.name: each for each in read_atlas(file)}
        self._client = client or httpx.Client(base_url=os.environ.get(ADDRESS, HERE), timeout=_SECONDS)
        self._schemas = self._offered()
        self._judge = None if judge is None else Endpoint(judge.model, judge)

    def items(self) -> Sequence[Item]:
        """Return the tasks."""
        return [Item(each.name, "", {"servers": str(each.servers)}) for each in self._tasks.values()]

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        """Play attempts; ConfigError where nobody judges a model's answers."""
        judge: Policy | None = self._judge
        if policy.name.startswith("scripted:"):
            judge = Scripts("judge", _literal)
        if judge is None:
            raise ConfigError("mcp-atlas needs a judge", remedy="give --user-model openai:NAME")
        return converse(tries, self._begin, {POLICY: policy, JUDGE: judge}, side_by_side)

    def scripted(self, name: str) -> Policy:
        """Return the oracle (which states the claims), the empty or the random policy."""
        return scripted(name, lambda asked: "\n".join(self._tasks[asked.task].claims))

    def facts(self) -> Mapping[str, Any]:
        """Return which tasks these are and who judges."""
        return {
            "tasks": digest("\n".join(sorted(self._tasks)).encode())[:16],
            "judge": self._judge.name if self._judge else None,
        }

    def close(self) -> None:
        """Free the connections."""
        self._client.close()
        if self._judge is not None:
            self._judge.__exit__(None, None, None)

    def _offered(self) -> dict[str, dict[str, Any]]:
        """Return the schemas of all tools that the agent environment has."""
        try:
            told = self._client.post("/list-tools").raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise UserError(
                f"MCP-Atlas's agent environment does not answer: {error}", remedy=f"it needs {NEEDS}"
            ) from error
        return {
            tool["name"]: {
                "type": "function",
                "function": {
                    "name": tool["name"],
                    "description": tool.get("description") or "",
                    "parameters": tool.get("inputSchema") or {"type": "object", "properties": {}},
                },
            }
            for tool in told
        }

    def _begin(self, which: Try) -> Talk:
        task = self._tasks[which.item.id]
        tools = [self._schemas[name] for name in task.tools if name in self._schemas]
        return _AtlasTalk(task, tools, self._client, which.attempt)


class _AtlasTalk:
    """One attempt: calls until an answer, then a judgement of each claim."""

    def __init__(self, task: AtlasTask, tools: list[dict[str, Any]], client: httpx.Client, attempt: int) -> None:
        self._task, self._tools, self._client, self._attempt = task, tools, client, attempt
        self._conversation = Conversation()
        self._conversation.user(task.prompt)
        self._answer: str | None = None
        self._judged: list[float] = []
        self._broken = ""
        self._calls = 0
        self.speaker = POLICY

    def ask(self) -> Asked | None:
        """Return the conversation, then each claim for the judge."""
        if self._answer is None:
            messages = list(self._conversation.messages)
            return Asked(messages, self._tools, self._task.name, self._attempt, calls=self._calls)
        if self._broken or not self._answer.strip() or len(self._judged) == len(self._task.claims):
            return None
        asked = f"Claim:\n{self._task.claims[len(self._judged)]}\n\nAnswer:\n{self._answer}"
        return Asked([{"role": "system", "content": _JUDGE}, {"role": "user", "content": asked}], [], self._task.name)

    def take(self, reply: Reply) -> None:
        """Take the policy's message, or the judge's."""
        if self.speaker == JUDGE:
            self._hear(reply.content)
        elif reply.calls and self._calls < _MOST_CALLS:
            self._execute(reply)
        else:
            self._answer = reply.content
            self.speaker = JUDGE

    def outcome(self) -> Outcome:
        """Return whether enough claims are made, and how many."""
        if self._broken:
            return Outcome(0.0, why=self._broken, broken=True)
        claims = self._task.claims
        coverage = sum(self._judged) / len(claims)
        missed = [claim for claim, worth in zip(claims, self._judged, strict=False) if worth < 1]
        why = "" if coverage >= PASSES else f"not made: {'; '.join(missed)[:300]}" if self._judged else "no answer"
        return Outcome(float(coverage >= PASSES), {"coverage": coverage}, why)

    def close(self) -> None:
        """Nothing is held."""

    def _hear(self, verdict: str) -> None:
        said = _OUTCOME.search(verdict)
        if said is None:
            self._broken = f"the judge said {verdict[:80]!r}"
        else:
            self._judged.append(_WORTH[said.group()])

    def _execute(self, reply: Reply) -> None:
        calls = [(call.name, call.arguments) for call in reply.calls]
        keys = self._conversation.ask(calls, reply.content, reply.written.reasoning)
        self._calls += len(calls)
        self._conversation.messages += [self._called(call, key) for call, key in zip(reply.calls, keys, strict=True)]

    def _called(self, call: ToolCall, key: str) -> Message:
        """Call a tool that the task offers, and return the message that tells what came of it."""
        offered = {tool["function"]["name"] for tool in self._tools}
        said = self._result(call) if call.name in offered else f"Error: there is no tool {call.name[:80]}"
        return {"role": "tool", "tool_call_id": key, "name": call.name, "content": said}

    def _result(self, call: ToolCall) -> str:
        body = {"tool_name": call.name, "tool_args": dict(call.arguments), "use_cache": True}
        try:
            told = self._client.post("/call-tool", json=body)
            content = told.json()
        except (httpx.HTTPError, ValueError) as error:
            return f"Error: {error}"
        if told.is_error:
            return f"Error: {content.get('detail', told.status_code) if isinstance(content, dict) else content}"
        return "\n".join(block.get("text", json.dumps(block)) for block in content)


def read_atlas(file: Path) -> list[AtlasTask]:
    """Read the tasks; ConfigError where the file has none of that form."""
    csv.field_size_limit(sys.maxsize)
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
        found = [AtlasTask(row["TASK"], row["PROMPT"], _tools(row), _claims(row)) for row in rows]
    except (OSError, KeyError, ValueError, SyntaxError) as error:
        raise ConfigError(f"{file} holds no tasks of MCP-Atlas: {error}", remedy=f"it needs {NEEDS}") from error
    return [each for each in found if each.claims]


def _tools(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the enabled tools, which stand alone or in a definition each."""
    return tuple(each if isinstance(each, str) else each["name"] for each in json.loads(row["ENABLED_TOOLS"]))


def _claims(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the claims: a list as JSON or Python writes it, or a line each."""
    text = row["GTFA_CLAIMS"].strip()
    if not text.startswith("["):
        return tuple(line.strip(" -*•") for line in text.splitlines() if line.strip(" -*•"))
    try:
        told = json.loads(text)
    except ValueError:
        told = literal_eval(text)
    return tuple(str(each) for each in told)


def _literal(asked: Asked) -> str:
    """Be a judge without a mind: a claim is made where it stands word for word."""
    claim, _, answer = str(asked.messages[-1]["content"]).removeprefix("Claim:\n").partition("\n\nAnswer:\n")
    return "fulfilled" if claim in answer else "not_fulfilled"
