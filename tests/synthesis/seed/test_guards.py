"""Guards turned round into SELECTs of the rows that pass them."""

from __future__ import annotations

from typing import Any

from envfactory.environments.contract import Contract
from envfactory.synthesis.seed.guards import Guards, where

CONTRACT: dict[str, Any] = {
    "name": "board",
    "kind": "read",
    "description": "Board.",
    "parameters": {
        "trip_id": {"type": "string", "required": True, "ref": "trips.id"},
        "seat_id": {"type": "string", "required": True, "ref": "seats.id"},
        "rider_id": {"type": "string", "required": True},
        "party": {"type": "integer", "required": True},
        "first": {"type": "string", "format": "date"},
        "last": {"type": "string", "format": "date"},
    },
    "steps": [
        {"let": "trip", "row": "SELECT * FROM trips WHERE id = :trip_id", "else": "A"},
        {"let": "seat", "row": "SELECT * FROM seats WHERE id = :seat_id", "else": "A"},
        {"let": "line", "row": "SELECT * FROM lines WHERE id = $trip.line_id", "else": "A"},
        {"let": "room", "value": "$trip.seats - $trip.sold"},
        {"guard": "$seat.trip_id = $trip.id", "else": "A"},
        {"guard": ":party <= $room", "else": "A"},
        {"guard": "$line.open = 1", "else": "A"},
        {"guard": "$seat.owner_id = :rider_id", "else": "A"},
        {"guard": "$trip.note <> '$seat.id'", "else": "A"},
        {"guard": ":last > :first", "else": "A"},
    ],
    "result": {"id": "$trip.id", "rider": ":rider_id"},
    "errors": {"A": {"message": "A"}},
}
ALL = frozenset(CONTRACT["parameters"])


def guards() -> Guards:
    return Guards(Contract.model_validate(CONTRACT))


def test_derived_values_are_written_out_and_quoted_text_is_left_alone() -> None:
    sql = where(guards().candidates["trip_id"], {"seat", "line"}, among=ALL)

    assert sql == (
        "SELECT candidate.id AS value FROM trips AS candidate WHERE ($seat.trip_id = candidate.id)"
        " AND (:party <= (candidate.seats - candidate.sold)) AND (candidate.note <> '$seat.id') ORDER BY 1"
    )


def test_guards_over_parameters_that_are_not_fixed_can_be_left_out() -> None:
    sql = where(guards().candidates["seat_id"], {"trip"}, among=frozenset())

    assert sql == "SELECT candidate.id AS value FROM seats AS candidate WHERE (candidate.trip_id = $trip.id) ORDER BY 1"


def test_owners_and_orders_are_read_from_the_guards() -> None:
    found = guards()

    assert list(found.owners()) == [("rider_id", "seat", "owner_id")]
    assert list(found.orders()) == [("last", "first")]
