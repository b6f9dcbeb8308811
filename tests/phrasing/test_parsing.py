"""Frames from contracts: what authors wrote, what is inferred where they wrote nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from envfactory.phrasing.parsing import frames_of
from tests.phrasing.harbour import CONTRACTS, frames, parameter


def bare() -> dict[str, Any]:
    """The harbour without a word of its author's."""
    contracts = copy.deepcopy(CONTRACTS)
    contracts["entities"] = {}
    for tool in contracts["tools"]:
        tool["frames"] = {}
    return contracts


def test_an_interval_says_two_parameters() -> None:
    tool = frames()["harbour"].tools["book_boat"]

    slot = tool.slot_of("to_day")

    assert slot is tool.slots["hire"]
    assert (slot.role, slot.columns, slot.noun) == ("interval", ("from_day", "to_day"), "day")


@pytest.mark.parametrize(
    ("tool", "slot", "role"),
    [
        ("book_boat", "sailor_id", "profile"),
        ("book_boat", "boat_id", "entity"),
        ("book_boat", "people", "count"),
        ("book_boat", "skipper", "boolean"),
        ("find_boats", "city", "text"),
    ],
)
def test_roles(tool: str, slot: str, role: str) -> None:
    assert frames()["harbour"].tools[tool].slots[slot].role == role


@pytest.mark.parametrize(
    ("schema", "role"),
    [
        (parameter("array"), "unsayable"),
        (parameter("object"), "unsayable"),
        (parameter(format="date-time"), "datetime"),
        (parameter("integer"), "money"),
        (parameter(enum=["a"]), "enum"),
    ],
)
def test_roles_are_inferred_from_the_schema(schema: dict[str, Any], role: str) -> None:
    contracts = bare()
    contracts["tools"][0]["parameters"]["max_price_cents"] = schema

    tool = frames_of("harbour", contracts).tools["find_boats"]

    assert tool.slots["max_price_cents"].role == role


def test_authored_tools_are_graded_a_and_inferred_ones_b() -> None:
    assert {tool.grade for tool in frames()["harbour"].tools.values()} == {"A"}
    assert {tool.grade for tool in frames_of("harbour", bare()).tools.values()} == {"B"}


def test_a_tool_that_needs_what_nobody_can_say_is_graded_c_with_the_reason() -> None:
    contracts = bare()
    contracts["tools"][0]["parameters"]["options"] = parameter("object")

    tool = frames_of("harbour", contracts).tools["find_boats"]

    assert (tool.grade, tool.why) == ("C", ("options: nobody can say it",))


def test_what_no_author_framed_still_has_a_verb_and_a_noun() -> None:
    inferred = frames_of("harbour", bare())

    assert inferred.tools["cancel_booking"].phrases == ("cancel {booking_id}",)
    assert inferred.entities["bookings"].nouns == ("booking",)


def test_unknown_keys_and_wrong_shapes_say_nothing() -> None:
    contracts = copy.deepcopy(CONTRACTS)
    contracts["tools"][0]["frames"] |= {"vp": 7, "tune": "la", "situations": [3, "I'm off"]}

    tool = frames_of("harbour", contracts).tools["find_boats"]

    assert tool.phrases
    assert [each.text for each in tool.situations] == ["I'm off"]


@pytest.mark.parametrize(
    ("description", "currency"),
    [("All amounts are in pence.", "GBP"), ("Prices in euro cents.", "EUR"), ("In dollars.", "USD"), ("", "EUR")],
)
def test_the_currency_is_the_one_described(description: str, currency: str) -> None:
    contracts = copy.deepcopy(CONTRACTS)
    contracts["tools"][0]["description"] = description

    assert frames_of("harbour", contracts).currency == currency
