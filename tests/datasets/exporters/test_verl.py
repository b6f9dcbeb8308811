"""verl's rows: plain structs that a reader without JSON columns takes, and a task that the grader can load."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from envfactory.datasets.exporters.verl import row, table
from envfactory.datasets.rl import RlOptions, rl_row
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope


def test_a_row_survives_parquet_as_plain_data(booked: Task, refused: Task, scope: Scope, tmp_path: Path) -> None:
    rows = [row(rl_row(task, scope, RlOptions()), number) for number, task in enumerate((booked, refused))]
    pq.write_table(table(rows), tmp_path / "train.parquet")
    assert pq.read_table(tmp_path / "train.parquet").to_pylist() == rows


def test_the_ground_truth_is_the_task(booked: Task, scope: Scope) -> None:
    made = row(rl_row(booked, scope, RlOptions()), 7)
    assert Task.model_validate_json(made["reward_model"]["ground_truth"]).goal == booked.goal
    assert made["reward_model"]["style"] == "rule"
    assert made["extra_info"]["index"] == 7
    assert json.loads(made["extra_info"]["user"])[1]["text"] == "I'll take it."
