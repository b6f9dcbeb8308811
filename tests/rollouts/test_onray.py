"""Rollouts over Ray: two real workers where Ray is installed, and a clear line where it is not."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import pytest

from envfactory.errors import TaskError, UserError
from envfactory.rollouts import onray
from envfactory.rollouts.driver import Job, jobs_of
from envfactory.rollouts.onray import play_on_ray
from envfactory.rollouts.processes import Players
from envfactory.rollouts.scripted import scripted
from tests.rollouts import worlds

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed (extra `ray`)")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of its dependencies


def test_without_ray_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onray, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"need ray .*envfactory\[ray\]"):
        onray.require_ray()


@needs_ray
@pytest.mark.long
def test_two_workers_make_what_the_gold_makes() -> None:
    with worlds.open_scope() as scope:
        tasks = worlds.tasks_of(scope)
    players = Players("scripted:oracle", worlds.open_scope, partial(scripted, "oracle", tasks))
    made = list(play_on_ray(jobs_of(tasks, attempts=4), players, 2, share=2))
    assert sorted((each.task, each.attempt) for each in made) == sorted((t.id, n) for t in tasks for n in range(4))
    assert [each.grade and each.grade.reward for each in made] == [1.0] * 12


@needs_ray
@pytest.mark.long
def test_a_worker_that_dies_costs_one_rollout_and_a_mistake_is_told() -> None:
    with worlds.open_scope() as scope:
        tasks = worlds.tasks_of(scope)
    players = Players("scripted:breaking", worlds.open_scope, partial(worlds.Breaking, tasks, "rating", "dies"))
    told = {each.task: each.status for each in play_on_ray(jobs_of(tasks), players, 2, share=3)}
    assert told == {"porto": "complete", "both": "complete", "rating": "infrastructure"}
    other = tasks[2].environments[0].model_copy(update={"content_hash": "00" * 32})
    strange = tasks[2].model_copy(update={"environments": [other]})
    players = Players("scripted:empty", worlds.open_scope, partial(scripted, "empty", [strange]))
    with pytest.raises(TaskError, match="the task was made in"):
        list(play_on_ray([Job(strange)], players, 1))
