"""Reasoning from the information flow: at most two sentences, and no key that was not seen."""

from __future__ import annotations

import re
from random import Random

import pytest

from envfactory.phrasing.thoughts import asking_thought, declining_thought, refusal_thought, retry_thought, thought
from envfactory.tasks.model import Mention, Reply, Task
from tests.phrasing.rides import BY_NAME, RIDE, booking, cancelling, conversation, listing, quoting

SEEDS = range(12)


def booked() -> Task:
    return conversation([quoting().model_copy(update={"purpose": "resolve"}), booking()], [])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_looked_up_is_what_a_later_call_takes(seed: int) -> None:
    assert "the right car" in thought(booked(), 0, BY_NAME, Random(seed)).lower()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rule_of_selection_is_said(seed: int) -> None:
    assert thought(booked(), 1, BY_NAME, Random(seed)).startswith("Of the cars, the sedan is the cheapest.")


def test_a_row_that_was_meant_is_named_from_their_side() -> None:
    task = conversation([listing([RIDE]), cancelling()], [])
    assert "their ride to Old Town at 08:20 on Tuesday 5 October" in thought(task, 1, BY_NAME, Random(1)).replace(
        "Their", "their"
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("index", [0, 1])
def test_thoughts_are_brief_and_hold_no_keys(seed: int, index: int) -> None:
    text = thought(booked(), index, BY_NAME, Random(seed))
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", text)) <= 2
    assert not re.search(r"\b(?:vc|ar|rd|pa)_\d", text)


def test_nothing_is_known_before_it_was_seen() -> None:
    assert "sedan" not in thought(booked(), 0, BY_NAME, Random(1))


@pytest.mark.parametrize("code", ["TIMEOUT", "RATE_LIMITED", "UNAVAILABLE"])
def test_a_fault_is_followed_by_another_try(code: str) -> None:
    assert len({retry_thought(code, Random(seed)) for seed in range(30)}) == 3


def test_a_refusal_is_taken_for_an_answer() -> None:
    assert "NO_CAR_LEFT" in refusal_thought(booking(outcome="NO_CAR_LEFT"), Random(1))


def test_what_is_asked_for_is_a_parameter_or_which_row_is_meant() -> None:
    missing = Mention(id="m", environment="rides", slot="book_ride.pickup_at", value="2027-10-05T08:20:00Z")
    which = Mention(id="m", environment="rides", slot="rides.pickup_at", value="2027-10-05T08:20:00Z")
    asked, chosen = (
        asking_thought(Reply(question="?", text="", mentions=[each]), BY_NAME, Random(1)) for each in (missing, which)
    )
    assert "pickup" in asked
    assert "one" in chosen
    assert "pickup" not in chosen


def test_declining_varies() -> None:
    assert len({declining_thought(Random(seed)) for seed in range(30)}) == 3
