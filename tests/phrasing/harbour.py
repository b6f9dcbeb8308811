"""A small world for words: a boat hire with boats, marinas and bookings, its frames, and tasks in it."""

from __future__ import annotations

from typing import Any

from envfactory.phrasing.frames import EnvironmentFrames
from envfactory.phrasing.parsing import frames_of
from envfactory.tasks.model import (
    Condition,
    EnvironmentRef,
    Fact,
    FromProfile,
    FromResult,
    GoldCall,
    Mention,
    Persona,
    Rank,
    Request,
    Said,
    Source,
    Task,
    Turn,
)

NOW = "2027-05-03T09:00:00Z"


def parameter(kind: str = "string", **more: Any) -> dict[str, Any]:
    """A parameter as a contract writes it."""
    return {"type": kind, "description": "", "required": True, **more}


CONTRACTS: dict[str, Any] = {
    "now": NOW,
    "principal": "sailors",
    "entities": {
        "marinas": {"noun": ["marina"], "name": "name", "within": "city:in"},
        "boats": {
            "noun": ["boat"],
            "name": "name",
            "within": "marina.name:at",
            "rank": {"price_cents:min": {"adj": "cheapest"}},
            "flag": {"heated": {"post": "with heating"}},
        },
        "bookings": {"noun": ["booking"], "owner": "sailor_id", "identify": ["boat.marina.city:in", "from_day:from"]},
    },
    "tools": [
        {
            "name": "find_boats",
            "kind": "read",
            "description": "Find boats. Finds boats that are free.",
            "parameters": {
                "city": parameter(ref="marinas.city"),
                "from_day": parameter(format="date"),
                "to_day": parameter(format="date"),
                "people": parameter("integer", required=False, default=1),
            },
            "frames": {
                "class": "search",
                "vp": ["find a boat | {city} | {hire} | {people}"],
                "slots": {
                    "city": {"np": "in {v}", "ask": "Which city?"},
                    "hire": {"interval": ["from_day", "to_day"], "unit": "day", "ask": "For which days?"},
                    "people": {"count": "person", "party": True},
                },
            },
        },
        {
            "name": "book_boat",
            "kind": "write",
            "description": "Book a boat.",
            "parameters": {
                "sailor_id": parameter(ref="sailors.id"),
                "boat_id": parameter(ref="boats.id"),
                "from_day": parameter(format="date"),
                "to_day": parameter(format="date"),
                "people": parameter("integer", required=False, default=1),
                "skipper": parameter("boolean", required=False),
            },
            "frames": {
                "class": "create",
                "vp": ["book {boat_id} | {hire} | {people}", "reserve {boat_id} | {hire} | {people}"],
                "slots": {
                    "hire": {"interval": ["from_day", "to_day"], "unit": "day", "ask": "For which days?"},
                    "people": {"count": "person", "party": True},
                    "skipper": {"true": "with a skipper"},
                },
                "situations": [{"text": "we're taking the children sailing", "party": [3, 4]}],
            },
        },
        {
            "name": "list_bookings",
            "kind": "read",
            "description": "List bookings.",
            "parameters": {"sailor_id": parameter(ref="sailors.id")},
            "frames": {"class": "list", "vp": ["show me my bookings"]},
        },
        {
            "name": "get_booking",
            "kind": "read",
            "description": "Read a booking.",
            "parameters": {"booking_id": parameter(ref="bookings.id")},
            "frames": {
                "class": "read",
                "vp": ["look up {booking_id}"],
                "facts": {"total_cents": "it comes to {money}"},
                "wants": {"total_cents": ["what {booking_id} costs", "How much is {booking_id}?"]},
            },
        },
        {
            "name": "cancel_booking",
            "kind": "write",
            "description": "Cancel a booking.",
            "parameters": {"booking_id": parameter(ref="bookings.id"), "sailor_id": parameter(ref="sailors.id")},
            "frames": {
                "class": "cancel",
                "vp": ["cancel {booking_id}", "call off {booking_id}"],
                "reasons": ["the weather looks dreadful"],
            },
        },
    ],
}


def frames() -> dict[str, EnvironmentFrames]:
    """The frames of the harbour."""
    return {"harbour": frames_of("harbour", CONTRACTS)}


def mention(name: str, slot: str, value: Any, form: Any = "stated") -> Mention:
    """A mention in the harbour."""
    return Mention(id=name, environment="harbour", slot=slot, value=value, form=form)


def call(tool: str, sources: dict[str, Source], **more: Any) -> GoldCall:
    """A gold call in the harbour."""
    return GoldCall(environment="harbour", tool=tool, arguments=more.pop("arguments", {}), sources=sources, **more)


def task(turns: list[Turn], gold: list[GoldCall], persona: Persona | None = None, name: str = "t") -> Task:
    """A task in the harbour."""
    here = EnvironmentRef(name="harbour", domain="travel", content_hash="0", now=NOW)
    return Task(id=name, seed=1, index=0, environments=[here], persona=persona or Persona(), turns=turns, gold=gold)


ME = FromProfile(environment="harbour", column="id")


def booking(persona: Persona | None = None, day_form: Any = "stated", name: str = "t") -> Task:
    """Someone books the cheapest boat in Porto for two people from 6 to 8 May."""
    said = [
        mention("m1", "find_boats.city", "Porto"),
        mention("m2", "find_boats.from_day", "2027-05-06", day_form),
        mention("m3", "find_boats.to_day", "2027-05-08"),
        mention("m4", "find_boats.people", 2),
        mention("m5", "boats.price_cents", "min", "ranked"),
    ]
    days: dict[str, Source] = {
        "from_day": Said(mention="m2"),
        "to_day": Said(mention="m3"),
        "people": Said(mention="m4"),
    }
    search = call("find_boats", {"city": Said(mention="m1"), **days}, purpose="resolve")
    cheapest = FromResult(call=0, path="boats[0].boat_id", rank=Rank(field="price_cents", order="min", mention="m5"))
    book = call("book_boat", {"sailor_id": ME, "boat_id": cheapest, **days})
    turn = Turn(text="", requests=[Request(call=1)], mentions=said, calls=(0, 2), outcome="done")
    return task([turn], [search, book], persona, name)


def cancelling(persona: Persona | None = None, name: str = "t") -> Task:
    """Someone asks what their booking in Porto costs, then cancels it."""
    said = [mention("m1", "marinas.city", "Porto")]
    mine = FromResult(
        call=0, path="bookings[0].booking_id", where=[Condition(field="city", value="Porto", mention="m1")]
    )
    first = Turn(
        text="",
        requests=[Request(call=1)],
        mentions=said,
        calls=(0, 2),
        facts=[Fact(name="total_cents", kind="money", value=9000, call=1, path="total_cents", unit="EUR")],
        outcome="informed",
    )
    back = mention("m2", "bookings.id", "bk_1", "referred")
    second = Turn(text="", requests=[Request(call=2)], mentions=[back], calls=(2, 3), outcome="done")
    gold = [
        call("list_bookings", {"sailor_id": ME}, purpose="resolve"),
        call("get_booking", {"booking_id": mine}, arguments={"booking_id": "bk_1"}),
        call("cancel_booking", {"booking_id": mine, "sailor_id": ME}, arguments={"booking_id": "bk_1"}),
    ]
    return task([first, second], gold, persona, name)
