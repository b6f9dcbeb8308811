"""Noun phrases of rows: a bound is met by any that keeps it, and "whatever is cheapest" goes with asking for something new."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from envfactory.phrasing.nounphrase import Noun
from envfactory.phrasing.parsing import frames_of
from envfactory.phrasing.realise import realise
from envfactory.phrasing.words import string, text
from envfactory.tasks.model import Condition, Fact, FromResult, Rank, Request, Said, Task, Turn
from tests.phrasing import harbour

TAIL = "whatever is cheapest"


def wordings(task: Task, contracts: dict[str, Any]) -> list[str]:
    frames = {"harbour": frames_of("harbour", contracts)}
    return [realise(task, 0, frames, random.Random(seed)).text for seed in range(60)]


def tailed() -> dict[str, Any]:
    """Return contracts whose boats can be ranked by a remark, and of which one can be looked at."""
    contracts = copy.deepcopy(harbour.CONTRACTS)
    contracts["entities"]["boats"]["rank"]["price_cents:min"]["tail"] = [TAIL]
    frames = {"class": "read", "vp": ["look up {boat_id}"], "wants": {"berths": ["how many berths {boat_id} has"]}}
    contracts["tools"].append({"name": "get_boat", "kind": "read", "description": "", "parameters": {"boat_id": harbour.parameter(ref="boats.id")}, "frames": frames})  # fmt: skip
    return contracts


def looking() -> Task:
    """Someone asks how many berths the cheapest boat in Porto has."""
    cheapest = FromResult(call=0, path="boats[0].boat_id", rank=Rank(field="price_cents", order="min", mention="m5"))
    said = [
        harbour.mention("m1", "find_boats.city", "Porto"),
        harbour.mention("m5", "boats.price_cents", "min", "ranked"),
    ]
    gold = [
        harbour.call("find_boats", {"city": Said(mention="m1")}, purpose="resolve"),
        harbour.call("get_boat", {"boat_id": cheapest}),
    ]
    facts = [Fact(name="berths", kind="number", value=4, call=1, path="boat.berths")]
    turn = Turn(text="", requests=[Request(call=1)], mentions=said, calls=(0, 2), facts=facts, outcome="informed")
    return harbour.task([turn], gold)


@pytest.mark.parametrize(("task", "is_choosing"), [(harbour.booking(), True), (looking(), False)])
def test_whatever_is_cheapest_is_for_choosing(task: Task, is_choosing: bool) -> None:
    said = wordings(task, tailed())
    assert any(TAIL in each.lower() for each in said) == is_choosing
    assert any("cheapest boat" in each for each in said)


def test_any_boat_for_at_most_so_much_will_do() -> None:
    task = harbour.booking()
    where = [Condition(field="price_cents", op="le", value=9000, mention="m5")]
    gold = list(task.gold)
    gold[1] = gold[1].model_copy(update={"sources": {**gold[1].sources, "boat_id": FromResult(call=0, path="boats[0].boat_id", where=where)}})  # fmt: skip
    said = [each for each in task.turns[0].mentions if each.id != "m5"]
    said.append(harbour.mention("m5", "boats.price_cents", 9000))
    turn = task.turns[0].model_copy(update={"mentions": said})
    told = wordings(task.model_copy(update={"gold": gold, "turns": [turn]}), harbour.CONTRACTS)
    assert any("a boat" in each for each in told)
    assert not any("the boat" in each for each in told)


def test_a_bare_kind_has_its_place_before_the_noun() -> None:
    contracts = copy.deepcopy(harbour.CONTRACTS)
    find = contracts["tools"][0]
    find["parameters"]["kind"] = harbour.parameter(enum=["wooden", "fast"], required=False)
    find["frames"]["slots"]["kind"] = {"np": "{v}"}
    find["frames"]["vp"] = ["find a {kind} boat | {city} | {hire}"]
    find["frames"]["questions"] = ["Which boats are there | {city} | {hire}?"]
    task = harbour.booking()
    mentions = [task.turns[0].mentions[0], harbour.mention("m9", "find_boats.kind", "wooden")]
    search = harbour.call("find_boats", {"city": Said(mention="m1"), "kind": Said(mention="m9")})
    turn = Turn(text="", requests=[Request(call=0)], mentions=mentions, calls=(0, 1), outcome="informed")
    assert all("wooden boat" in each for each in wordings(harbour.task([turn], [search]), contracts))


def test_what_belongs_to_ones_own_is_for_it_and_not_the_same_as_it() -> None:
    contracts = copy.deepcopy(harbour.CONTRACTS)
    contracts["entities"]["repairs"] = {"noun": ["repair"]}
    parameters = {"repair_id": harbour.parameter(ref="repairs.id")}
    frames = {"class": "cancel", "vp": ["call off {repair_id}"]}
    contracts["tools"].append({"name": "stop_repair", "kind": "write", "description": "", "parameters": parameters, "frames": frames})  # fmt: skip
    task = harbour.cancelling()
    look = task.gold[1].model_copy(update={"purpose": "resolve"})
    stop = harbour.call("stop_repair", {"repair_id": FromResult(call=1, path="repairs[0].repair_id")})
    turn = task.turns[0].model_copy(update={"requests": [Request(call=2)], "calls": (0, 3), "facts": [], "outcome": "done"})  # fmt: skip
    said = wordings(harbour.task([turn], [task.gold[0], look, stop]), contracts)
    assert all("repair for my" in each for each in said)


@pytest.mark.parametrize(
    ("noun", "after", "said"),
    [("one", "for at most €50", "one for at most €50"), ("oar", "", "an oar"), ("boat", "", "a boat")],
)
def test_one_takes_no_article(noun: str, after: str, said: str) -> None:
    assert string(Noun(noun, after=[text(after)] if after else []).indefinite()) == said


def test_a_place_is_not_called_by_the_code_of_what_goes_there() -> None:
    contracts = copy.deepcopy(harbour.CONTRACTS)
    moor = {"class": "create", "vp": ["moor at {marina_id}"]}
    contracts["tools"].append({"name": "moor", "kind": "write", "description": "", "parameters": {"marina_id": harbour.parameter(ref="marinas.id")}, "frames": moor})  # fmt: skip
    contracts["entities"]["airports"] = contracts["entities"].pop("marinas") | {"noun": ["airport"]}
    contracts["tools"][-1]["parameters"]["marina_id"]["ref"] = "airports.id"
    where = [Condition(field="flight", value="NV 115", mention="m1")]
    gold = [
        harbour.call("list_bookings", {"sailor_id": harbour.ME}, purpose="resolve"),
        harbour.call("moor", {"marina_id": FromResult(call=0, path="bookings[0].origin_id", where=where)}),
    ]
    said = [harbour.mention("m1", "flights.number", "NV 115")]
    turn = Turn(text="", requests=[Request(call=1)], mentions=said, calls=(0, 2), outcome="done")
    told = wordings(harbour.task([turn], gold), contracts)
    assert all("the airport of flight NV 115" in each for each in told)
