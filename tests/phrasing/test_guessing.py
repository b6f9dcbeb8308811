"""Verb phrases for tools without frames."""

from __future__ import annotations

import pytest

from envfactory.phrasing.frames import EntityFrame, SlotFrame
from envfactory.phrasing.guessing import phrases_of
from envfactory.phrasing.inference import intervals

ROWS = {
    "bookings": EntityFrame("bookings", ("booking",)),
    "lots": EntityFrame("lots", ("lot",)),
}
BOOKING = SlotFrame("booking_id", "entity", ref="bookings.id", required=True)
BAGS = SlotFrame("bags", "count", noun="bag")
EMAIL = SlotFrame("email", "text", ref="members.email", required=True, contact=True)


@pytest.mark.parametrize(
    ("name", "summary", "slots", "expected"),
    [
        ("cancel_booking", "Cancel a booking before departure.", [BOOKING], "cancel {booking_id}"),
        ("add_bags", "Add checked bags to a ticketed booking.", [BOOKING, BAGS], "add {bags} to {booking_id}"),
        ("choose_seat", "Choose a seat for a ticketed booking.", [BOOKING], "choose a seat for {booking_id}"),
        ("release", "Cancel a hold or a ticketed booking.", [BOOKING], "cancel {booking_id}"),
        ("list_bookings", "List a member's bookings.", [], "show me my bookings"),
        ("search_trips", "Find trains between two stations on a day.", [], "find trains"),
        ("find_member", "Find a member by e-mail address.", [EMAIL], "look up my account"),
        ("get_booking", "", [BOOKING], "check {booking_id}"),
        ("list_branches", "", [], "list branches"),
    ],
)
def test_the_summary_gives_the_words_and_rows_their_holes(
    name: str, summary: str, slots: list[SlotFrame], expected: str
) -> None:
    assert phrases_of(name, summary, {slot.name: slot for slot in slots}, ROWS, "members")[0] == expected


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (["check_in", "check_out"], ["check_in", "check_out"]),
        (["pickup_date", "return_date"], ["pickup_date", "return_date"]),
        (["from_day", "to_day"], ["from_day", "to_day"]),
        (["day"], None),
    ],
)
def test_pairs_of_dates_are_stretches(names: list[str], pair: list[str] | None) -> None:
    found = intervals({name: {"type": "string", "format": "date"} for name in names})

    assert [each["interval"] for each in found.values()] == ([pair] if pair else [])
