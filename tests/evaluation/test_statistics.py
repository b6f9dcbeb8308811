"""Intervals and tests against published and hand-computed values."""

from __future__ import annotations

import pytest

from envfactory.evaluation import statistics
from envfactory.evaluation.statistics import Observation


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    interval = statistics.wilson(successes, trials)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_wilson_is_symmetric_and_says_nothing_of_nothing() -> None:
    few, many = statistics.wilson(3, 10), statistics.wilson(7, 10)
    assert (few.low, few.high) == pytest.approx((1 - many.high, 1 - many.low))
    assert statistics.wilson(0, 0) == statistics.Interval(0.0, 1.0)


@pytest.mark.parametrize(
    ("better", "worse", "p"),
    [
        (9, 1, 2 * (1 + 10) / 2**10),  # C(10, 0) + C(10, 1) of 1024, twice
        (1, 9, 2 * (1 + 10) / 2**10),
        (5, 0, 2 / 32),
        (4, 4, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_counts_the_tails_of_a_fair_coin(better: int, worse: int, p: float) -> None:
    assert statistics.mcnemar(better, worse) == pytest.approx(p)


def test_pass_at_k_and_pass_hat_k_count_subsets() -> None:
    # Of 4 attempts 2 succeed: of the 6 pairs one is all successes, one all failures.
    assert statistics.all_of(2, 4, 2) == pytest.approx(1 / 6)
    assert statistics.any_of(2, 4, 2) == pytest.approx(5 / 6)


def observed(*scores: float, cluster: str = "") -> list[Observation]:
    return [Observation(f"{cluster}{number}", score, cluster) for number, score in enumerate(scores)]


def test_rates_of_one_cluster_have_wilsons_interval_and_say_nothing_of_others() -> None:
    found = statistics.estimate(observed(*[1.0] * 15, *[0.0] * 133), "seed")
    assert (round(found.interval.low, 4), round(found.interval.high, 4)) == (0.0624, 0.1605)
    assert found.clustered is None


def test_clusters_that_differ_widen_the_interval() -> None:
    easy, hard = observed(*[1.0] * 45, *[0.0] * 5, cluster="a"), observed(*[1.0] * 5, *[0.0] * 45, cluster="b")
    found = statistics.estimate([*easy, *hard], "seed")
    assert found.value == 0.5
    assert found.clustered is not None
    assert found.clustered.low < 0.15 < found.interval.low < found.interval.high < 0.85 < found.clustered.high


def test_resampling_is_near_the_normal_interval_where_that_holds() -> None:
    # 400 scores of mean 1/2 and variance 1/12: 1.96 * sqrt(1 / 12 / 400) = 0.0283 to either side.
    interval = statistics.resampled([[(number + 0.5) / 400 for number in range(400)]], "seed")
    assert interval.low == pytest.approx(0.5 - 0.0283, abs=0.004)
    assert interval.high == pytest.approx(0.5 + 0.0283, abs=0.004)


def test_resampling_is_the_same_for_the_same_seed_only() -> None:
    scores = [[0.013 * number**2 % 1 for number in range(30)]]
    assert statistics.resampled(scores, "one") == statistics.resampled(scores, "one")
    assert statistics.resampled(scores, "one") != statistics.resampled(scores, "two")


def test_two_models_are_compared_on_the_tasks_both_were_given() -> None:
    first = observed(0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    second = observed(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0)
    found = statistics.compare(first, second, "seed")
    assert (found.tasks, found.better, found.worse, found.test) == (6, 5, 0, "McNemar, exact")
    assert found.p == pytest.approx(2 / 32)
    assert found.difference == pytest.approx(5 / 6)


def test_partial_scores_are_compared_by_flipped_signs() -> None:
    found = statistics.compare(observed(0.2, 0.1, 0.3), observed(0.5, 0.6, 0.9), "seed")
    # Three differences of one sign: of the 8 ways to flip them 2 are as far from 0.
    assert found.test == "flipped signs"
    assert found.p == pytest.approx(0.25, abs=0.02)


def test_results_without_a_common_task_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no task in common"):
        statistics.compare(observed(1.0, cluster="a"), observed(1.0, cluster="b"), "seed")
