"""Referring back: "it" is what the last turn was about, and nothing that its answer only showed by the way."""

from __future__ import annotations

import random
import re

import pytest

from envfactory.phrasing.parsing import frames_of
from envfactory.phrasing.realise import realise
from envfactory.tasks.model import EnvironmentRef, FromResult, GoldCall, Request, Task, Turn
from tests.phrasing.rides import CONTRACTS, NOW, RIDE, call

FRAMES = {"rides": frames_of("rides", CONTRACTS.model_dump())}


def wordings(first: GoldCall, path: str) -> set[str]:
    """Return the ways to cancel the ride at a path of what the first turn's call showed."""
    cancel = call("cancel_ride", {"ride_id": "rd_1"}, {}, sources={"ride_id": FromResult(call=0, path=path)})
    turns = [
        Turn(text="And?", requests=[Request(call=0)], calls=(0, 1), outcome="informed"),
        Turn(text="", requests=[Request(call=1)], calls=(1, 2), outcome="done"),
    ]
    here = EnvironmentRef(name="rides", domain="travel", content_hash="0", now=NOW)
    task = Task(id="t", seed=0, index=0, environments=[here], turns=turns, gold=[first, cancel])
    return {realise(task, 1, FRAMES, random.Random(seed)).text for seed in range(30)}


@pytest.mark.parametrize(
    ("arguments", "result", "path", "is_it"),
    [
        ({"ride_id": "rd_1"}, {"ride": RIDE}, "ride.ride_id", True),
        ({"ride_id": "rd_2"}, {"others": [RIDE]}, "others[0].ride_id", False),
    ],
)
def test_it_is_what_was_asked_about(arguments: dict[str, str], result: object, path: str, is_it: bool) -> None:
    said = wordings(call("get_ride", arguments, result), path)
    assert any(re.search(r"\bit\b", each) for each in said) == is_it
    assert any("ride" in each for each in said)
