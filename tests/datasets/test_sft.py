"""Conversations: really played, with questions, refusals and faults in them, and what does not replay left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from envfactory.datasets.sft import LeftOut, SftOptions, sft_row
from envfactory.tasks.model import Task
from envfactory.tasks.play import Episodes
from envfactory.tasks.scope import Scope
from tests.datasets.conftest import looking_again

FAULTS = {"TIMEOUT", "RATE_LIMITED", "UNAVAILABLE"}


def roles(row: dict[str, Any]) -> list[str]:
    return [message["role"] for message in row["messages"]]


def calls(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [call["function"] for message in row["messages"] for call in message.get("tool_calls", [])]


def code(message: dict[str, Any]) -> str:
    return str(json.loads(message["content"]).get("error", {}).get("code", "ok"))


def made(task: Task, scope: Scope, **options: Any) -> dict[str, Any]:
    row = sft_row(task, scope, SftOptions(**options))
    assert isinstance(row, dict), row
    return row


def test_a_conversation_asks_calls_reads_and_answers(booked: Task, scope: Scope) -> None:
    row = made(booked, scope, faults=0.0)
    assert roles(row) == "system user assistant tool assistant user assistant user assistant tool assistant".split()
    assert row["questions"] == 1
    assert "How many people will be on board?" in row["messages"][6]["content"]
    assert row["messages"][7]["content"] == "Four of us."


def test_answers_state_what_the_calls_showed(booked: Task, scope: Scope) -> None:
    row = made(booked, scope, faults=0.0)
    assert "Gaivota" in row["messages"][4]["content"]
    assert "€350.00" in row["messages"][-1]["content"]


def test_the_calls_are_the_golds_and_replay_to_what_the_tools_said(booked: Task, scope: Scope) -> None:
    row = made(booked, scope, faults=0.0)
    assert calls(row) == [{"name": each.tool, "arguments": each.arguments} for each in booked.gold]
    with Episodes(scope, ["boat_hire"]) as episodes:
        again = [episodes.call("boat_hire", each["name"], each["arguments"])["result"] for each in calls(row)]
    assert [json.loads(message["content"]) for message in row["messages"] if message["role"] == "tool"] == again


def test_a_refusal_is_said_and_so_is_what_no_tool_does(refused: Task, scope: Scope) -> None:
    row = made(refused, scope, faults=0.0)
    assert code(row["messages"][3]) == "BOAT_IN_SERVICE"
    assert "couldn't" in row["messages"][4]["content"]
    assert "service" in row["messages"][4]["content"]
    assert roles(row)[-2:] == ["user", "assistant"]


def test_faults_are_met_by_trying_again_and_the_goal_is_still_reached(booked: Task, scope: Scope) -> None:
    row = made(booked, scope, faults=1.0, seed=1)
    told = [code(message) for message in row["messages"] if message["role"] == "tool"]
    assert row["faults"] == len([each for each in told if each in FAULTS]) >= 1
    assert [each for each in told if each not in FAULTS] == ["ok", "ok"]
    repeated = [one for one, other in zip(calls(row), calls(row)[1:], strict=False) if one == other]
    assert len(repeated) == row["faults"]


def test_a_read_that_lags_behind_ones_own_write_is_read_again(scope: Scope) -> None:
    task = looking_again(scope)
    rows = [made(task, scope, faults=1.0, seed=seed) for seed in range(12)]
    lagging = [row for row in rows if [each["name"] for each in calls(row)].count("search_boats") > 1 and all(
        code(message) == "ok" for message in row["messages"] if message["role"] == "tool"
    )]  # fmt: skip
    assert 2 <= len(lagging) <= 10  # about half
    for row in lagging:
        *stale, fresh = [message["content"] for message in row["messages"] if message.get("name") == "search_boats"]
        assert [("Gaivota" in each) for each in (*stale, fresh)] == [True] * row["faults"] + [False]
        assert "stale" not in "".join(stale)


def test_about_the_share_asked_for_meets_faults(booked: Task, scope: Scope) -> None:
    tasks = [booked.model_copy(update={"id": f"t_{number}"}) for number in range(60)]
    met = sum(made(task, scope, faults=0.3)["faults"] > 0 for task in tasks)
    assert 9 <= met <= 27


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"arguments": {"customer_id": "cu_01", "boat_id": "bt_99", "start_date": "2026-06-09", "end_date": "2026-06-11", "crew": 4}}, "a call does not replay"),
        ({"result": {"hire_id": "hi_forged"}}, "a call does not replay"),
    ],
)  # fmt: skip
def test_what_does_not_replay_is_left_out(booked: Task, scope: Scope, change: dict[str, Any], reason: str) -> None:
    gold = [booked.gold[0], booked.gold[1].model_copy(update=change)]
    told = sft_row(booked.model_copy(update={"gold": gold}), scope, SftOptions())
    assert isinstance(told, LeftOut)
    assert told.reason == reason


def test_an_answer_that_lacks_a_fact_is_left_out(booked: Task, scope: Scope) -> None:
    turns = [booked.turns[0].model_copy(update={"answer": "There are some boats."}), booked.turns[1]]
    told = sft_row(booked.model_copy(update={"turns": turns}), scope, SftOptions(faults=0.0))
    assert isinstance(told, LeftOut)
    assert told.reason == "an answer lacks a fact"


def test_the_seed_is_the_conversation(booked: Task, scope: Scope) -> None:
    assert made(booked, scope, seed=4) == made(booked, scope, seed=4)
    assert made(booked, scope, seed=4) != made(booked, scope, seed=5)


def test_no_thought_names_a_key_that_was_not_seen(booked: Task, scope: Scope) -> None:
    row = made(booked, scope, faults=0.0)
    thoughts = [message.get("reasoning_content", "") for message in row["messages"]]
    assert any(thoughts)
    assert not any("bt_" in each or "hi_" in each for each in thoughts)
