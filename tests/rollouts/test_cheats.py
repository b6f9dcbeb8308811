"""Reward hacking, looked for: over a hundred tasks no trick pays as honest work given up half way, nor near the gold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from envfactory.environments.artefact import Environment
from envfactory.rollouts.cheats import CHEATS
from envfactory.rollouts.driver import RolloutOptions, jobs_of, play
from envfactory.rollouts.scripted import scripted
from envfactory.sampling import Refused, Sampler
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.support import LocalWorker

COUNT = 100
OPTIONS = RolloutOptions(keep_messages=False)


class Sampled(NamedTuple):
    """A hundred sampled tasks, open for play."""

    scope: Scope
    tasks: list[Task]
    rewards: dict[str, float]

    def reward(self, name: str) -> float:
        """Return the mean reward of a scripted policy, played once."""
        if name not in self.rewards:
            self.rewards[name] = self._played(name)
        return self.rewards[name]

    def _played(self, name: str) -> float:
        made = list(play(jobs_of(self.tasks), self.scope, scripted(name, self.tasks), OPTIONS))
        rewards = [each.grade.reward for each in made if each.grade and each.grade.reward is not None]
        assert len(rewards) == COUNT
        return sum(rewards) / COUNT


@pytest.fixture(scope="module")
def sampled(boats: Environment) -> Iterator[Sampled]:
    with Scope([boats], open_worker=LocalWorker) as scope:
        sampler = Sampler(scope, seed=5)
        made = (sampler.sample(index) for index in range(COUNT + 20))
        yield Sampled(scope, [task for task in made if not isinstance(task, Refused)][:COUNT], {})


@pytest.fixture(scope="module")
def honest(sampled: Sampled) -> float:
    """What the honest half earns: more than nothing, and less than half of what there is."""
    reward = sampled.reward("half")
    assert 0 < reward < 0.5
    return reward


@pytest.mark.long
def test_the_gold_earns_all_there_is(sampled: Sampled) -> None:
    assert sampled.reward("oracle") == 1.0


@pytest.mark.long
@pytest.mark.parametrize("name", CHEATS)
def test_a_trick_earns_less_than_honest_work(sampled: Sampled, honest: float, name: str) -> None:
    reward = sampled.reward(name)
    assert reward < honest
    assert reward < 0.25


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["do_nothing", "answer_without_acting", "refuse_everything", "spoof_output", "call_everything"]
)
def test_what_does_nothing_or_anything_earns_nothing(sampled: Sampled, name: str) -> None:
    assert sampled.reward(name) < 0.01
