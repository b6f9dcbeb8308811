"""A small service of airport rides, its frames and one conversation in it, written by hand for the assistant's words."""

from __future__ import annotations

from typing import Any

from envfactory.environments.contract import Contracts
from envfactory.tasks.model import (
    Condition,
    EnvironmentRef,
    Fact,
    FromProfile,
    FromResult,
    GoldCall,
    Mention,
    Profile,
    Rank,
    Request,
    Said,
    Task,
    Turn,
)

NOW = "2027-10-04T05:20:00Z"


def _read(name: str, parameters: dict[str, Any], result: dict[str, Any], frames: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "read",
        "description": name,
        "parameters": parameters,
        "result": result,
        "frames": frames,
    }


def _write(name: str, parameters: dict[str, Any], errors: dict[str, str], frames: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "write",
        "description": name,
        "parameters": parameters,
        "steps": [{"guard": "1", "else": code} for code in errors],
        "effects": [{"update": "rides", "where": "id = 1", "set": {"status": "'x'"}}],
        "result": {"ok": "1"},
        "errors": {code: {"message": message} for code, message in errors.items()},
        "frames": frames,
    }


def _key(table: str, *, required: bool = True) -> dict[str, Any]:
    return {"type": "string", "required": required, "ref": f"{table}.id"}


CONTRACTS = Contracts.model_validate(
    {
        "now": NOW,
        "principal": "passengers",
        "entities": {
            "passengers": {"noun": ["passenger"], "name": "name"},
            "vehicles": {"noun": ["car"], "name": "name", "rank": {"fare_cents:min": {"adj": "cheapest"}}},
            "areas": {"noun": ["area"], "name": "name"},
            "rides": {"noun": ["ride"], "owner": "passenger_id", "identify": ["area.name:to", "pickup_at:at"]},
        },
        "tools": [
            _read(
                "quote_rides",
                {"area": {"type": "string"}, "people": {"type": "integer", "required": True}},
                {"quotes": {"rows": "SELECT 1"}},
                {"class": "search", "vp": ["get a quote"], "facts": {"fare_cents": "it costs {money}", "cars_left": "{v} cars are left"}},
            ),
            _read(
                "list_rides",
                {"passenger_id": _key("passengers")},
                {"rides": {"rows": "SELECT 1"}},
                {"class": "list", "vp": ["see my rides"], "done": ["You have {count} rides."]},
            ),
            _read("get_ride", {"ride_id": _key("rides")}, {"ride": {"row": "SELECT 1"}}, {"class": "read", "facts": {"pickup_at": "it leaves at {time}", "minutes": "it takes {v} minutes"}}),
            _write(
                "book_ride",
                {
                    "passenger_id": _key("passengers"),
                    "vehicle_id": _key("vehicles"),
                    "area_id": _key("areas"),
                    "pickup_at": {"type": "string", "required": True, "format": "date-time"},
                    "bags": {"type": "integer", "default": 1},
                },
                {"NO_CAR_LEFT": "No car of this class is left.", "OWN_RIDE": "The passenger has a ride then."},
                {
                    "class": "create",
                    "vp": ["book {vehicle_id} | {pickup_at}"],
                    "slots": {"pickup_at": {"datetime": True}, "bags": {"count": "suitcase"}},
                    "done": ["I've booked {vehicle_id} to {area_id}, {pickup_at}, with {bags}."],
                    "facts": {"fare_cents": "It costs {money}", "due_on": "payable by {date}"},
                    "errors": {"NO_CAR_LEFT": "{vehicle_id} is gone at that time"},
                },
            ),
            _write(
                "cancel_ride",
                {"ride_id": _key("rides"), "passenger_id": _key("passengers")},
                {"TOO_LATE": "It is too late."},
                {"class": "cancel", "vp": ["cancel my {ride_id}"], "done": ["That's cancelled."], "facts": {"refund_cents": "You get {money} back"}},
            ),
        ],
    }
)  # fmt: skip
BY_NAME = {"rides": CONTRACTS}
QUOTES = [
    {
        "vehicle_id": "vc_1",
        "vehicle": "sedan",
        "area_id": "ar_1",
        "area": "Old Town",
        "fare_cents": 3900,
        "cars_left": 1,
    },
    {"vehicle_id": "vc_2", "vehicle": "van", "area_id": "ar_1", "area": "Old Town", "fare_cents": 5200, "cars_left": 4},
]
RIDE = {"ride_id": "rd_1", "area": "Old Town", "pickup_at": "2027-10-05T08:20:00Z", "status": "booked"}
OTHER = {"ride_id": "rd_2", "area": "Karlin", "pickup_at": "2027-10-06T19:05:00Z", "status": "booked"}


def call(tool: str, arguments: dict[str, Any], result: Any = None, **more: Any) -> GoldCall:
    return GoldCall(environment="rides", tool=tool, arguments=arguments, result=result, **more)


def quoting() -> GoldCall:
    return call("quote_rides", {"people": 2}, {"quotes": QUOTES})


def listing(rides: list[dict[str, Any]]) -> GoldCall:
    return call("list_rides", {"passenger_id": "pa_1"}, {"rides": rides}, sources={"passenger_id": FromProfile(environment="rides", column="id")})  # fmt: skip


def booking(**more: Any) -> GoldCall:
    arguments = {"passenger_id": "pa_1", "vehicle_id": "vc_1", "area_id": "ar_1", "pickup_at": "2027-10-05T08:20:00Z"}
    sources = {
        "vehicle_id": FromResult(call=0, path="quotes[0].vehicle_id", rank=Rank(field="fare_cents", order="min")),
        "pickup_at": Said(mention="m1"),
    }
    told = {"result": {"ride_id": "rd_9", "fare_cents": 3900, "due_on": "2027-10-20"}} | more
    return call("book_ride", arguments, sources=sources, **told)


def cancelling() -> GoldCall:
    where = [Condition(field="area", value="Old Town")]
    sources = {"ride_id": FromResult(call=0, path="rides[0].ride_id", where=where)}
    return call("cancel_ride", {"ride_id": "rd_1", "passenger_id": "pa_1"}, {"refund_cents": 0}, sources=sources)


def fact(name: str, kind: Any, value: Any, at: int, path: str, **more: Any) -> Fact:
    return Fact(name=name, kind=kind, value=value, call=at, path=path, unit="EUR" if kind == "money" else "", **more)


def conversation(
    gold: list[GoldCall], facts: list[Fact], outcome: Any = "done", mentions: list[Mention] | None = None
) -> Task:
    """Return a conversation of one turn that makes all calls and asks for the last."""
    request = [Request(call=len(gold) - 1)] if gold else []
    turn = Turn(text="…", requests=request, calls=(0, len(gold)), facts=facts, outcome=outcome, mentions=mentions or [])
    reference = EnvironmentRef(name="rides", domain="travel", content_hash="0" * 64, now=NOW)
    profile = [Profile(environment="rides", table="passengers", columns={"id": "pa_1"})]
    return Task(id="t", seed=0, index=0, environments=[reference], profile=profile, turns=[turn], gold=gold)
