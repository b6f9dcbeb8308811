"""Tasks for GRPO, read from a dataset's rows for rollouts."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.datasets.formats import line
from envfactory.datasets.rl import RlOptions, rl_row
from envfactory.errors import TaskError
from envfactory.tasks.model import Calibration, Task
from envfactory.tasks.scope import Scope
from envfactory.training.config import DataSection
from envfactory.training.grpo_data import training_tasks


@pytest.fixture
def dataset(porto: Task, both: Task, rating: Task, scope: Scope, tmp_path: Path) -> Path:
    measured = porto.model_copy(update={"calibration": Calibration(solver="rules", attempts=4, solved=1)})
    (tmp_path / "rl").mkdir()
    rows = [rl_row(task, scope, RlOptions()) for task in (measured, both, rating)]
    (tmp_path / "rl" / "train.jsonl").write_bytes(b"".join(map(line, rows)))
    return tmp_path


def test_tasks_come_with_their_prompt_budget_and_solve_rate(dataset: Path, porto: Task, scope: Scope) -> None:
    row = rl_row(porto, scope, RlOptions())
    (first, *_), read = training_tasks(dataset, "train", DataSection())
    assert (first.task.id, first.system, first.rate, read) == ("porto", row["prompt"][0]["content"], 0.25, 3)
    assert (first.budget.calls, first.budget.messages) == (row["max_calls"], row["max_turns"])


@pytest.mark.parametrize(
    ("section", "ids"),
    [
        (DataSection(most_turns=1), ["both", "rating"]),
        (DataSection(most_calls=1), ["rating"]),
        (DataSection(environments=("boat_hire",)), ["porto", "rating"]),
        (DataSection(limit=1), ["porto"]),
    ],
)
def test_tasks_are_chosen_as_conversations_are(dataset: Path, section: DataSection, ids: list[str]) -> None:
    chosen, _ = training_tasks(dataset, "train", section)
    assert [each.task.id for each in chosen] == ids


@pytest.mark.parametrize(
    ("text", "message"), [("{", "line 1 is not JSON"), ('{"task": {}}\n', "line 1 is no task for rollouts")]
)
def test_a_row_that_is_none_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "rl").mkdir()
    (tmp_path / "rl" / "train.jsonl").write_text(text)
    with pytest.raises(TaskError, match=message):
        training_tasks(tmp_path, "train", DataSection())


def test_a_folder_without_rows_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="does not exist"):
        training_tasks(tmp_path, "train", DataSection())
