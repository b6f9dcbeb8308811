"""Grades of many rollouts: the gold is played once a task, and what breaks is never a grade."""

from __future__ import annotations

import pytest

from envfactory.rollouts import grading
from envfactory.rollouts.driver import Job, play
from envfactory.rollouts.grading import Grader
from envfactory.rollouts.scripted import scripted
from envfactory.tasks import grader as graders
from envfactory.tasks.model import Rollout, Task
from envfactory.tasks.play import Playback
from envfactory.tasks.scope import Scope


@pytest.fixture
def gold(porto: Task, scope: Scope) -> Rollout:
    (made,) = play([Job(porto)], scope, scripted("oracle", [porto]))
    return made


def test_the_gold_is_played_once_for_all_rollouts_of_a_task(
    gold: Rollout, porto: Task, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []
    ends_of = grading.ends_of
    monkeypatch.setattr(grading, "ends_of", lambda task, scope: played.append(task.id) or ends_of(task, scope))
    grader = Grader(scope)
    assert [grader.grade(porto, each).reward for each in (gold, Rollout(), gold)] == [1.0, 0.0, 1.0]
    assert played == ["porto"]


def test_a_gold_that_cannot_be_played_is_no_grade_and_is_not_remembered(
    gold: Rollout, porto: Task, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    grader = Grader(scope)
    with monkeypatch.context() as broken:
        broken.setattr(graders, "play", lambda *_, **__: Playback(status="infrastructure", message="it hangs"))
        assert grader.grade(porto, gold).status == "infrastructure"
    assert grader.grade(porto, gold).reward == 1.0


def test_both_rewards_are_graded(gold: Rollout, porto: Task, scope: Scope) -> None:
    assert [Grader(scope, reward).grade(porto, gold).solved for reward in ("goal", "paper")] == [True, True]
