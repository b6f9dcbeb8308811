"""A small ferry line, written by hand: crossings that show their two ports by key alone, and a booking to look at."""

from __future__ import annotations

from typing import Any

from envfactory.environments.artefact import Environment, Manifest
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts
from envfactory.synthesis.coder import write_tools

SCHEMA = """
CREATE TABLE travellers (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE ports (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE sailings (
  id TEXT PRIMARY KEY, origin_id TEXT NOT NULL REFERENCES ports (id), destination_id TEXT NOT NULL REFERENCES ports (id),
  departs_at TEXT NOT NULL, price_cents INTEGER NOT NULL
) STRICT;
CREATE TABLE bookings (
  id TEXT PRIMARY KEY, traveller_id TEXT NOT NULL REFERENCES travellers (id),
  sailing_id TEXT NOT NULL REFERENCES sailings (id), status TEXT NOT NULL
) STRICT;
"""
PORTS = {"pt_ibz": "Ibiza", "pt_den": "Denia", "pt_pmi": "Palma"}
OUT, LATE, HOME, SAME = "sa_out", "sa_late", "sa_home", "sa_same"
SAILINGS = [  # id, from, to, departure
    (OUT, "pt_ibz", "pt_den", "2027-08-04T10:00:00Z"),
    ("sa_early", "pt_den", "pt_ibz", "2027-08-03T10:00:00Z"),
    (HOME, "pt_den", "pt_ibz", "2027-08-06T10:00:00Z"),
    (SAME, "pt_ibz", "pt_den", "2027-08-07T10:00:00Z"),
    ("sa_on", "pt_den", "pt_pmi", "2027-08-05T10:00:00Z"),
]


def _key(table: str) -> dict[str, Any]:
    return {"type": "string", "required": True, "ref": f"{table}.id", "max_length": 40, "description": table}


def _read(name: str, parameters: dict[str, Any], result: dict[str, Any], **more: Any) -> dict[str, Any]:
    source = {"resource": "hand-written", "operation": name, "citation": "terms"}
    return {
        "name": name, "kind": "read", "description": name, "source": source, "parameters": parameters,
        "result": result, **more,
    }  # fmt: skip


_BOOKED = (
    "SELECT b.id AS booking_id, s.origin_id, s.destination_id, s.departs_at, b.status "
    "FROM bookings b JOIN sailings s ON s.id = b.sailing_id"
)
CONTRACTS = {
    "now": "2027-08-02T06:00:00Z",
    "principal": "travellers",
    "entities": {
        "travellers": {"noun": ["traveller"], "name": "name"},
        "ports": {"noun": ["port"], "name": "name", "within": "name:in"},
        "bookings": {"noun": ["booking"], "owner": "traveller_id", "identify": ["departs_at:on"]},
        "sailings": {"noun": ["ferry"], "identify": ["departs_at:at"]},
    },
    "tools": [
        _read("list_bookings", {"traveller_id": _key("travellers")},
              {"bookings": {"rows": f"{_BOOKED} WHERE b.traveller_id = :traveller_id ORDER BY s.departs_at"}}),
        _read("get_booking", {"booking_id": _key("bookings")}, {"booking": {"row": f"{_BOOKED} WHERE b.id = :booking_id"}},
              steps=[{"let": "known", "row": "SELECT id FROM bookings WHERE id = :booking_id", "else": "NOT_BOOKED"}],
              errors={"NOT_BOOKED": {"message": "There is no such booking."}},
              frames={"class": "read", "vp": ["look up {booking_id}"], "slots": {"booking_id": {"np": "{v}"}}}),
        _read("find_ports", {}, {"ports": {"rows": "SELECT id AS port_id, name FROM ports ORDER BY id"}}),
        _read("search_sailings",
              {"origin_id": _key("ports"), "destination_id": _key("ports"),
               "day": {"type": "string", "required": True, "format": "date", "description": "day"}},
              {"sailings": {"rows": "SELECT id AS sailing_id, departs_at, price_cents FROM sailings "
                            "WHERE origin_id = :origin_id AND destination_id = :destination_id "
                            "AND date(departs_at) = :day ORDER BY departs_at"}},
              frames={"class": "search", "vp": ["find a ferry | {origin_id} {destination_id} | {day}"],
                      "slots": {"origin_id": {"np": "from {v}"}, "destination_id": {"np": "to {v}"},
                                "day": {"date": True}}}),
    ],
}  # fmt: skip


def environment(**parts: Any) -> Environment:
    """Return the environment (unsealed): one traveller, one booking from Ibiza to Denia."""
    contracts = Contracts.model_validate(CONTRACTS)
    names = ("id", "origin_id", "destination_id", "departs_at")
    rows = {
        "travellers": [{"id": "tr_01", "name": "Ana Costa"}],
        "ports": [{"id": key, "name": name} for key, name in PORTS.items()],
        "sailings": [{**dict(zip(names, row, strict=True)), "price_cents": 4_500} for row in SAILINGS],
        "bookings": [{"id": "bk_01", "traveller_id": "tr_01", "sailing_id": OUT, "status": "booked"}],
    }
    manifest = Manifest(name="crossings", domain="travel", summary="Ferries between three islands.")
    usual = {
        "manifest": manifest, "schema_sql": SCHEMA, "seed_rows": rows, "contracts": contracts,
        "tools_source": write_tools(contracts, SCHEMA), "cases": Cases(),
    }  # fmt: skip
    return Environment(**{**usual, **parts})
