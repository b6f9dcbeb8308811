"""Proposals keep to what is fixed, are about the person, and are the same for the same stream."""

from __future__ import annotations

import random

import pytest

from envfactory.bench.inputs.world import Place
from envfactory.sampling.inventing import Wish
from envfactory.sampling.proposing import Proposer
from envfactory.sampling.views import EnvironmentView


@pytest.fixture
def proposer(view: EnvironmentView) -> Proposer:
    return Proposer(view)


def test_what_is_fixed_stays(view: EnvironmentView, proposer: Proposer) -> None:
    wish = Wish(view.persons()[0], fixed={"boat_id": "bt_09"})
    proposed = proposer.propose(view.tools["book_boat"], view.world, wish, random.Random(1), 20)
    assert len(proposed) >= 10
    assert {(each["boat_id"], each["customer_id"]) for each in proposed} == {("bt_09", "cu_01")}


def test_days_end_after_they_begin(view: EnvironmentView, proposer: Proposer) -> None:
    wish = Wish(view.persons()[0])
    proposed = proposer.propose(view.tools["search_boats"], view.world, wish, random.Random(2), 20)[:20]
    assert proposed
    assert all(each["start_date"] < each["end_date"] for each in proposed)


def test_gear_is_that_of_the_harbour_where_the_boat_lies(view: EnvironmentView, proposer: Proposer) -> None:
    hire = view.world.where("hires", "id", "hi_10")[0]  # Maestral, in Split
    wish = Wish(view.persons()[6], fixed={"hire_id": "hi_10"}, rows=(Place("hires", hire),))
    proposed = proposer.propose(view.tools["add_gear"], view.world, wish, random.Random(3), 20)[:20]
    in_split = [each["gear_id"] in ("gr_03", "gr_04") for each in proposed]
    assert sum(in_split) > len(in_split) / 2


def test_the_same_stream_gives_the_same(view: EnvironmentView, proposer: Proposer) -> None:
    wish = Wish(view.persons()[2], values={"start_date": "2026-06-01"})
    one, other = (proposer.propose(view.tools["book_boat"], view.world, wish, random.Random("x"), 12) for _ in range(2))
    assert one == other


def test_a_list_names_different_things(view: EnvironmentView, proposer: Proposer) -> None:
    proposed = proposer.propose(view.tools["compare_boats"], view.world, Wish(view.persons()[0]), random.Random(4), 8)
    assert proposed
    assert all(len(set(each["boat_ids"])) == len(each["boat_ids"]) >= 2 for each in proposed[:8])
