"""Tasks over the boat hire written by hand: what is said and whence each argument comes; results are played."""

from __future__ import annotations

from typing import Any

from envfactory.environments.contract import Contracts
from envfactory.refinement.rehearsal import steps_of
from envfactory.tasks.model import (
    Condition,
    Fact,
    FromProfile,
    FromResult,
    GoldCall,
    Mention,
    Profile,
    Rank,
    Request,
    Said,
    Source,
    Task,
    Turn,
)
from envfactory.tasks.play import play, word
from envfactory.tasks.scope import Scope
from tests.gate import harbour

BOATS = "boat_hire"
ENTITIES: dict[str, Any] = {
    "boats": {
        "noun": ["boat"],
        "name": "name",
        "rank": {"total_cents:min": {"adj": "cheapest"}, "berths:max": {"adj": "biggest"}},
    },
    "hires": {"noun": ["hire"], "owner": "customer_id", "identify": ["boat.name:of", "start_date:from"]},
    "gear": {"noun": ["piece of gear"], "name": "name"},
}
FRAMES: dict[str, Any] = {
    "search_boats": {
        "vp": ["find a boat | {harbour} | {stay}"],
        "slots": {"harbour": {"np": "in {v}"}, "stay": {"interval": ["start_date", "end_date"], "unit": "day"}},
    },
    "book_boat": {
        "vp": ["hire {boat_id} | {stay} | {crew}"],
        "slots": {
            "stay": {"interval": ["start_date", "end_date"], "unit": "day", "ask": "Which days?"},
            "crew": {"count": "person", "ask": "How many of you are there?"},
        },
    },
    "cancel_hire": {"vp": ["cancel {hire_id}"], "slots": {"hire_id": {"np": "{v}", "ask": "Which hire?"}}},
    "add_gear": {"vp": ["add {gear_id} to {hire_id}"]},
    "list_hires": {"vp": ["show me my hires"]},
    "confirm_hire": {"vp": ["confirm {hire_id}"]},
}


def spoken_contracts() -> Contracts:
    """Return the boat hire's contracts with frames and entities."""
    plain = harbour.contracts()
    tools = [tool.model_copy(update={"frames": FRAMES.get(tool.name, {})}) for tool in plain.tools]
    return plain.model_copy(update={"tools": tools, "entities": ENTITIES})


def said(name: str, slot: str, value: Any, form: str = "stated") -> Mention:
    return Mention.model_validate({"id": name, "environment": BOATS, "slot": slot, "value": value, "form": form})


def at(call: int, path: str, *where: tuple[str, Any, str], rank: tuple[str, str, str] | None = None) -> FromResult:
    """Return a place in a result, its row told by (field, value, mention)s and a ranking (field, order, mention)."""
    conditions = [Condition(field=field, value=value, mention=mention) for field, value, mention in where]
    ranked = Rank.model_validate(dict(zip(("field", "order", "mention"), rank, strict=True))) if rank else None
    return FromResult(call=call, path=path, where=conditions, rank=ranked)


ME = FromProfile(environment=BOATS, column="id")


def call(tool: str, purpose: str = "goal", **arguments: tuple[Any, Source | str]) -> GoldCall:
    """Return a call from (value, source) pairs; a source that is a string is the mention that says the value."""
    sources = {name: Said(mention=each) if isinstance(each, str) else each for name, (_, each) in arguments.items()}
    values = {name: value for name, (value, _) in arguments.items()}
    return GoldCall.model_validate(
        {"environment": BOATS, "tool": tool, "arguments": values, "sources": sources, "purpose": purpose}
    )


def turn(calls: tuple[int, int], *mentions: Mention, outcome: str = "done", **more: Any) -> Turn:
    """Return a turn that asks for its last call, unless told otherwise."""
    asked = more.pop("asked", [calls[1] - 1])
    requests = [Request(call=number) for number in asked]
    usual = {"text": "", "mentions": list(mentions), "calls": calls, "outcome": outcome, "requests": requests}
    return Turn.model_validate({**usual, **more})


def task(scope: Scope, gold: list[GoldCall], turns: list[Turn], person: str = "cu_01") -> Task:
    """Return a task with the results its gold calls really have."""
    played = play(scope, steps_of(gold))
    heard = [
        each.model_copy(update={"outcome": word(outcome), "result": outcome.get("result")})
        for each, outcome in zip(gold, played.outcomes, strict=True)
    ]
    return Task(
        id="hand",
        seed=0,
        index=0,
        environments=[scope.reference(BOATS)],
        profile=[Profile(environment=BOATS, table="customers", columns={"id": person})],
        turns=turns,
        gold=heard,
    )


def booking(scope: Scope) -> Task:
    """Search in Porto from 14 to 16 May, then hire the Sardinha for two, the dates said again; then add a paddle board."""
    gold = [
        call("search_boats", harbour=("Porto", "h"), start_date=("2026-05-14", "s"), end_date=("2026-05-16", "e")),
        call(
            "book_boat",
            customer_id=("cu_01", ME),
            boat_id=("bt_03", at(0, "boats[0].boat_id", ("name", "Sardinha", "n"))),
            start_date=("2026-05-14", "s2"),
            end_date=("2026-05-16", "e2"),
            crew=(2, "c"),
        ),
    ]
    first = turn(
        (0, 1),
        said("h", "search_boats.harbour", "Porto"),
        said("s", "search_boats.start_date", "2026-05-14"),
        said("e", "search_boats.end_date", "2026-05-16"),
        outcome="informed",
    )
    second = turn(
        (1, 2),
        said("n", "boats.name", "Sardinha"),
        said("s2", "book_boat.start_date", "2026-05-14"),
        said("e2", "book_boat.end_date", "2026-05-16"),
        said("c", "book_boat.crew", 2),
    )
    return task(scope, gold, [first, second])


def cancelling(scope: Scope) -> Task:
    """Look at the hire of the Hanse, then cancel it, described anew by its boat and its day."""
    listed = call("list_hires", "resolve", customer_id=("cu_01", ME))
    gold = [
        listed,
        call(
            "get_hire", hire_id=("hi_15", at(0, "hires[0].hire_id", ("boat", "Hanse", "b"))), customer_id=("cu_01", ME)
        ),
        call(
            "cancel_hire",
            hire_id=("hi_15", at(0, "hires[0].hire_id", ("boat", "Hanse", "b2"), ("start_date", "2026-05-25", "d2"))),
            customer_id=("cu_01", ME),
        ),
    ]
    first = turn((0, 2), said("b", "boats.name", "Hanse"), outcome="informed", facts=[_crew()])
    second = turn((2, 3), said("b2", "boats.name", "Hanse"), said("d2", "hires.start_date", "2026-05-25"))
    return task(scope, gold, [first, second])


def _crew() -> Fact:
    return Fact(name="crew", kind="number", value=8, call=1, path="crew")
