"""Attempts side by side."""

from __future__ import annotations

from collections.abc import Sequence

from envfactory.errors import ModelError
from envfactory.evaluation.playing import Try
from envfactory.rollouts.policy import Asked, Reply, written
from tests.evaluation.conftest import Names, Saying


def tries(suite: Names) -> list[Try]:
    return [Try(item) for item in suite.items()]


def test_every_item_is_played_and_no_more_at_once_than_asked_for() -> None:
    suite, policy = Names("ann", "bob", "cid", "dan", "eve"), Saying()
    found = list(suite.play(tries(suite), policy, side_by_side=2))
    assert sorted(each.item for each in found) == ["ann", "bob", "cid", "dan", "eve"]
    assert (policy.most, [each.score for each in found]) == (2, [1.0] * 5)


def test_what_was_written_and_why_it_was_wrong_is_kept() -> None:
    suite = Names("ann")
    (found,) = suite.play(tries(suite), Saying(ann=written("Anna", tokens=3)), side_by_side=1)
    assert (found.score, found.why, found.wrote, found.tokens) == (0.0, "said Anna", ["Anna"], 3)
    assert found.traits == {"letter": "a"}


def test_one_that_breaks_costs_itself_alone() -> None:
    suite = Names("ann", "bob")
    found = {each.item: each for each in suite.play(tries(suite), Saying(bob=Reply(failed="gone")), side_by_side=2)}
    assert (found["bob"].status, found["bob"].why) == ("infrastructure", "gone")
    assert found["ann"].status == "scored"


def test_a_batch_that_breaks_is_not_scored() -> None:
    class Broken:
        name = "broken"

        def replies(self, asked: Sequence[Asked]) -> list[Reply]:
            raise ModelError("the server is down")

    suite = Names("ann", "bob")
    found = list(suite.play(tries(suite), Broken(), side_by_side=2))
    assert [each.status for each in found] == ["infrastructure"] * 2


def test_talks_are_closed_also_where_nobody_listens_any_more() -> None:
    suite = Names("ann", "bob", "cid")
    playing = suite.play(tries(suite), Saying(), side_by_side=3)
    next(playing)
    playing.close()  # type: ignore[attr-defined]
    assert all(talk.closed for talk in suite.opened)
