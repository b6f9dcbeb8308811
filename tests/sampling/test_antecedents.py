"""What "it" can point at: the one thing of its kind that an earlier turn dealt with, never what was only listed."""

from __future__ import annotations

import pytest

from envfactory.sampling.antecedents import antecedent
from envfactory.tasks.model import Fact, GoldCall, Mention, Request, Turn

LISTED = GoldCall(
    environment="boat_hire",
    tool="list_hires",
    arguments={"customer_id": "cu_01"},
    result={"hires": [{"hire_id": "hi_15", "boat_id": "bt_12"}, {"hire_id": "hi_16", "boat_id": "bt_03"}]},
)
LOOKED = GoldCall(
    environment="boat_hire",
    tool="get_hire",
    arguments={"hire_id": "hi_15"},
    result={"hire_id": "hi_15", "boat_id": "bt_12"},
)


def turn(first: int) -> Turn:
    return Turn(text="", requests=[Request(call=first)], calls=(first, first + 1), outcome="informed")


@pytest.mark.parametrize(
    ("slot", "value", "spoken"),
    [("hires.id", "hi_15", 1), ("hires.id", "hi_16", None), ("boats.id", "bt_12", None)],
)
def test_what_was_asked_about_can_be_pointed_at(slot: str, value: str, spoken: int | None) -> None:
    """The hire was looked at in the second turn; its boat was shown, but nobody told its name."""
    wanted = Mention(id="m", environment="boat_hire", slot=slot, value=value, form="referred")
    assert antecedent([turn(0), turn(1)], [LISTED, LOOKED], 2, wanted) == spoken


def test_of_two_things_in_one_turn_neither_is_it() -> None:
    other = LOOKED.model_copy(update={"arguments": {"hire_id": "hi_16"}})
    both = Turn(text="", requests=[Request(call=0), Request(call=1)], calls=(0, 2), outcome="informed")
    wanted = Mention(id="m", environment="boat_hire", slot="hires.id", value="hi_15", form="referred")
    assert antecedent([both], [LOOKED, other], 1, wanted) is None


@pytest.mark.parametrize(
    ("turns", "value", "spoken"),
    [
        ([turn(1)], "bt_12", 0),  # the hire was looked at: its boat is "that boat"
        ([turn(1)], "bt_03", None),  # another hire's boat
        ([turn(0)], "bt_12", None),  # two hires were listed
        ([turn(1), Turn(text="", calls=(2, 2), outcome="chat")], "bt_12", 0),
    ],
)
def test_what_belongs_to_the_thing_in_hand_can_be_pointed_at(turns: list[Turn], value: str, spoken: int | None) -> None:
    wanted = Mention(id="m", environment="boat_hire", slot="hires.boat_id", value=value, form="referred")
    assert antecedent(turns, [LISTED, LOOKED], len(turns), wanted) == spoken


def test_of_several_offers_of_the_thing_in_hand_none_is_that_one() -> None:
    offers = [{"flight_id": "fl_1", "fare_id": fare} for fare in ("light", "full")]
    found = GoldCall(
        environment="air", tool="search_flights", arguments={"day": "2027-09-23"}, result={"flights": offers}
    )
    wanted = Mention(id="m", environment="air", slot="flights.fare_id", value="full", form="referred")
    assert antecedent([turn(0)], [found], 1, wanted) is None
    alone = found.model_copy(update={"result": {"flights": offers[1:]}})
    assert antecedent([turn(0)], [alone], 1, wanted) == 0


@pytest.mark.parametrize(("found", "spoken"), [(["hi_16"], None), (["hi_15", "hi_16"], 0), ([], 0)])
def test_others_found_since_stand_between(found: list[str], spoken: int | None) -> None:
    """The hire was looked at; then a search, whose answer was told, found others: "it" is not the first one any more."""
    search = GoldCall(environment="boat_hire", tool="find_hires", arguments={}, result={"hires": [{"hire_id": each} for each in found]})  # fmt: skip
    told = Fact(name="start_date", kind="date", value="2026-06-01", call=1, path="hires[0].start_date")
    turns = [turn(0), turn(1).model_copy(update={"facts": [told]})]
    wanted = Mention(id="m", environment="boat_hire", slot="hires.id", value="hi_15", form="referred")
    assert antecedent(turns, [LOOKED, search], 2, wanted) == spoken
