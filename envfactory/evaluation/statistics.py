"""How sure a score is: intervals of rates, bootstrap over tasks clustered by environment, paired tests of two models.

Tasks of one environment are alike, so an interval over tasks alone is too narrow as soon as what is asked is how a
model does in *other* environments: the bootstrap draws environments first and tasks within them. Two models are
compared on the same tasks, each task being its own control. Standard library only; every draw has its own seed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import NormalDist, fmean

CONFIDENCE = 0.95
RESAMPLES = 2000
FLIPS = 10000
_TIE = 1e-12


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float


@dataclass(frozen=True)
class Observation:
    """The score of one task, 0 to 1 (the mean where it was tried more than once), and the cluster it belongs to."""

    task: str
    score: float
    cluster: str = ""


@dataclass(frozen=True)
class Estimate:
    """A mean score over tasks. `interval` is for more tasks of these clusters, `clustered` for other clusters too.

    `clustered` is None where there is one cluster only, or all scores are equal: then nothing can be said about others.
    """

    value: float
    tasks: int
    clusters: int
    interval: Interval
    clustered: Interval | None


@dataclass(frozen=True)
class Comparison:
    """Two models on the same tasks: `difference` is second minus first; `p` is two-sided.

    `better` and `worse` count the tasks on which the second scored higher and lower. `test` names how `p` was had.
    """

    tasks: int
    first: float
    second: float
    difference: float
    interval: Interval
    better: int
    worse: int
    p: float
    test: str


# --- one model --------------------------------------------------------------------------------------------------------


def wilson(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """Return Wilson's score interval of a rate (Wilson 1927; method 3 of Newcombe 1998)."""
    if not trials:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    half = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    whole = 1 + z * z / trials
    low = 0.0 if successes == 0 else (middle - half) / whole
    high = 1.0 if successes == trials else (middle + half) / whole
    return Interval(low, high)


def estimate(observations: Sequence[Observation], seed: str, confidence: float = CONFIDENCE) -> Estimate:
    """Return the mean score with its intervals; scores that are all 0 or 1 are a rate, others are resampled."""
    scores = [each.score for each in observations]
    clusters = _by_cluster(observations)
    if all(score in (0.0, 1.0) for score in scores):
        interval = wilson(round(sum(scores)), len(scores), confidence)
    else:
        interval = resampled([scores], f"{seed}/tasks", confidence)
    several = len(clusters) > 1 and len(set(scores)) > 1
    clustered = resampled(list(clusters.values()), f"{seed}/clusters", confidence) if several else None
    return Estimate(fmean(scores) if scores else 0.0, len(scores), len(clusters), interval, clustered)


def resampled(clusters: Sequence[Sequence[float]], seed: str, confidence: float = CONFIDENCE) -> Interval:
    """Return the percentile interval of the mean under a bootstrap of two stages: clusters, then scores within each."""
    means = sorted(_resample(clusters, rng) for rng in [Random(f"bootstrap/{seed}")] for _ in range(RESAMPLES))
    tail = (1 - confidence) / 2
    return Interval(_percentile(means, tail), _percentile(means, 1 - tail))


def all_of(successes: int, trials: int, k: int) -> float:
    """Return the unbiased estimate that `k` attempts in a row all succeed (pass^k of tau-bench)."""
    return math.comb(successes, k) / math.comb(trials, k) if 0 < k <= trials else 0.0


def any_of(successes: int, trials: int, k: int) -> float:
    """Return the unbiased estimate that one of `k` attempts succeeds (pass@k)."""
    return 1 - math.comb(trials - successes, k) / math.comb(trials, k) if 0 < k <= trials else 0.0


# --- two models -------------------------------------------------------------------------------------------------------


def compare(first: Sequence[Observation], second: Sequence[Observation], seed: str) -> Comparison:
    """Compare two models on the tasks that both were given, or raise ValueError where there are none.

    Scores that are all 0 or 1 go through McNemar's exact test, others through a test of flipped signs.
    """
    pairs = _paired(first, second)
    if not pairs:
        raise ValueError("the two results have no task in common")
    differences = [Observation(left.task, right.score - left.score, left.cluster) for left, right in pairs]
    better = sum(each.score > _TIE for each in differences)
    worse = sum(each.score < -_TIE for each in differences)
    binary = all(score in (0.0, 1.0) for left, right in pairs for score in (left.score, right.score))
    p = mcnemar(better, worse) if binary else sign_flips([each.score for each in differences], seed)
    return Comparison(
        tasks=len(pairs),
        first=fmean(left.score for left, _ in pairs),
        second=fmean(right.score for _, right in pairs),
        difference=fmean(each.score for each in differences),
        interval=resampled(list(_by_cluster(differences).values()), f"{seed}/difference"),
        better=better,
        worse=worse,
        p=p,
        test="McNemar, exact" if binary else "flipped signs",
    )


def mcnemar(better: int, worse: int) -> float:
    """Return the exact two-sided p of McNemar's test: were the discordant tasks split by a fair coin?"""
    trials = better + worse
    tail: int = sum(math.comb(trials, each) for each in range(min(better, worse) + 1))
    ways: int = 2**trials
    return min(1.0, 2 * tail / ways)


def sign_flips(differences: Sequence[float], seed: str) -> float:
    """Return the two-sided p that the mean difference is this far from 0 when each sign is a coin's."""
    rng = Random(f"signs/{seed}")
    seen = abs(sum(differences))
    sizes = [abs(each) for each in differences if abs(each) > _TIE]
    as_far = sum(abs(_flipped(sizes, rng)) >= seen - _TIE for _ in range(FLIPS))
    return (as_far + 1) / (FLIPS + 1)


# --- inside -----------------------------------------------------------------------------------------------------------


def _by_cluster(observations: Sequence[Observation]) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for each in observations:
        found[each.cluster].append(each.score)
    return found


def _resample(clusters: Sequence[Sequence[float]], rng: Random) -> float:
    drawn = [rng.choices(cluster, k=len(cluster)) for cluster in rng.choices(clusters, k=len(clusters))]
    total: float = sum(map(sum, drawn))
    return total / sum(map(len, drawn))


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie, interpolated."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _paired(first: Sequence[Observation], second: Sequence[Observation]) -> list[tuple[Observation, Observation]]:
    there = {each.task: each for each in second}
    return [(each, there[each.task]) for each in first if each.task in there]


def _flipped(sizes: Sequence[float], rng: Random) -> float:
    bits = rng.getrandbits(len(sizes)) if sizes else 0
    return sum(size if bits >> at & 1 else -size for at, size in enumerate(sizes))
