"""Final answers: all facts, names for what is spoken of, refusals that say what did not happen and why."""

from __future__ import annotations

from random import Random

import pytest

from envfactory.phrasing.answers import answer, question
from envfactory.reading.values import denies, states
from envfactory.tasks.model import Mention, Reply
from tests.phrasing.rides import (
    BY_NAME,
    NOW,
    OTHER,
    QUOTES,
    RIDE,
    booking,
    call,
    cancelling,
    conversation,
    fact,
    listing,
    quoting,
)

SEEDS = range(12)


def test_a_write_says_what_was_done_and_what_it_came_to() -> None:
    facts = [fact("fare_cents", "money", 3900, 1, "fare_cents"), fact("due_on", "date", "2027-10-20", 1, "due_on")]
    text = answer(conversation([quoting(), booking()], facts), 0, BY_NAME, Random(1))
    done = "I've booked the sedan to Old Town, at 08:20 on Tuesday 5 October, with 1 suitcase."
    assert text.endswith(f"{done} It costs €39.00, payable by Wednesday 20 October.")


def test_an_answer_without_a_name_gets_one() -> None:
    facts = [fact("refund_cents", "money", 0, 1, "refund_cents")]
    text = answer(conversation([listing([RIDE]), cancelling()], facts), 0, BY_NAME, Random(1))
    assert text == "That's cancelled: your ride to Old Town at 08:20 on Tuesday 5 October. You get €0.00 back."


def test_a_ranking_is_answered_by_the_row_and_not_the_list() -> None:
    ranked = [Mention(id="m", environment="rides", slot="vehicles.fare_cents", value="min", form="ranked")]
    facts = [
        fact("vehicle", "text", "sedan", 0, "quotes[0].vehicle", rivals=["van"]),
        fact("fare_cents", "money", 3900, 0, "quotes[0].fare_cents", rivals=[5200]),
    ]
    text = answer(conversation([quoting()], facts, "informed", ranked), 0, BY_NAME, Random(1))
    assert text == "The cheapest car is the sedan: it costs €39.00."


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_are_listed_by_what_tells_them_apart(seed: int) -> None:
    facts = [
        fact("pickup_at", "datetime", ride["pickup_at"], 0, f"rides[{at}].pickup_at")
        for at, ride in enumerate((RIDE, OTHER))
    ]
    text = answer(conversation([listing([RIDE, OTHER])], facts, "informed"), 0, BY_NAME, Random(seed))
    assert text.endswith(
        "these rides: to Old Town at 08:20 on Tuesday 5 October; to Karlin at 19:05 on Wednesday 6 October."
    )
    assert all(states(text, "datetime", ride["pickup_at"], "", NOW) for ride in (RIDE, OTHER))


@pytest.mark.parametrize(("rides", "said"), [([RIDE], "You have 1 ride."), ([RIDE, OTHER], "You have 2 rides.")])
def test_a_count_agrees_with_its_noun(rides: list[dict[str, str]], said: str) -> None:
    facts = [fact("count", "number", len(rides), 0, "rides[]")]
    assert answer(conversation([listing(rides)], facts, "informed"), 0, BY_NAME, Random(1)) == said


def test_a_detail_is_said_of_its_row_and_the_day_once() -> None:
    ride = RIDE | {"minutes": 1}
    gold = [listing([RIDE]), call("get_ride", {"ride_id": "rd_1"}, {"ride": ride})]
    text = answer(
        conversation(gold, [fact("minutes", "number", 1, 1, "ride.minutes")], "informed"), 0, BY_NAME, Random(1)
    )
    assert text == "Your ride to Old Town at 08:20 on Tuesday 5 October takes 1 minute."


@pytest.mark.parametrize("seed", SEEDS)
def test_a_refusal_says_what_did_not_happen_why_and_a_way_out(seed: int) -> None:
    facts = [fact("refusal", "refusal", "NO_CAR_LEFT", 1, "", terms=["gone"])]
    text = answer(
        conversation([quoting(), booking(outcome="NO_CAR_LEFT", result=None)], facts, "refused"),
        0,
        BY_NAME,
        Random(seed),
    )
    assert "I couldn't book the sedan: the sedan is gone at that time." in text
    assert text.endswith("I can look for another car if you like.")
    assert denies(text)


def test_a_reason_speaks_to_the_person_and_keeps_its_term() -> None:
    facts = [fact("refusal", "refusal", "OWN_RIDE", 1, "", terms=["ride"])]
    text = answer(
        conversation([quoting(), booking(outcome="OWN_RIDE", result=None)], facts, "refused"), 0, BY_NAME, Random(1)
    )
    assert "you have a ride then" in text
    assert "another" not in text  # another car would not help


def test_what_a_look_at_something_says_of_its_parts_is_said_of_it() -> None:
    each = call(
        "get_ride",
        {"ride_id": "rd_1"},
        {"ride": RIDE | {"minutes": 20}, "car": {"vehicle_id": "vc_1", "vehicle": "sedan", "cars_left": 2}},
    )
    facts = [
        fact("cars_left", "number", 2, 0, "car.cars_left"),
        fact("minutes", "number", 20, 0, "ride.minutes"),
    ]
    text = answer(conversation([each], facts, "informed"), 0, BY_NAME, Random(1))
    assert text == "Your ride to Old Town at 08:20 on Tuesday 5 October takes 20 minutes and there are 2 cars left."


@pytest.mark.parametrize("seed", SEEDS)
def test_what_no_tool_does_is_declined_as_such(seed: int) -> None:
    assert denies(answer(conversation([], [], "declined"), 0, BY_NAME, Random(seed)))


def test_a_fact_that_the_words_would_hide_is_added() -> None:
    facts = [fact("cars_left", "number", 4, 0, "quotes[1].cars_left", rivals=[1])]
    text = answer(conversation([quoting()], facts, "informed"), 0, BY_NAME, Random(1))
    assert states(text, "number", 4, "", NOW)
    assert not states(text, "number", QUOTES[0]["fare_cents"], "", NOW)


def test_the_same_rng_gives_the_same_words_and_others_vary() -> None:
    task = conversation([quoting(), booking()], [])
    told = [answer(task, 0, BY_NAME, Random(seed)) for seed in range(20)]
    assert told == [answer(task, 0, BY_NAME, Random(seed)) for seed in range(20)]
    assert len(set(told)) > 2


def test_a_question_is_the_one_that_was_missing() -> None:
    reply = Reply(question="How many bags?", text="Two.", mentions=[])
    assert {question(reply, Random(seed)).removesuffix("How many bags?") for seed in range(30)} > {"", "Of course. "}
