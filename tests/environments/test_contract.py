"""Contracts refuse what could not run or would say two things at once."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from envfactory.environments.contract import Contract, Contracts, Parameter

BOOK: dict[str, Any] = {
    "name": "book",
    "kind": "write",
    "description": "Book.",
    "parameters": {"room_id": {"type": "string", "required": True, "ref": "rooms.id"}},
    "steps": [
        {"let": "room", "row": "SELECT * FROM rooms WHERE id = :room_id", "else": "ROOM_NOT_FOUND"},
        {"guard": "$room.free > 0", "else": "FULL"},
        {"let": "id", "new_id": "bk"},
    ],
    "effects": [{"insert": "bookings", "set": {"id": "$id", "room_id": ":room_id"}}],
    "result": {"booking_id": "$id"},
    "errors": {"ROOM_NOT_FOUND": {"message": "No such room."}, "FULL": {"message": "Full."}},
}


def test_codes_and_writes() -> None:
    contract = Contract.model_validate(BOOK)
    assert contract.codes() == ["ROOM_NOT_FOUND", "FULL"]
    assert contract.writes() == {"bookings"}


def test_round_trips_without_defaults() -> None:
    dumped = Contract.model_validate(BOOK).model_dump(exclude_defaults=True)
    assert dumped == BOOK


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "read"}, "read tool has none"),
        ({"effects": []}, "write tool has effects"),
        ({"result": {}}, "result is empty"),
        ({"result": {"x": "$booking"}}, r"\$booking is not defined"),
        ({"result": {"x": ":hotel_id"}}, ":hotel_id is not a parameter"),
        ({"steps": [{"guard": "$room.free > 0", "else": "FULL"}, *BOOK["steps"]]}, r"\$room is not defined"),
        ({"steps": [*BOOK["steps"], {"let": "room", "value": "1"}]}, "room is taken"),
        ({"steps": [*BOOK["steps"], {"let": "now", "value": "1"}]}, "now is taken"),
        ({"errors": {"FULL": {"message": "Full."}}}, "raised but not declared"),
        ({"errors": {**BOOK["errors"], "LATE": {"message": "Late."}}}, "declared but no step"),
        ({"steps": [{"let": "room", "row": "SELECT 1"}]}, "else code or optional"),
        ({"name": "Book-It"}, "pattern"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_refuses(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Contract.model_validate({**BOOK, **change})


@pytest.mark.parametrize(("schema", "says"), [({"type": "array"}, "items"), ({"type": "object"}, "properties")])
def test_parameters_are_complete(schema: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Parameter.model_validate(schema)


def test_tools_have_distinct_names() -> None:
    with pytest.raises(ValidationError, match="named twice: book"):
        Contracts.model_validate({"now": "2027-03-01T09:00:00Z", "tools": [BOOK, BOOK]})


def test_a_pattern_that_python_does_not_read_is_told_with_what_to_write() -> None:
    with pytest.raises(ValidationError, match=r"none that Python's re reads: bad escape .* .a letter is"):
        Parameter(type="string", pattern=r"^\p{L}+$")
