"""What a refiner is shown of a turn: the day as a person knows it, things with what they are of, no ids and no codes."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.agents import rewording
from envfactory.tasks.model import FromProfile, FromResult, GoldCall, Mention, Source, Task


def call(tool: str, **sources: Source) -> GoldCall:
    return GoldCall(environment="gym", tool=tool, arguments={}, sources=sources)


def task(*gold: GoldCall) -> Task:
    return Task.model_construct(gold=list(gold))


def mention(id: str, slot: str, value: Any, **more: Any) -> Mention:
    return Mention(id=id, environment="gym", slot=slot, value=value, **more)


def test_the_clock_is_told_with_its_weekday() -> None:
    assert rewording.spoken_now("2027-05-12T09:05:00Z") == "Wednesday 12 May 2027, 09:05"


@pytest.mark.parametrize(
    ("slot", "about"),
    [("find_classes.starts_after", "starts after"), ("sessions.trainer", "trainer of the session")],
)
def test_a_parameter_is_told_by_name_and_a_column_with_its_thing(slot: str, about: str) -> None:
    shown = rewording._conveyed([mention("m1", slot, "x")], task(call("find_classes")))
    assert shown[0]["about"] == about


def test_a_row_that_is_pointed_back_at_is_not_told_by_its_key() -> None:
    shown = rewording._conveyed([mention("m1", "bookings.id", "bo_17", form="referred", words="it")], task())
    assert (shown[0]["value"], shown[0]["words"]) == (None, "it")


def test_what_is_said_in_the_same_words_is_listed_once() -> None:
    words = "at 7pm on the 20th"
    day = mention("m1", "find_classes.day", "2027-09-20", words=words)
    start = mention("m2", "sessions.starts_at", "2027-09-20T19:00:00Z", words=words)
    shown = rewording._conveyed([day, start], task(call("find_classes")))
    assert [(each["about"], each["value"]) for each in shown] == [
        ("day and starts at of the session", "2027-09-20T19:00:00Z")
    ]


def test_a_wish_is_told_without_codes_and_for_whom_it_is() -> None:
    found = call("find_member", email=FromProfile(environment="gym", column="email"))
    wish = call("list_bookings", member_id=FromResult(call=0, path="member_id"))
    told = rewording._wish(task(found, wish), wish, "Lists bookings. Refuses with MEMBER_NOT_FOUND.")
    assert told == {"does": "Lists bookings.", "own": True}
