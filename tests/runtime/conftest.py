"""A small environment for the runtime's tests: rooms with free places, and bookings of them."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.runtime.host import Host

SCHEMA = """
CREATE TABLE rooms (id TEXT PRIMARY KEY, free INTEGER NOT NULL CHECK (free >= 0)) STRICT;
CREATE TABLE bookings (id TEXT PRIMARY KEY, room_id TEXT NOT NULL REFERENCES rooms(id), n INTEGER NOT NULL) STRICT;
"""
ROWS: dict[str, list[dict[str, Any]]] = {"rooms": [{"id": "r1", "free": 3}, {"id": "r2", "free": 0}], "bookings": []}
BOOK: dict[str, Any] = {
    "name": "book",
    "kind": "write",
    "description": "Book places in a room.",
    "parameters": {
        "room_id": {"type": "string", "required": True, "ref": "rooms.id"},
        "n": {"type": "integer", "minimum": 1, "required": True},
    },
    "steps": [
        {"let": "room", "row": "SELECT * FROM rooms WHERE id = :room_id", "else": "ROOM_NOT_FOUND"},
        {"guard": ":n <= $room.free", "else": "FULL"},
        {"guard": ":n < 5", "else": "TOO_MANY"},
        {"let": "id", "new_id": "bk"},
    ],
    "effects": [
        {"insert": "bookings", "set": {"id": "$id", "room_id": ":room_id", "n": ":n"}},
        {"update": "rooms", "where": "id = :room_id", "set": {"free": "free - :n"}},
    ],
    "result": {"booking_id": "$id", "was_free": "$room.free", "free": "(SELECT free FROM rooms WHERE id = :room_id)"},
    "errors": {code: {"message": code} for code in ("ROOM_NOT_FOUND", "FULL", "TOO_MANY")},
}
LIST: dict[str, Any] = {
    "name": "list_rooms",
    "kind": "read",
    "description": "List the rooms.",
    "result": {"rooms": {"rows": "SELECT id, free, free > 0 AS open FROM rooms ORDER BY id", "booleans": ["open"]}},
}
CODE = """
def book(ctx, *, room_id: str, n: int):
    room = ctx.one("SELECT * FROM rooms WHERE id = :room_id", room_id=room_id)
    if room is None:
        raise ToolError("ROOM_NOT_FOUND", "no such room")
    booking = ctx.new_id("bk")
    ctx.execute("INSERT INTO bookings (id, room_id, n) VALUES (:id, :room_id, :n)", id=booking, room_id=room_id, n=n)
    if n > room["free"]:
        raise ToolError("FULL", "full")
    ctx.execute("UPDATE rooms SET free = free - :n WHERE id = :room_id", n=n, room_id=room_id)
    return {"booking_id": booking, "was_free": room["free"], "free": room["free"] - n}

def list_rooms(ctx):
    rooms = ctx.all("SELECT id, free FROM rooms ORDER BY id")
    return {"rooms": [{**room, "open": room["free"] > 0} for room in rooms]}
"""


def spec(tools: str | None) -> dict[str, Any]:
    return {
        "contracts": [BOOK, LIST],
        "now": "2027-03-01T09:00:00Z",
        "tools": tools,
        "schema": SCHEMA,
        "seed_rows": ROWS,
    }


@pytest.fixture(params=["code", "contracts"])
def host(request: pytest.FixtureRequest) -> Host:
    """A host running the code, and one running the contracts: both must do the same."""
    loaded = Host()
    loaded.handle("load", spec(CODE if request.param == "code" else None))
    return loaded


@pytest.fixture
def coded() -> Host:
    loaded = Host()
    loaded.handle("load", spec(CODE))
    return loaded


@pytest.fixture
def contracted() -> Host:
    loaded = Host()
    loaded.handle("load", spec(None))
    return loaded
