"""The rows of a list: all of them, each by what tells it apart; what is on offer at several rates is one thing."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from envfactory.phrasing.assistant import knowledge
from envfactory.phrasing.listing import listed_rows
from envfactory.tasks.model import Fact, GoldCall
from tests.phrasing.rides import BY_NAME, OTHER, QUOTES, RIDE, call, conversation, fact, listing


def told(each: GoldCall, facts: list[Fact], *, priced: bool = True) -> str:
    """Return what is said of the rows, after the words that begin it."""
    money = [fact("fare_cents", "money", 1, 0, "x")] if priced else []
    known = knowledge(conversation([each], money, "informed"), BY_NAME, 0, answered=True)
    return listed_rows(known, each, facts, Random(1)).partition(" these ")[2] or listed_rows(
        known, each, facts, Random(1)
    )


def area(value: str, row: int) -> Fact:
    return fact("area", "text", value, 0, f"rides[{row}].area")


def test_a_row_that_no_fact_is_of_is_told_too() -> None:
    rides = [RIDE, {**RIDE, "ride_id": "rd_3", "pickup_at": "2027-10-08T09:00:00Z"}, OTHER]
    said = told(listing(rides), [area("Old Town", 0), area("Karlin", 2)])
    assert said == (
        "rides: to Old Town at 08:20 on Tuesday 5 October; to Old Town at 09:00 on Friday 8 October; "
        "to Karlin at 19:05 on Wednesday 6 October"
    )


def test_what_is_over_is_said_to_be_where_not_all_are() -> None:
    said = told(listing([RIDE, {**OTHER, "status": "cancelled"}]), [area("Old Town", 0), area("Karlin", 1)])
    assert said.endswith("to Karlin at 19:05 on Wednesday 6 October (cancelled)")
    assert said.count("(") == 1


def test_a_long_list_is_told_in_part_and_as_a_part() -> None:
    many = [{**OTHER, "ride_id": f"rd_{day}", "pickup_at": f"2027-10-{day:02}T19:05:00Z"} for day in range(10, 20)]
    said = told(listing([RIDE, *many]), [area("Old Town", 0), area("Karlin", 1)])
    assert "11 rides, among them to Old Town at 08:20 on Tuesday 5 October; to Karlin" in said
    assert said.count("Karlin") == 1


def test_one_thing_at_several_rates_is_one() -> None:
    rows = [{**QUOTES[0], "area": name, "area_id": key} for name, key in (("Old Town", "ar_1"), ("Karlin", "ar_2"))]
    dear = [{**row, "vehicle_id": "vc_2", "vehicle": "van", "fare_cents": 5200} for row in rows]
    quotes = [{name: row[name] for name in ("area_id", "area", "vehicle_id", "vehicle", "fare_cents")} for row in [*rows, *dear]]  # fmt: skip
    facts = [fact("area", "text", "Old Town", 0, "quotes[0].area"), fact("area", "text", "Karlin", 0, "quotes[1].area")]
    said = told(call("quote_rides", {"people": 2}, {"quotes": quotes}), facts)
    assert said == "quotes: Old Town (sedan €39.00, van €52.00); Karlin (sedan €39.00, van €52.00)"


def test_rates_without_names_are_told_from_the_least_on() -> None:
    rows = [{"area_id": "ar_1", "area": "Old Town", "fare_cents": minor} for minor in (5200, 3900)]
    facts = [fact("area", "text", "Old Town", 0, "quotes[0].area")]
    assert told(call("quote_rides", {"people": 2}, {"quotes": rows}), facts).endswith("Old Town (from €39.00)")


@pytest.mark.parametrize(
    ("name", "kind", "value", "said"),
    [
        ("pickup_at", "datetime", RIDE["pickup_at"], "to Old Town at 08:20 on Tuesday 5 October"),
        ("leaves_at", "datetime", "2027-10-05T09:00:00Z", "at 08:20 on Tuesday 5 October at 09:00"),
        ("back_on", "date", "2027-10-07", "to Old Town at 08:20 on Tuesday 5 October on Thursday 7 October"),
        ("driver", "text", "Ann Lee", "to Old Town at 08:20 on Tuesday 5 October (Ann Lee)"),
    ],
)
def test_a_fact_stands_where_it_is_bound(name: str, kind: Any, value: str, said: str) -> None:
    ride = {**RIDE, name: value}
    assert said in told(listing([ride]), [fact(name, kind, value, 0, f"rides[0].{name}")])
