"""Our own tasks as a suite: the oracle solves all, silence none, in the driver's episodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import TaskError
from envfactory.evaluation.heldout import Heldout, of_split, traits_of
from envfactory.evaluation.playing import Try
from envfactory.tasks.files import read_rollouts
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope


@pytest.fixture
def suite(tasks: list[Task], scope: Scope) -> Heldout:
    return Heldout(tasks, scope)


@pytest.mark.parametrize(("policy", "solved", "reward"), [("oracle", 1.0, 1.0), ("empty", 0.0, 0.0)])
def test_scripts_bound_what_can_be_scored(suite: Heldout, policy: str, solved: float, reward: float) -> None:
    found = list(suite.play([Try(item) for item in suite.items()], suite.scripted(policy), side_by_side=2))
    assert [each.score for each in found] == [solved] * 3
    assert [(each.parts["reward"], each.parts["gold calls made"]) for each in found] == [(reward, reward)] * 3


def test_why_a_task_is_not_solved_is_told(suite: Heldout) -> None:
    found = {each.item: each for each in suite.play([Try(item) for item in suite.items()], suite.scripted("empty"), 3)}
    assert all(each.why for each in found.values())


def test_attempts_are_kept_as_rollouts_that_can_be_graded_again(
    tasks: list[Task], scope: Scope, tmp_path: Path
) -> None:
    suite = Heldout(tasks, scope, keep=tmp_path)
    list(suite.play([Try(item, 1) for item in suite.items()], suite.scripted("oracle"), 3))
    kept = list(read_rollouts(tmp_path / "heldout.rollouts.jsonl"))
    assert {each.task for each in kept} == {task.id for task in tasks}
    assert {each.attempt for each in kept} == {1}


def test_tasks_are_told_apart_by_size_kind_and_what_is_refused(porto: Task, rating: Task) -> None:
    assert traits_of(porto) == {
        "environment": porto.environments[0].name,
        "gold calls": "3-4",  # look, book, pay, and the one that the rules forbid
        "turns": "3",
        "kind": "writing",
        "abstention": "asked of it",
    }
    assert (traits_of(rating)["kind"], traits_of(rating)["abstention"]) == ("read-only", "not asked of it")


def test_a_split_without_tasks_is_refused(tasks: list[Task]) -> None:
    assert of_split(tasks, "all") == tasks
    with pytest.raises(TaskError, match="no task of the split validation"):
        of_split([task for task in tasks if task.split != "validation"], "validation")


def test_the_facts_tell_other_tasks_apart(tasks: list[Task], scope: Scope) -> None:
    all_of_them, fewer = Heldout(tasks, scope).facts(), Heldout(tasks[:2], scope).facts()
    assert all_of_them["tasks"] != fewer["tasks"]
