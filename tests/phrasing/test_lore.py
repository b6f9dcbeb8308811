"""What things are called by one who has only seen calls and results."""

from __future__ import annotations

import pytest

from envfactory.environments.contract import Contracts
from envfactory.phrasing.lore import Lore, dicts_of, tables_by_field
from tests.phrasing.rides import CONTRACTS, OTHER, RIDE, booking, call, listing, quoting


def seen(*calls: object) -> Lore:
    lore = Lore(CONTRACTS)
    for each in calls:
        lore.see(each)  # type: ignore[arg-type]
    return lore


def test_fields_lead_to_tables_by_reference_and_by_name() -> None:
    assert tables_by_field(CONTRACTS) == {
        "passenger_id": "passengers",
        "ride_id": "rides",
        "vehicle_id": "vehicles",
        "area_id": "areas",
    }


@pytest.mark.parametrize(
    ("table", "key", "name"),
    [
        ("vehicles", "vc_1", "the sedan"),
        ("areas", "ar_1", "Old Town"),
        ("rides", "rd_1", "your ride to Old Town at 08:20 on Tuesday 5 October"),
        ("rides", "rd_2", "your ride to Karlin at 19:05 on Wednesday 6 October"),
        ("rides", "rd_never", ""),
    ],
)
def test_a_key_is_named_by_the_row_it_came_in(table: str, key: str, name: str) -> None:
    assert seen(quoting(), listing([RIDE, OTHER])).name(table, key) == name


def test_what_was_never_seen_is_called_by_its_noun() -> None:
    lore = seen()
    assert lore.calls_it("rides", "rd_1") == "your ride"
    assert lore.calls_it("vehicles", "vc_1") == "the car"


def test_a_refused_call_shows_nothing() -> None:
    refused = call("list_rides", {"passenger_id": "pa_1"}, {"rides": [RIDE]}, outcome="NO")
    assert seen(refused).name("rides", "rd_1") == ""


def test_what_tells_a_row_apart_stands_without_its_noun() -> None:
    assert seen(listing([RIDE])).handle("rides", "rd_1") == "to Old Town at 08:20 on Tuesday 5 October"


def test_a_later_row_adds_to_an_earlier_one() -> None:
    moved = call("get_ride", {"ride_id": "rd_1"}, {"ride": {"ride_id": "rd_1", "pickup_at": "2027-10-07T10:00:00Z"}})
    assert seen(listing([RIDE]), moved).name("rides", "rd_1") == "your ride to Old Town at 10:00 on Thursday 7 October"


def test_what_is_somebody_elses_is_not_called_yours() -> None:
    mine = RIDE | {"passenger_id": "pa_1", "passenger": "Ann Lee"}
    theirs = OTHER | {"passenger_id": "pa_2", "passenger": "Bo Ek"}
    lore = seen(listing([mine, theirs]))
    assert lore.name("rides", "rd_1").startswith("your ride to Old Town")
    assert lore.name("rides", "rd_2").startswith("the ride of Bo Ek to Karlin")


def test_objects_are_found_at_any_depth() -> None:
    assert list(dicts_of({"a": [{"b": {"c": 1}}]})) == [{"a": [{"b": {"c": 1}}]}, {"b": {"c": 1}}, {"c": 1}]


def test_a_created_row_is_known_by_what_was_given() -> None:
    lore = seen(quoting(), booking())
    assert lore.row("rides", "rd_9")["pickup_at"] == "2027-10-05T08:20:00Z"


CLASSES = Contracts.model_validate(
    {
        "now": "2027-09-20T09:00:00Z",
        "principal": "members",
        "entities": {
            "members": {"noun": ["member"], "name": "name"},
            "bookings": {
                "noun": ["class"],
                "owner": "member_id",
                "identify": ["session.activity.title:pre", "starts_at:at"],
            },
            "packs": {"noun": ["pack"], "owner": "member_id", "identify": ["credits:with {v} classes left"]},
        },
        "tools": [],
    }
)


@pytest.mark.parametrize(
    ("table", "row", "name", "handle"),
    [
        (
            "bookings",
            {"booking_id": 1, "title": "The Long Ride", "starts_at": "2027-09-22T21:15:00Z"},
            "your Long Ride class at 21:15 on Wednesday 22 September",
            "Long Ride at 21:15 on Wednesday 22 September",
        ),
        ("packs", {"pack_id": 1, "credits": 3}, "your pack with 3 classes left", "with 3 classes left"),
    ],
)
def test_what_stands_before_the_noun_and_what_has_words_of_its_own(
    table: str, row: dict[str, object], name: str, handle: str
) -> None:
    lore = Lore(CLASSES)
    lore.see(call("look", {}, {"rows": [row]}))
    assert lore.name(table, 1) == name
    assert lore.handle(table, 1) == handle


def test_a_kind_of_thing_named_by_letters_takes_its_article() -> None:
    suv = call("quote_rides", {}, {"quotes": [{"vehicle_id": "vc_3", "vehicle": "SUV"}]})
    assert seen(suv).name("vehicles", "vc_3") == "the SUV"
