"""Rollouts over processes: the same as in one, and a process that dies or stands still costs one rollout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from envfactory.errors import TaskError
from envfactory.rollouts.driver import Job, RolloutOptions, jobs_of, play
from envfactory.rollouts.processes import Players, Share, lost, play_on_processes, shares_of
from envfactory.rollouts.scripted import scripted
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.rollouts import worlds


@pytest.fixture(scope="module")
def world() -> Iterator[Scope]:
    with worlds.open_scope() as made:
        yield made


@pytest.fixture(scope="module")
def played(world: Scope) -> list[Task]:
    return worlds.tasks_of(world)


def breaking(tasks: list[Task], how: str) -> Players:
    policy = partial(worlds.Breaking, tasks, "rating", how)
    return Players("scripted:breaking", worlds.open_scope, policy, RolloutOptions(keep_messages=False))


def test_processes_make_what_one_process_makes(world: Scope, played: list[Task]) -> None:
    jobs = jobs_of(played, attempts=2)
    here = play(jobs, world, scripted("oracle", played))
    players = Players("scripted:oracle", worlds.open_scope, partial(scripted, "oracle", played))
    there = play_on_processes(jobs, players, 2, share=2)
    told = [sorted(each.model_dump_json() for each in made) for made in (here, there)]
    assert told[0] == told[1]
    assert len(told[0]) == 6


@pytest.mark.parametrize(("how", "patience"), [("dies", None), ("stands still", 1.5)])
def test_a_process_that_is_lost_costs_one_rollout(played: list[Task], how: str, patience: float | None) -> None:
    made = play_on_processes(jobs_of(played), breaking(played, how), 1, share=3, patience=patience)
    told = {each.task: each for each in made}
    assert {name: each.status for name, each in told.items()} == {
        "porto": "complete",
        "both": "complete",
        "rating": "infrastructure",
    }
    assert "lost twice" in told["rating"].trouble


def test_a_mistake_in_a_process_reaches_the_caller(played: list[Task]) -> None:
    other = played[2].environments[0].model_copy(update={"content_hash": "00" * 32})
    strange = played[2].model_copy(update={"environments": [other]})
    players = Players("scripted:empty", worlds.open_scope, partial(scripted, "empty", [strange]))
    with pytest.raises(TaskError, match="the task was made in"):
        list(play_on_processes([Job(strange)], players, 1))


def test_shares_hold_jobs_of_one_environment(played: list[Task]) -> None:
    jobs = jobs_of(played, attempts=2)
    elsewhere = [played[0].environments[0].model_copy(update={"name": "lake_office"})]
    other = Job(played[0].model_copy(update={"environments": elsewhere}))
    assert [len(share.jobs) for share in shares_of([*jobs, other], 4)] == [4, 2, 1]


def test_jobs_of_a_lost_process_are_tried_alone_and_then_given_up(played: list[Task]) -> None:
    players = breaking(played, "dies")
    jobs = tuple(jobs_of(played))
    assert lost(Share(jobs), players) == ([], [Share((job,), 1) for job in jobs])
    (given_up,), again = lost(Share(jobs[:1], 1), players)
    assert (given_up.status, given_up.solver, again) == ("infrastructure", "scripted:breaking", [])
