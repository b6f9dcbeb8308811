"""What words give a solver: names, typed arguments, rows that fit, tools that are meant."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from envfactory.calibration.hearing import Said, fit, rank_field, within_bounds
from envfactory.calibration.memory import rows_of, value_for
from envfactory.calibration.offered import Parameter, understand
from envfactory.calibration.requests import Listener
from envfactory.calibration.typed import fill_typed

NOW = "2027-10-04T05:20:00Z"


def said(text: str) -> Said:
    return Said(text, NOW)


def tool(name: str, description: str = "", required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


DAY = {"type": "string", "format": "date"}
WHOLE = {"type": "integer"}
TEXT = {"type": "string"}
ROOMS = tool(
    "find_rooms",
    "Find free rooms for a stay.",
    ("city", "check_in", "check_out"),
    city=TEXT,
    check_in=DAY,
    check_out=DAY,
    guests={**WHOLE, "description": "How many people sleep in the room."},
    category={"type": "string", "enum": ["single", "double", "checked_in"]},
    max_total_cents=WHOLE,
    pets={"type": "boolean", "description": "True for hotels that take pets."},
)
CANCEL = tool("cancel_booking", "Cancel a booking.", ("booking_id", "guest_id"), booking_id=TEXT, guest_id=TEXT)
LIST = tool("list_bookings", "List a guest's bookings.", ("guest_id",), guest_id=TEXT)
GET = tool("get_booking", "Read a booking.", ("booking_id",), booking_id=TEXT)
OFFER = understand([ROOMS, CANCEL, LIST, GET])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Book The Lanes in Brighton.", [("The Lanes", ""), ("Brighton", "in")]),
        ("from Vienna to Madrid on Friday", [("Vienna", "from"), ("Madrid", "to")]),
        ("Could you do it on Monday, please? Thanks", []),
        ("I'm at Casa do Fado at 15:00", [("Casa do Fado", "at")]),
    ],
)
def test_names(text: str, names: list[tuple[str, str]]) -> None:
    found = [(name, preposition) for name, preposition in said(text).names if preposition != "whole"]
    assert [(name.removeprefix("The "), preposition) for name, preposition in found] == [
        (name.removeprefix("The "), preposition) for name, preposition in names
    ]


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (
            "a double room in Bath from the 5th to the 8th for 2 people",
            {"city": "Bath", "check_in": "2027-10-05", "check_out": "2027-10-08", "guests": 2, "category": "double"},
        ),
        ("two nights from Friday", {"check_in": "2027-10-08", "check_out": "2027-10-10"}),
        ("something under €300", {"max_total_cents": 30_000}),
        ("the dog is coming", {"pets": True}),
        ("a room just for me", {"guests": 1}),
        ("the room I've checked in to", {}),
    ],
)
def test_typed_arguments(text: str, arguments: dict[str, Any]) -> None:
    assert fill_typed(OFFER.named("find_rooms"), said(text)) == arguments


HOVE = {"name": "Sea View", "city": "Hove", "check_in": "2027-10-12", "total_cents": 12_000}
BATH = {"name": "Pump House", "city": "Bath", "check_in": "2027-10-20", "total_cents": 9_500}


@pytest.mark.parametrize(
    "text",
    [
        "the one in Hove",
        "my booking on the 12th of October",
        "the one for €120",
        "not the one in Bath",
        "at the sea view",
    ],
)
def test_the_row_that_was_spoken_of_fits_best(text: str) -> None:
    assert fit(HOVE, said(text)) > fit(BATH, said(text)) + 1


def test_rankings_and_bounds_choose_by_the_right_field() -> None:
    rank = said("the cheapest one").rank
    assert rank is not None
    assert rank_field(rank, [HOVE, BATH]) == "total_cents"
    assert [within_bounds(row, said("for less than €100")) for row in (HOVE, BATH)] == [False, True]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Please cancel my booking.", ["cancel_booking"]),
        ("Could you show me my bookings?", ["list_bookings"]),
        ("I'm looking for a room in Bath from the 5th to the 8th.", ["find_rooms"]),
        ("Can you check my booking and tell me when I arrive?", ["get_booking"]),
        ("Find me a room in Bath from the 5th to the 8th. And cancel my booking.", ["find_rooms", "cancel_booking"]),
        ("Thank you, goodbye.", []),
    ],
)
def test_the_tool_that_is_meant(text: str, meant: list[str]) -> None:
    heard = Listener(OFFER, Random(1), frozenset({"guest", "person"})).requests(said(text))
    assert [each.tool.name for each in heard] == meant


def test_rows_of_a_result_know_their_ids() -> None:
    result = {"hotel": {"id": "h1", "name": "Pump House"}, "rooms": [{"room_id": "r1", "price_cents": 1}]}
    assert list(rows_of(result)) == [
        ("hotel", {"id": "h1", "name": "Pump House", "hotel_id": "h1"}),
        ("rooms", {"room_id": "r1", "price_cents": 1}),
    ]


@pytest.mark.parametrize(
    ("name", "description", "value"),
    [
        ("port_id", "", "p1"),
        ("home_port_id", "", "p1"),
        ("origin_id", "Port of departure.", "p1"),
        ("boat_id", "The boat that leaves the port.", None),
    ],
)
def test_a_field_gives_the_parameter_that_means_the_same(name: str, description: str, value: Any) -> None:
    parameter = Parameter(name, {"type": "string", "description": description}, required=True)
    assert value_for(parameter, {"port_id": "p1", "name": "Nice"}) == value
