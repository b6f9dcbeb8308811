"""Tasks for GRPO: a dataset's rows for rollouts, chosen as the configuration says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from envfactory.errors import TaskError
from envfactory.rollouts.episode import Budget
from envfactory.tasks.model import Task
from envfactory.training.config import DataSection
from envfactory.training.data import stored_rows
from envfactory.training.rollout import TrainingTask

Row = dict[str, Any]


@dataclass(frozen=True)
class TaskCounts:
    """What became of the tasks of a split."""

    read: int = 0
    chosen: int = 0
    out_of_band: int = 0
    too_long: int = 0
    longest_prompt: int = 0

    def told(self) -> dict[str, int]:
        """Return the counts as JSON holds them."""
        return asdict(self)


def training_tasks(dataset: Path, split: str, section: DataSection) -> tuple[list[TrainingTask], int]:
    """Return the tasks of a split that the configuration chooses, and how many there are.

    Raise TaskError where the folder holds no such rows, or one that is none.
    """
    file = dataset / "rl" / f"{split}.jsonl"
    chosen: list[TrainingTask] = []
    read = 0
    for row in stored_rows(dataset, "rl", split):
        read += 1
        each = _task(row, f"{file}, line {read}")
        if _is_chosen(each.task, section) and (section.limit is None or len(chosen) < section.limit):
            chosen.append(each)
    return chosen, read


def _task(row: Row, place: str) -> TrainingTask:
    try:
        task = Task.model_validate(row["task"])
        budget = Budget(row["max_calls"], row["max_turns"])
        return TrainingTask(task, row["prompt"][0]["content"], budget, row["solve_rate"])
    except (KeyError, IndexError, TypeError, ValidationError) as error:
        raise TaskError(
            f"{place} is no task for rollouts", remedy="write the dataset again: envfactory export"
        ) from error


def _is_chosen(task: Task, section: DataSection) -> bool:
    """Say whether a task is chosen, by the same measures as its conversation is for SFT."""
    spoken = sum(1 + len(turn.replies) for turn in task.turns)
    return (
        (not section.environments or {each.name for each in task.environments} <= set(section.environments))
        and (section.most_turns is None or spoken <= section.most_turns)
        and (section.most_calls is None or len(task.gold) <= section.most_calls)
    )
