"""Which tasks come when."""

from __future__ import annotations

from collections import Counter

import pytest

from envfactory.errors import ConfigError
from envfactory.training.curriculum import schedule, telling, within
from envfactory.training.grpo_config import CurriculumSection

RATES = [0.0, 0.25, 0.5, None, 1.0]


def order(section: CurriculumSection, count: int, seed: int = 0) -> list[int]:
    return schedule(range(len(RATES)), RATES, count, section, 8, seed)


def test_rates_outside_of_the_band_are_left_out_and_unmeasured_ones_count_as_told() -> None:
    assert within(RATES, CurriculumSection(low=0.2, high=0.9, unmeasured=0.5)) == [1, 2, 3]
    assert within(RATES, CurriculumSection(low=0.2, high=0.9, unmeasured=0.0)) == [1, 2]


def test_a_band_without_tasks_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match=r"no task has a solve rate from 0\.6 to 0\.9"):
        within(RATES, CurriculumSection(low=0.6, high=0.9))


def test_shuffled_tasks_come_equally_often_and_by_the_seed() -> None:
    made = order(CurriculumSection(), 15)
    assert Counter(made) == dict.fromkeys(range(5), 3)
    assert made == order(CurriculumSection(), 15)
    assert made != order(CurriculumSection(), 15, seed=1)


def test_easy_ones_come_first() -> None:
    made = order(CurriculumSection(order="easy_first", unmeasured=0.5), 10)
    rates = [0.5 if RATES[place] is None else RATES[place] for place in made]
    assert rates == sorted(rates, reverse=True)
    assert Counter(made) == dict.fromkeys(range(5), 2)


def test_a_band_draws_what_can_be_told_apart() -> None:
    drawn = Counter(order(CurriculumSection(order="band"), 2000))
    assert drawn[0] + drawn[4] < 120  # 2 × 0.02 of about 2.9 in weights
    assert drawn[2] > drawn[0] * 10


@pytest.mark.parametrize(("rate", "chance"), [(0.0, 0.0), (1.0, 0.0), (0.5, 0.5)])
def test_a_group_of_two_differs_by_chance(rate: float, chance: float) -> None:
    assert telling(rate, 2) == chance
