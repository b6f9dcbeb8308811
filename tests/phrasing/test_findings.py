"""What reads found: counts, rows, single facts; with frames and without."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from envfactory.phrasing.assistant import Knowledge, knowledge
from envfactory.phrasing.findings import clause, counted_rows, reported_read, tidy
from envfactory.tasks.model import GoldCall
from tests.phrasing.rides import BY_NAME, OTHER, QUOTES, RIDE, call, conversation, fact, listing, quoting


def known_of(each: GoldCall) -> Knowledge:
    return knowledge(conversation([each], []), BY_NAME, 0, answered=True)


@pytest.mark.parametrize(
    ("name", "kind", "value", "said"),
    [
        ("fare_cents", "money", 3900, "it costs €39.00"),
        ("total_cents", "money", 3900, "the total is €39.00"),
        ("adult_cents", "money", 3900, "the adult price is €39.00"),
        ("discount_cents", "money", 3900, "the discount is €39.00"),
        ("difference_cents", "money", -861, "that is €8.61 less"),
        ("balance_cents", "money", -500, "the balance is €5.00 under zero"),
        ("open_cents", "money", -1985, "you get €19.85 back"),
        ("departs_at", "datetime", "2027-10-05T08:20:00Z", "it departs at 08:20 on Tuesday 5 October"),
        ("created_at", "datetime", "2027-10-03T08:20:00Z", "it was created at 08:20 on Sunday 3 October"),
        ("return_date", "date", "2027-10-05", "the return date is Tuesday 5 October"),
        ("valid_until", "date", "2027-10-05", "it is valid until Tuesday 5 October"),
        ("seats_free", "number", 3, "there are 3 seats free"),
        ("pets_allowed", "boolean", False, "pets allowed: no"),
        ("status", "text", "checked_in", "it is checked in"),
        ("cars_left", "number", 2, "2 cars are left"),
    ],
)
def test_a_fact_is_a_clause(name: str, kind: Any, value: Any, said: str) -> None:
    assert clause(known_of(quoting()), quoting(), fact(name, kind, value, 0, f"quotes[0].{name}")) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 places are left", "1 place is left."),
        ("there are 1 left", "There is 1 left."),
        ("1 half days are left", "1 half day is left."),
        ("1 miles go back to you", "1 mile goes back to you."),
        ("11 places are left", "11 places are left."),
        ("1 mile goes back", "1 mile goes back."),
        ("it covers 1 people", "It covers 1 person."),
        ("1 children are coming", "1 child is coming."),
        ("21 people are coming", "21 people are coming."),
    ],
)
def test_sentences_agree_with_one(text: str, said: str) -> None:
    assert tidy(text) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (QUOTES, " 2 cars."),
        ([QUOTES[0], {**QUOTES[0], "fare_cents": 5900}], " 2 quotes."),  # one car at two fares is not two cars
        ([{"fare_cents": 3900}], " 1 quote."),
    ],
)
def test_rows_are_counted_by_what_they_are_or_by_the_lists_name(rows: list[dict[str, Any]], said: str) -> None:
    each = call("quote_rides", {"people": 2}, {"quotes": rows})
    assert counted_rows(known_of(each), each, Random(1)).endswith(said)


def test_the_facts_of_one_row_follow_its_name() -> None:
    facts = [
        fact("fare_cents", "money", 5200, 0, "quotes[1].fare_cents"),
        fact("cars_left", "number", 4, 0, "quotes[1].cars_left"),
    ]
    each = quoting()
    told = reported_read(known_of(each), conversation([each], facts, "informed").turns[0], each, facts, Random(1))
    assert told == "The van costs €52.00 and 4 cars are left."


def test_a_row_is_told_once_with_all_that_was_asked() -> None:
    facts = [
        part
        for at, ride in enumerate((RIDE, OTHER))
        for part in (
            fact("area", "text", ride["area"], 0, f"rides[{at}].area"),
            fact("status", "text", "booked", 0, f"rides[{at}].status"),
        )
    ]
    each = listing([RIDE, OTHER])
    told = reported_read(known_of(each), conversation([each], facts, "informed").turns[0], each, facts, Random(1))
    assert (
        "to Old Town at 08:20 on Tuesday 5 October (booked); to Karlin at 19:05 on Wednesday 6 October (booked)."
        in told
    )


def test_one_row_of_a_list_is_one_and_not_these() -> None:
    each = call("quote_rides", {"people": 2}, {"quotes": QUOTES[:1]})
    facts = [fact("fare_cents", "money", 3900, 0, "quotes[0].fare_cents", rivals=[5200])]
    told = reported_read(known_of(each), conversation([each], facts, "informed").turns[0], each, facts, Random(1))
    assert told == "The sedan costs €39.00."


def test_the_one_row_of_a_list_is_said_to_be_one() -> None:
    each = listing([RIDE])
    facts = [
        fact("area", "text", "Old Town", 0, "rides[0].area"),
        fact("pickup_at", "datetime", RIDE["pickup_at"], 0, "rides[0].pickup_at"),
    ]
    told = reported_read(known_of(each), conversation([each], facts, "informed").turns[0], each, facts, Random(1))
    assert told.endswith(" one ride to Old Town at 08:20 on Tuesday 5 October.")


@pytest.mark.parametrize(
    ("amount", "minor", "said"),
    [
        ("fare_cents", 3900, "sedan (€39.00)"),
        ("fare_cents", 0, "sedan (free)"),
        ("late_fee_cents", 0, "sedan and"),
    ],
)
def test_what_costs_nothing_is_free_and_what_is_not_owed_goes_unsaid(amount: str, minor: int, said: str) -> None:
    rows = [{"vehicle_id": "vc_1", "vehicle": "sedan", amount: minor}, {**QUOTES[1]}]
    each = call("quote_rides", {"people": 2}, {"quotes": rows})
    facts = [fact("vehicle", "text", row["vehicle"], 0, f"quotes[{at}].vehicle") for at, row in enumerate(rows)]
    task = conversation([each], [fact("fare_cents", "money", 5200, 0, "quotes[1].fare_cents")], "informed")
    told = reported_read(knowledge(task, BY_NAME, 0, answered=True), task.turns[0], each, facts, Random(1))
    assert said in told
    assert "van (€52.00)" in told
