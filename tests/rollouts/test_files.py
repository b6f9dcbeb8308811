"""Rollouts on disk: gone on with, put in order, never torn."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import TaskError
from envfactory.rollouts.driver import Job, jobs_of
from envfactory.rollouts.files import RolloutFile
from envfactory.tasks.files import StoredRollout, append_rollouts, read_rollouts
from envfactory.tasks.model import Task


def rollout(task: str, attempt: int = 0, status: str = "complete", solver: str = "me") -> StoredRollout:
    return StoredRollout.model_validate({"task": task, "attempt": attempt, "status": status, "solver": solver})


@pytest.fixture
def jobs(porto: Task, rating: Task) -> list[Job]:
    return jobs_of([porto, rating], attempts=2)


def test_what_is_made_is_not_made_again_but_what_broke_is(tmp_path: Path, jobs: list[Job]) -> None:
    place = tmp_path / "rollouts.jsonl"
    append_rollouts(place, [rollout("porto"), rollout("porto", 1, "infrastructure")])
    file = RolloutFile(place)
    assert file.resume("me") == 1
    assert [job.key for job in file.missing(jobs)] == [("porto", 1), ("rating", 0), ("rating", 1)]


def test_a_torn_last_line_is_cut_off(tmp_path: Path, jobs: list[Job]) -> None:
    place = tmp_path / "rollouts.jsonl"
    append_rollouts(place, [rollout("porto")])
    place.write_bytes(place.read_bytes() + b'{"task": "rat')
    assert RolloutFile(place).resume("me") == 1
    assert [each.task for each in read_rollouts(place)] == ["porto"]


def test_the_file_ends_in_the_order_of_the_jobs(tmp_path: Path, jobs: list[Job]) -> None:
    file = RolloutFile(tmp_path / "rollouts.jsonl")
    made = [rollout("rating", 1), rollout("porto", 1), rollout("another"), rollout("rating"), rollout("porto")]
    assert list(file.keep(made)) == made
    settled = file.settle(jobs)
    assert [(each.task, each.attempt) for each in settled] == [job.key for job in jobs]
    assert [each.task for each in read_rollouts(file.path)] == ["porto", "porto", "rating", "rating", "another"]


def test_a_file_holds_the_rollouts_of_one_policy(tmp_path: Path) -> None:
    place = tmp_path / "rollouts.jsonl"
    append_rollouts(place, [rollout("porto", solver="somebody")])
    with pytest.raises(TaskError, match="rollouts of somebody, not of me"):
        RolloutFile(place).resume("me")


def test_without_a_file_nothing_is_made_yet(tmp_path: Path, jobs: list[Job]) -> None:
    file = RolloutFile(tmp_path / "new" / "rollouts.jsonl")
    assert file.resume("me") == 0
    assert file.missing(jobs) == jobs
