"""The ends of a journey in hand, in words: the way back, the same route, on from where it ends, where a car is returned."""

from __future__ import annotations

import json
import random

import pytest

from envfactory.phrasing.parsing import frames_of
from envfactory.phrasing.realise import realise
from envfactory.refinement.hearing import Ear
from envfactory.tasks.model import EnvironmentRef, FromResult, GoldCall, Mention, Request, Said, Source, Task, Turn
from tests.sampling import crossings

CONTRACTS = crossings.environment().contracts
BOOKING = {"booking_id": "bk_01", "origin_id": "pt_ibz", "destination_id": "pt_den"}
DAY = Mention(id="d", environment="crossings", slot="search_sailings.day", value="2027-08-06")


def asked(origin: str, destination: str) -> Task:
    """Return a booking looked at, then a search from and to ends of it; a port's own name stands for none."""
    mentions, sources = [DAY], dict[str, Source](day=Said(mention="d"))
    arguments = {"day": DAY.value}
    for name, end in (("origin_id", origin), ("destination_id", destination)):
        referred = end in BOOKING
        value = BOOKING[end] if referred else "pt_pmi"
        arguments[name] = value
        slot = f"bookings.{end}" if referred else f"search_sailings.{name}"
        mentions.append(
            Mention(
                id=name,
                environment="crossings",
                slot=slot,
                value=value if referred else end,
                form="referred" if referred else "stated",
            )
        )
        sources[name] = FromResult(call=0, path=f"booking.{end}") if referred else Said(mention=name)
    gold = [
        GoldCall(
            environment="crossings", tool="get_booking", arguments={"booking_id": "bk_01"}, result={"booking": BOOKING}
        ),
        GoldCall(environment="crossings", tool="search_sailings", arguments=arguments, sources=sources),
    ]
    turns = [
        Turn(text="When is my booking?", requests=[Request(call=0)], calls=(0, 1), outcome="informed"),
        Turn(text="", requests=[Request(call=1)], mentions=mentions, calls=(1, 2), outcome="informed"),
    ]
    here = EnvironmentRef(name="crossings", domain="travel", content_hash="0", now=CONTRACTS.now)
    return Task(id="t", seed=0, index=0, environments=[here], turns=turns, gold=gold)


def said(origin: str, destination: str, *, plain: bool = True) -> Turn:
    frames = {"crossings": frames_of("crossings", CONTRACTS.model_dump())}
    return realise(asked(origin, destination), 1, frames, random.Random(2), plain=plain)


@pytest.mark.parametrize(
    ("origin", "destination", "words"),
    [
        ("destination_id", "origin_id", "for the way back"),
        ("origin_id", "destination_id", "on the same route"),
        ("origin_id", "Palma", "from the same port"),
        ("destination_id", "Palma", "from where that one ends"),
        ("Palma", "destination_id", "to the same port"),
        ("Palma", "origin_id", "back to where that one starts"),
    ],
)
def test_which_end_it_is_and_which_it_is_to_be_makes_the_words(origin: str, destination: str, words: str) -> None:
    turn = said(origin, destination)
    assert words in turn.text
    assert all(mention.words for mention in turn.mentions)


@pytest.mark.parametrize("destination", ["origin_id", "Palma"])
def test_an_independent_reader_hears_that_it_points_back(destination: str) -> None:
    turn = said("destination_id", destination, plain=False)
    ear = Ear(turn.text, CONTRACTS.now, CONTRACTS, turn.mentions)
    assert [ear.hear(each) for each in turn.mentions if each.form == "referred"] == [None, None][
        : 1 + (destination in BOOKING)
    ]


def test_what_is_no_stop_is_pointed_at() -> None:
    contracts = json.loads(json.dumps(CONTRACTS.model_dump()).replace('"ports.id"', '"fares.id"'))
    task = asked("origin_id", "Palma")
    turn = realise(task, 1, {"crossings": frames_of("crossings", contracts)}, random.Random(2), plain=True)
    assert "that fare" in turn.text
    assert "pick" not in turn.text


@pytest.mark.parametrize(
    ("origin", "destination", "words"),
    [("destination_id", "origin_id", "for the way back"), ("origin_id", "destination_id", "on the same route")],
)
def test_what_was_looked_for_between_both_ends_is_of_that_journey(origin: str, destination: str, words: str) -> None:
    """The sailing found for the way back is looked at: neither end is "that port"."""
    task = asked(origin, destination)
    contracts = CONTRACTS.model_dump()
    look = {"class": "read", "vp": ["look up {sailing_id}"]}
    parameter = {"type": "string", "description": "", "required": True, "ref": "sailings.id"}
    contracts["tools"].append({"name": "look_up", "kind": "read", "description": "", "parameters": {"sailing_id": parameter}, "frames": look})  # fmt: skip
    found = GoldCall(environment="crossings", tool="look_up", arguments={"sailing_id": "s_1"}, sources={"sailing_id": FromResult(call=1, path="sailings[0].sailing_id")})  # fmt: skip
    search = task.gold[1].model_copy(update={"purpose": "resolve"})
    turn = task.turns[1].model_copy(update={"requests": [Request(call=2)], "calls": (1, 3)})
    task = task.model_copy(update={"gold": [task.gold[0], search, found], "turns": [task.turns[0], turn]})
    told = realise(task, 1, {"crossings": frames_of("crossings", contracts)}, random.Random(2), plain=True).text
    assert words in told
    assert "that port" not in told
