"""Counts are those of the files, whichever form they have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envfactory.datasets.formats import RL_COLUMNS, SFT_COLUMNS, Format, Writer
from envfactory.datasets.tally import tally

NONE: dict[str, Any] = dict.fromkeys(RL_COLUMNS | SFT_COLUMNS)
TASK = {"environments": [{"name": "rail"}], "turns": [{"operators": [{"operator": "drop"}, {"operator": "drop"}]}, {}]}


def conversation(**more: Any) -> dict[str, Any]:
    return {**NONE, "environments": ["rail"], "outcomes": ["done", "refused"], "messages": [], "tools": [], **more}


def rollout(rate: float | None, status: str = "pass") -> dict[str, Any]:
    lists: dict[str, Any] = {"prompt": [], "tools": [], "user": [], "facts": [], "environments": [{"name": "rail"}]}
    return {**NONE, **lists, "task": TASK, "solve_rate": rate, "verdicts": {"task.accepts": status}}


@pytest.mark.parametrize("formats", [("jsonl",), ("parquet",), ("jsonl", "parquet")])
def test_what_was_written_is_what_is_counted(tmp_path: Path, formats: tuple[Format, ...]) -> None:
    with Writer(tmp_path / "sft" / "train", SFT_COLUMNS, formats) as writer:
        writer.write(conversation(calls=3, faults=1, questions=0))
        writer.write(conversation(calls=2, faults=0, questions=2))
    with Writer(tmp_path / "rl" / "heldout", RL_COLUMNS, formats) as writer:
        for row in (rollout(2 / 3), rollout(1.0), rollout(None, "fail")):
            writer.write(row)
    found = tally(tmp_path).told()
    assert found["rows"] == {"sft": {"train": 2}, "rl": {"heldout": 3}}
    assert (found["calls"], found["with_faults"], found["with_questions"]) == (5, 1, 1)
    assert found["outcomes"] == {"done": 2, "refused": 2}
    assert found["operators"] == {"drop": 3}  # turns, not uses
    assert found["solve_rates"] == {"0.7": 1, "1.0": 1}
    assert found["verdicts"] == {"task.accepts": {"fail": 1, "pass": 2}}


def test_a_folder_without_rows_counts_none(tmp_path: Path) -> None:
    assert tally(tmp_path).rows == {}
