"""Rows for rollouts: what the policy sees, what it never may, and where it begins."""

from __future__ import annotations

import json
from typing import Any

from envfactory.datasets.rl import RlOptions, rl_row, state_hash
from envfactory.tasks.model import Calibration, Task
from envfactory.tasks.scope import Scope


def test_the_prompt_ends_with_the_first_turn_and_the_rest_is_the_users(booked: Task, scope: Scope) -> None:
    row = rl_row(booked, scope, RlOptions())
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]
    assert row["prompt"][1]["content"] == booked.turns[0].text
    assert row["user"][1] == {
        "text": "I'll take it.",
        "replies": [{"question": "How many people will be on board?", "text": "Four of us."}],
    }


def test_nothing_of_the_gold_is_in_what_the_policy_sees(booked: Task, scope: Scope) -> None:
    row = rl_row(booked, scope, RlOptions())
    shown = json.dumps([row["prompt"], row["tools"]])
    assert "bt_02" not in shown
    assert "35000" not in shown


def test_the_budget_is_the_golds_with_slack(booked: Task, scope: Scope) -> None:
    row = rl_row(booked, scope, RlOptions(slack=2.0, spare=3))
    assert row["max_calls"] == 2 * 2 + 3
    assert row["max_turns"] == 2 * 2 + 1


def test_environments_and_state_are_named_by_hash(booked: Task, scope: Scope) -> None:
    row = rl_row(booked, scope, RlOptions())
    assert row["environments"][0]["content_hash"] == scope.environment("boat_hire").content_hash
    assert row["state"]["tables"]["boat_hire"] == state_hash(scope, "lake_office")  # the same rows under another name


def test_the_solve_rate_is_measured_or_missing(booked: Task, scope: Scope) -> None:
    measured = booked.model_copy(update={"calibration": Calibration(solver="rules", attempts=4, solved=3)})
    assert rl_row(booked, scope, RlOptions())["solve_rate"] is None
    assert rl_row(measured, scope, RlOptions())["solve_rate"] == 0.75


def test_the_graders_task_is_whole_but_for_its_proof(booked: Task, scope: Scope) -> None:
    told: dict[str, Any] = rl_row(booked, scope, RlOptions())["task"]
    again = Task.model_validate(told)
    assert again.gold == booked.gold
    assert again.goal == booked.goal
    assert "verdicts" not in told
