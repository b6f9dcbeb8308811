"""Many attempts side by side: batches, order, what breaks and is tried again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from envfactory.errors import DeadlineExceeded, ModelError, TaskError
from envfactory.rollouts.driver import Job, RolloutOptions, jobs_of, play
from envfactory.rollouts.policy import Asked, Reply
from envfactory.rollouts.scripted import scripted
from envfactory.tasks.model import Task
from envfactory.tasks.play import Episodes
from envfactory.tasks.scope import Scope
from tests.rollouts.conftest import Saying


def test_the_gold_solves_every_task_and_silence_none(tasks: list[Task], scope: Scope) -> None:
    gold = list(play(jobs_of(tasks), scope, scripted("oracle", tasks)))
    silent = list(play(jobs_of(tasks), scope, scripted("empty", tasks)))
    assert [each.grade and each.grade.reward for each in gold] == [1.0, 1.0, 1.0]
    assert [each.grade and each.grade.reward for each in silent] == [0.0, 0.0, 0.0]


def test_the_policy_is_asked_for_all_open_attempts_at_once(tasks: list[Task], scope: Scope) -> None:
    policy = Saying("Hello.")
    made = list(play(jobs_of(tasks, attempts=2), scope, policy, RolloutOptions(side_by_side=4)))
    assert [len(each) for each in policy.asked] == [4, 4, 2]  # only the first task has three turns
    assert sorted((each.task, each.attempt) for each in made) == sorted((t.id, n) for t in tasks for n in (0, 1))


def test_a_rollout_says_who_made_it_and_keeps_its_messages(rating: Task, scope: Scope) -> None:
    (made,) = play([Job(rating, 3)], scope, scripted("oracle", [rating]))
    assert (made.solver, made.attempt, made.ended, made.rewarded_by) == ("scripted:oracle", 3, "complete", "goal")
    assert [each["role"] for each in made.messages] == ["system", "user", "assistant", "tool", "assistant"]


class Failing:
    """A policy that fails for one task, as often as it is told to, and says nothing otherwise."""

    name = "failing"

    def __init__(self, task: str, times: int, *, whole: bool = False) -> None:
        self._task = task
        self._times = times
        self._whole = whole

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        return [self._reply(each) for each in asked]

    def _reply(self, asked: Asked) -> Reply:
        if asked.task != self._task or self._times == 0:
            return Reply()
        self._times -= 1
        if self._whole:
            raise ModelError("the endpoint is gone")
        return Reply(failed="no answer")


def test_what_breaks_once_is_tried_again(tasks: list[Task], scope: Scope) -> None:
    made = {each.task: each for each in play(jobs_of(tasks), scope, Failing("rating", times=1))}
    assert {each.status for each in made.values()} == {"complete"}


def test_what_breaks_twice_is_lost_alone_and_never_scored(tasks: list[Task], scope: Scope) -> None:
    made = {each.task: each for each in play(jobs_of(tasks), scope, Failing("rating", times=2))}
    assert {name: each.status for name, each in made.items()} == {
        "porto": "complete",
        "both": "complete",
        "rating": "infrastructure",
    }
    assert (made["rating"].grade and made["rating"].grade.reward, made["rating"].trouble) == (None, "no answer")


def test_an_endpoint_that_is_gone_breaks_the_batch_and_it_is_tried_again(tasks: list[Task], scope: Scope) -> None:
    made = list(play(jobs_of(tasks), scope, Failing("rating", times=1, whole=True)))
    assert [each.status for each in made] == ["complete"] * 3


def test_a_tool_that_hangs_costs_its_rollout_alone(
    tasks: list[Task], scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Episodes.call

    def hanging(self: Episodes, environment: str, tool: str, arguments: object) -> object:
        if tool == "get_boat":
            raise DeadlineExceeded("no answer in 5 s")
        return call(self, environment, tool, arguments)

    monkeypatch.setattr(Episodes, "call", hanging)
    made = {each.task: each for each in play(jobs_of(tasks), scope, scripted("oracle", tasks))}
    assert (made["rating"].status, made["rating"].grade and made["rating"].grade.reward) == ("infrastructure", None)
    assert made["porto"].status == "complete"


def test_a_task_of_another_environment_is_refused_before_it_is_played(rating: Task, scope: Scope) -> None:
    other = rating.environments[0].model_copy(update={"content_hash": "00" * 32})
    strange = rating.model_copy(update={"environments": [other]})
    with pytest.raises(TaskError, match="the task was made in"):
        list(play([Job(strange)], scope, scripted("empty", [strange])))
