"""The form of prompts and tool output: one place, compact, the same for every use."""

from __future__ import annotations

import json

import pytest

from envfactory.datasets.conversation import Conversation, observation, served_name, system_text
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope


def test_the_system_text_says_who_when_and_where(booked: Task) -> None:
    text = system_text(booked)
    assert "boat hire" in text
    assert "08:00 UTC on Tuesday 12 May 2026" in text
    assert "customer Ines Duarte (id cu_01)" in text


def test_the_seed_varies_the_words_and_nothing_else(booked: Task) -> None:
    texts = {system_text(booked, seed) for seed in range(12)}
    assert len(texts) > 3
    assert all("cu_01" in text and "12 May 2026" in text for text in texts)


def test_two_environments_with_two_clocks_are_told_apart(booked: Task, scope: Scope) -> None:
    later = scope.reference("lake_office").model_copy(update={"now": "2026-06-01T09:30:00Z"})
    text = system_text(booked.model_copy(update={"environments": [*booked.environments, later]}))
    assert "For boat hire it is 08:00 UTC on Tuesday 12 May 2026." in text
    assert "For lake office it is 09:30 UTC on Monday 1 June 2026." in text


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"status": "ok", "result": {"b": 1, "a": ["é"]}}, '{"b":1,"a":["é"]}'),
        ({"status": "error", "code": "FULL", "message": "No."}, '{"error":{"code":"FULL","message":"No."}}'),
        ({"status": "fault", "code": "TIMEOUT", "message": "Late."}, '{"error":{"code":"TIMEOUT","message":"Late."}}'),
        ({"status": "crash", "message": "Broken."}, '{"error":{"code":"CRASH","message":"Broken."}}'),
    ],
)
def test_tool_output_is_compact_json(outcome: dict[str, object], said: str) -> None:
    assert observation(outcome) == said


def test_a_call_and_its_answer_share_an_id_of_nine_characters() -> None:
    talk = Conversation()
    talk.call("get_boat", {"boat_id": "bt_02"}, {"status": "ok", "result": {}}, "I look it up.")
    asked, answered = talk.messages
    assert asked["tool_calls"][0]["id"] == answered["tool_call_id"]
    assert len(answered["tool_call_id"]) == 9
    assert asked["tool_calls"][0]["function"] == {"name": "get_boat", "arguments": {"boat_id": "bt_02"}}


@pytest.mark.parametrize(
    ("thinking", "message"),
    [
        ("field", {"role": "assistant", "content": "Done.", "reasoning_content": "So."}),
        ("inline", {"role": "assistant", "content": "<think>\nSo.\n</think>\n\nDone."}),
        ("none", {"role": "assistant", "content": "Done."}),
    ],
)
def test_reasoning_stands_where_it_is_wanted(thinking: str, message: dict[str, str]) -> None:
    talk = Conversation(thinking)  # type: ignore[arg-type]
    talk.say("Done.", "So.")
    assert talk.messages == [message]


def test_tools_of_several_environments_are_served_with_the_environments_name(booked: Task, scope: Scope) -> None:
    two = booked.model_copy(update={"distractors": [scope.reference("lake_office")]})
    assert served_name(booked, "boat_hire", "get_boat") == "get_boat"
    assert served_name(two, "boat_hire", "get_boat") in scope.served(two)


def test_messages_are_plain_json(booked: Task) -> None:
    talk = Conversation()
    talk.system(system_text(booked))
    talk.user("Hello.")
    assert json.loads(json.dumps(talk.messages)) == talk.messages
