"""What a run of suites came to: scores with intervals, broken down by traits; and two such results against each other.

A score is a mean over items, an item's being the mean over its attempts; attempts that broken infrastructure ended are
left out and counted. Everything here can be counted again from the scores, which a result keeps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from pydantic import ValidationError

from envfactory.environments.contract import Strict
from envfactory.errors import ConfigError
from envfactory.evaluation.items import Scored
from envfactory.evaluation.statistics import Comparison, Estimate, Observation, all_of, any_of, compare, estimate

ALL = "all"


class Figures(Strict):
    """A mean over `items`: `low` to `high` for more items of these clusters, `clustered` for other clusters too."""

    items: int
    value: float
    low: float
    high: float
    clusters: int = 1
    clustered: tuple[float, float] | None = None


class Score(Strict):
    """One attempt, as it is needed to compare results."""

    item: str
    attempt: int = 0
    score: float = 0.0
    cluster: str = ""
    traits: dict[str, str] = {}


class SuiteResult(Strict):
    """One suite. `groups` are by trait and its value, `parts` other measures, `passes` pass@k and pass^k over attempts."""

    suite: str
    measure: str
    facts: dict[str, Any] = {}
    attempts: int = 1
    infrastructure: int = 0
    overall: Figures
    groups: dict[str, dict[str, Figures]] = {}
    parts: dict[str, Figures] = {}
    passes: dict[str, float] = {}
    calls: int = 0
    malformed: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    scores: list[Score] = []


class Against(Strict):
    """One line of a comparison: a suite, or a group of it."""

    suite: str
    group: str
    tasks: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    better: int
    worse: int
    p: float
    test: str


class Result(Strict):
    """A model's results in several suites. `settings` are those by which it was asked, `against` a comparison made."""

    version: Literal[1] = 1
    model: str
    settings: dict[str, Any] = {}
    suites: list[SuiteResult] = []
    against: list[Against] = []


def summed(
    suite: str, measure: str, traits: Sequence[str], facts: Mapping[str, Any], scored: Sequence[Scored]
) -> SuiteResult:
    """Return what the attempts of a suite came to."""
    fair = [each for each in scored if each.status == "scored"]
    names = sorted({name for each in fair for name in each.parts})
    return SuiteResult(
        suite=suite,
        measure=measure,
        facts=dict(facts),
        attempts=max((each.attempt + 1 for each in scored), default=1),
        infrastructure=len(scored) - len(fair),
        overall=_figures(_observed(fair), suite),
        groups={trait: _grouped(fair, trait, suite) for trait in traits},
        parts={name: _figures(_observed(_having(fair, name), name), f"{suite}/{name}") for name in names},
        passes=_passes(fair),
        calls=sum(each.calls for each in scored),
        malformed=sum(each.malformed for each in scored),
        prompt_tokens=sum(each.prompt_tokens for each in scored),
        tokens=sum(each.tokens for each in scored),
        seconds=round(sum(each.seconds for each in scored), 1),
        scores=[Score(**each.model_dump(include=set(Score.model_fields))) for each in fair],
    )


def compared(first: Result, second: Result) -> Iterator[Against]:
    """Yield, for each suite that both have, how the second does against the first: as a whole and by its first trait."""
    other = {each.suite: each for each in first.suites}
    for mine in second.suites:
        theirs = other.get(mine.suite)
        if theirs is not None:
            yield from _against(theirs, mine)


def differing(first: Result, second: Result) -> Iterator[str]:
    """Yield, for each suite that both have, which facts of it differ, those of model and settings aside."""
    other = {each.suite: each for each in first.suites}
    aside = {"model", "attempts", "limit", *first.settings, *second.settings}
    for mine in second.suites:
        theirs = other[mine.suite].facts if mine.suite in other else mine.facts
        keys = [key for key in mine.facts if key not in aside and mine.facts[key] != theirs.get(key)]
        if keys:
            yield f"{mine.suite} differs in {', '.join(keys)}: items of the same name may not be the same"


def read_result(path: Path) -> Result:
    """Read a result; ConfigError where it is none."""
    try:
        return Result.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}", remedy="give a result, as --json writes it"
        ) from error
    except ValidationError as error:
        raise ConfigError(
            f"{path} is no result of `envfactory eval`", remedy="give one, as --json writes it"
        ) from error


def _observed(scored: Iterable[Scored | Score], part: str = "") -> list[Observation]:
    """Return one observation an item: the mean over its attempts."""
    items: dict[str, list[Scored | Score]] = defaultdict(list)
    for each in scored:
        items[each.item].append(each)
    return [
        Observation(name, fmean(_worth(each, part) for each in tries), tries[0].cluster)
        for name, tries in items.items()
    ]


def _having(scored: Sequence[Scored], part: str) -> list[Scored]:
    return [each for each in scored if part in each.parts]


def _worth(scored: Scored | Score, part: str) -> float:
    return scored.parts[part] if part and isinstance(scored, Scored) else scored.score


def _figures(observations: Sequence[Observation], seed: str) -> Figures:
    found: Estimate = estimate(observations, seed)
    clustered = (found.clustered.low, found.clustered.high) if found.clustered else None
    return Figures(
        items=found.tasks,
        value=found.value,
        low=found.interval.low,
        high=found.interval.high,
        clusters=found.clusters,
        clustered=clustered,
    )


def _grouped(scored: Sequence[Scored], trait: str, suite: str) -> dict[str, Figures]:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for each in scored:
        if trait in each.traits:
            groups[each.traits[trait]].append(each)
    return {value: _figures(_observed(group), f"{suite}/{trait}/{value}") for value, group in sorted(groups.items())}


def _passes(scored: Sequence[Scored]) -> dict[str, float]:
    """Return pass@k and pass^k for every k, over the items that were tried most often; nothing for one attempt."""
    right: dict[str, list[bool]] = defaultdict(list)
    for each in scored:
        right[each.item].append(each.score >= 1.0)
    most = max(map(len, right.values()), default=0)
    whole = [tries for tries in right.values() if len(tries) == most]
    if most < 2:
        return {}
    found: dict[str, float] = {}
    for k in range(1, most + 1):
        found[f"pass@{k}"] = fmean(any_of(sum(tries), most, k) for tries in whole)
        found[f"pass^{k}"] = fmean(all_of(sum(tries), most, k) for tries in whole)
    return found


def _against(first: SuiteResult, second: SuiteResult) -> Iterator[Against]:
    trait = next(iter(second.groups), "")
    values = [ALL, *(second.groups.get(trait, {}) if trait else [])]
    for value in values:
        before, after = (
            _observed(each for each in result.scores if value in (ALL, each.traits.get(trait)))
            for result in (first, second)
        )
        if {each.task for each in before} & {each.task for each in after}:
            yield _line(second.suite, value, compare(before, after, f"{second.suite}/{value}"))


def _line(suite: str, group: str, found: Comparison) -> Against:
    told = {name: value for name, value in asdict(found).items() if name != "interval"}
    return Against(suite=suite, group=group, low=found.interval.low, high=found.interval.high, **told)
