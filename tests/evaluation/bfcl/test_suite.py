"""The oracle and the empty policy bound every category, as far as the package's own data allow."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from envfactory.errors import ConfigError
from envfactory.evaluation.bfcl.suite import GROUPS, LIVE, MULTI_TURN, NON_LIVE, UNSOLVABLE, BfclSuite, categories_of
from envfactory.evaluation.playing import Try
from envfactory.evaluation.suite import spread

EACH = 12
COUNTS = {  # of the leaderboard's version 4, as its data sheet has them
    "simple_python": 400,
    "simple_java": 100,
    "simple_javascript": 50,
    "multiple": 200,
    "parallel": 200,
    "parallel_multiple": 200,
    "irrelevance": 240,
    "live_simple": 258,
    "live_multiple": 1053,
    "live_parallel": 16,
    "live_parallel_multiple": 24,
    "live_irrelevance": 884,
    "live_relevance": 16,
    **dict.fromkeys(MULTI_TURN, 200),
}


def means(suite: BfclSuite, policy: str, part: str = "") -> dict[str, float]:
    """Return the mean score (or another measure) of a scripted policy in each category."""
    chosen = [each for each in spread(suite.items(), "category", EACH) if each.id not in UNSOLVABLE]
    found: dict[str, list[float]] = defaultdict(list)
    for each in suite.play([Try(item) for item in chosen], suite.scripted(policy), side_by_side=16):
        found[each.traits["category"]].append(each.parts.get(part, 0.0) if part else each.score)
    return {category: sum(scores) / len(scores) for category, scores in found.items()}


def test_every_entry_of_every_category_is_there(suite: BfclSuite) -> None:
    items = suite.items()
    assert Counter(item.traits["category"] for item in items) == COUNTS
    assert {item.id for item in items} > UNSOLVABLE


def test_the_ground_truth_is_right_in_every_category(suite: BfclSuite) -> None:
    assert means(suite, "oracle") == dict.fromkeys(COUNTS, 1.0)


def test_what_the_packages_own_data_refuse_is_known(suite: BfclSuite) -> None:
    tries = [Try(item) for item in suite.items() if item.id in UNSOLVABLE]
    assert [each.score for each in suite.play(tries, suite.scripted("oracle"), side_by_side=8)] == [0.0] * 7


def test_silence_is_right_only_where_no_call_fits(suite: BfclSuite) -> None:
    found = means(suite, "empty")
    assert {category for category, mean in found.items() if mean} == {"irrelevance", "live_irrelevance"}
    assert {found["irrelevance"], found["live_irrelevance"]} == {1.0}


def test_turns_right_before_the_first_wrong_one_are_told(suite: BfclSuite) -> None:
    assert means(suite, "oracle", "prefix")["multi_turn_base"] == 1.0
    assert means(suite, "empty", "prefix")["multi_turn_base"] == 0.0


def test_chance_is_far_from_the_oracle(suite: BfclSuite) -> None:
    found = means(suite, "random")
    assert max(found[category] for category in NON_LIVE + LIVE + MULTI_TURN if "relevance" not in category) <= 0.25


def test_categories_are_named_alone_or_by_their_group() -> None:
    assert categories_of(["simple", "multi_turn", "multi_turn_base"]) == ("simple_python", *MULTI_TURN)
    assert categories_of([]) == GROUPS["all"]


def test_a_category_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"no category memory .*multi_turn_base"):
        categories_of(["memory"])
