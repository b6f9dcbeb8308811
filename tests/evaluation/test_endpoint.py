"""An endpoint as a policy: calls by its parser or in its text, failures of one and of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envfactory.config import ModelConfig
from envfactory.errors import EnvFactoryError
from envfactory.evaluation.endpoint import Endpoint, heard
from envfactory.models.messages import Answer
from envfactory.rollouts.formats import ToolCall
from envfactory.rollouts.policy import Asked
from tests.agents.chat_server import ChatServer, Reply


def script(folder: Path, *lines: dict[str, object]) -> ModelConfig:
    place = folder / "script.jsonl"
    place.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return ModelConfig(model=f"fake:{place}")


def asked(text: str) -> Asked:
    earlier = [
        {"role": "user", "content": "Hello."},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "call00001", "type": "function", "function": {"name": "look", "arguments": {"n": 1}}}
            ],
        },
        {"role": "tool", "tool_call_id": "call00001", "name": "look", "content": "[]"},
        {"role": "tool", "content": '{"error":"not JSON"}'},
    ]
    return Asked([*earlier, {"role": "user", "content": text}], [], text)


def test_conversations_are_answered_in_their_order(tmp_path: Path) -> None:
    lines = [
        {"match": "Where", "answer": "There."},
        {"match": "When", "tool_calls": [{"name": "clock", "args": {"zone": "UTC"}}]},
    ]
    with Endpoint("fake:x", script(tmp_path, *lines)) as endpoint:
        when, where = endpoint.replies([asked("When?"), asked("Where?")])
    assert when.calls == (ToolCall("clock", {"zone": "UTC"}),)
    assert where.content == "There."


def test_over_the_wire_a_conversation_is_as_servers_take_it() -> None:
    def script(body: dict[str, object]) -> Reply:
        call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"n": 2}'}}
        return {"tool_calls": [call]}

    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    tool = {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": schema}}
    with ChatServer(script).serving() as server:
        config = ModelConfig(model="openai:small", base_url=server.url, temperature=0.5, max_tokens=32)
        with Endpoint("openai:small", config) as endpoint:
            conversation = asked("Again?")
            (reply,) = endpoint.replies([Asked(conversation.messages, [tool], "x")])
    (body,) = server.requests
    assert reply.calls == (ToolCall("look", {"n": 2}),)
    assert (reply.prompt_tokens, reply.tokens) == (100, 20)
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "tool", "user", "user"]
    assert json.loads(body["messages"][1]["tool_calls"][0]["function"]["arguments"]) == {"n": 1}
    assert (body["tools"], body["temperature"]) == ([tool], 0.5)


def test_a_model_that_never_answers_ends_the_evaluation(tmp_path: Path) -> None:
    config = script(tmp_path, {"match": "nothing", "answer": ""})
    with Endpoint("fake:x", config) as endpoint, pytest.raises(EnvFactoryError, match="the model has never answered"):
        endpoint.replies([asked("Where?")])


def test_one_failure_among_answers_costs_itself_alone(tmp_path: Path) -> None:
    with Endpoint("fake:x", script(tmp_path, {"match": "Where", "answer": "There."})) as endpoint:
        where, when = endpoint.replies([asked("Where?"), asked("When?")])
    assert (where.content, bool(where.failed)) == ("There.", False)
    assert when.failed


@pytest.mark.parametrize(
    ("answer", "calls", "malformed"),
    [
        (Answer("", [{"name": "look", "args": {"n": 1}, "id": "1"}]), 1, 0),
        (Answer("", [{"name": "look", "args": "{broken", "id": "1"}]), 0, 1),
        (Answer('<tool_call>{"name": "look", "arguments": {}}</tool_call>'), 1, 0),
        (Answer("<tool_call>look</tool_call>"), 0, 1),
        (Answer("Nothing to look at."), 0, 0),
    ],
)
def test_calls_are_read_from_the_parser_or_from_the_text(answer: Answer, calls: int, malformed: int) -> None:
    reply = heard(answer)
    assert (len(reply.calls), len(reply.malformed)) == (calls, malformed)


def test_an_answer_without_room_is_truncated() -> None:
    reply = heard(Answer("I was about to", finish="length", tokens=(120, 16)))
    assert reply.truncated
    assert (reply.prompt_tokens, reply.tokens) == (120, 16)
