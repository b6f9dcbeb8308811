"""Templates filled from what the assistant knows."""

from __future__ import annotations

import pytest

from envfactory.phrasing.assistant import about_the_person, fill, knowledge, to_the_person, wish
from tests.phrasing.rides import BY_NAME, CONTRACTS, RIDE, booking, call, cancelling, conversation, listing, quoting


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("You'll have {vehicle_id}.", "You'll have the sedan."),
        ("Your {vehicle_id} comes", "Your sedan comes"),
        ("Booked, {pickup_at}.", "Booked, at 08:20 on Tuesday 5 October."),
        ("The pickup is at {pickup_at}.", "The pickup is at 08:20 on Tuesday 5 October."),
        ("with {bags}", "with 1 suitcase"),
        ("due on {due_on}", "due on Wednesday 20 October"),
        ("{fare_cents}", "39.00"),
        ("{nothing_there}", None),
    ],
)
def test_holes_take_arguments_results_defaults_and_names(template: str, said: str | None) -> None:
    task = conversation([quoting(), booking()], [])
    known = knowledge(task, BY_NAME, 1, answered=True)
    assert fill(known, task.gold[1], template) == said


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("take a {kind} cabin", "outside", "take an outside cabin"),
        ("take an {kind} cabin", "family", "take a family cabin"),
        ("take a {kind} cabin", "university", "take a university cabin"),
        ("take vitamin {kind}", "a", "take vitamin a"),
    ],
)
def test_an_article_goes_with_the_value_behind_it(template: str, value: str, said: str) -> None:
    known = knowledge(conversation([quoting()], []), BY_NAME, 0)
    assert fill(known, quoting(), template, {"kind": value}) == said


@pytest.mark.parametrize(("kind", "said"), [("inside", "an inside cabin"), ("suite", "a suite cabin")])
def test_an_article_of_a_slot_goes_with_its_value(kind: str, said: str) -> None:
    wanted = call("take_cabin", {"kind": kind}, {})
    slots = {"kind": {"np": "a {v} cabin"}}
    tool = CONTRACTS.tool("get_ride").model_copy(update={"name": "take_cabin", "frames": {"slots": slots}})
    contracts = CONTRACTS.model_copy(update={"tools": [*CONTRACTS.tools, tool]})
    known = knowledge(conversation([wanted], []), {"rides": contracts}, 0)
    assert fill(known, wanted, "You have {kind}.") == f"You have {said}."


def test_what_was_left_out_is_the_default_and_not_what_the_row_has() -> None:
    ride = call("get_ride", {"ride_id": "rd_1"}, {"ride": {**RIDE, "bags": 0}})
    task = conversation([ride, call("book_ride", {"ride_id": "rd_1"})], [])
    assert fill(knowledge(task, BY_NAME, 1), task.gold[1], "with {bags}") == "with 1 suitcase"


def test_a_count_is_that_of_the_list() -> None:
    task = conversation([listing([RIDE, RIDE])], [])
    assert fill(knowledge(task, BY_NAME, 0, answered=True), task.gold[0], "{count} rides") == "2 rides"


def test_a_noun_is_not_said_twice() -> None:
    task = conversation([listing([RIDE]), cancelling()], [])
    known = knowledge(task, BY_NAME, 1)
    assert (
        fill(known, task.gold[1], "cancel the ride to {ride_id}")
        == "cancel the ride to Old Town at 08:20 on Tuesday 5 October"
    )


@pytest.mark.parametrize(
    ("count", "name", "said"),
    [
        (1, "sedan", "add the sedan"),
        (4, "linen set", "add 4 linen sets"),
        (3, "clams in wine", "add 3 clams in wine"),
        (2, "bowl of olives", "add 2 bowls of olives"),
    ],
)
def test_a_name_agrees_with_its_count(count: int, name: str, said: str) -> None:
    shown = call("quote_rides", {}, {"quotes": [{"vehicle_id": "vc_1", "vehicle": name}]})
    known = knowledge(conversation([shown], []), BY_NAME, 0, answered=True)
    wanted = call("book_ride", {"bags": count, "vehicle_id": "vc_1"})
    assert fill(known, wanted, "add {n} {vehicle_id}", {"n": str(count)}) == said


def test_a_wish_is_the_persons_verb_phrase() -> None:
    task = conversation([quoting(), booking()], [])
    assert wish(knowledge(task, BY_NAME, 1), task.gold[1]) == "book the sedan"


def test_a_tool_without_frames_is_spoken_of_by_its_name() -> None:
    task = conversation([call("get_ride", {"ride_id": "rd_1"})], [])
    assert wish(knowledge(task, BY_NAME, 0), task.gold[0]) == "do that"


def test_persons_change_with_who_speaks() -> None:
    assert to_the_person("move my ride for me") == "move your ride for you"
    assert about_the_person("move my ride; your stay") == "move their ride; their stay"
