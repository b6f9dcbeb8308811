"""A situation is the ground of what is asked for first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from envfactory.sampling.scenes import Stage
from envfactory.sampling.situations import situation
from envfactory.tasks.model import GoldCall, Request, Turn

FRAMES: dict[str, dict[str, Any]] = {
    "find": {},
    "list": {},
    "book": {"situations": [{"text": "we need a break", "party": [2, 3]}]},
    "claim": {"class": "claim", "situations": [{"text": "I broke my wrist", "when": {"section": "medical"}}]},
}
VERBS = {"find": "search", "list": "list", "book": "create", "claim": "create"}


class Dice:
    """Takes the first."""

    def choice(self, among: list[str]) -> str:
        return among[0]


def staged(*tools: str, party: int | None = 2, **arguments: Any) -> Stage:
    """A conversation that asks for one tool a turn."""
    views = {
        name: SimpleNamespace(name=name, verb=VERBS[name], frames=frames, kind="read" if frames == {} else "write")
        for name, frames in FRAMES.items()
    }
    gold = [GoldCall(environment="here", tool=name, arguments=arguments, sources={}) for name in tools]
    turns = [Turn(text="", calls=(at, at + 1), requests=[Request(call=at)], outcome="done") for at in range(len(tools))]
    chain = SimpleNamespace(turns=turns, gold=gold)
    view = SimpleNamespace(tools=views)
    return cast(Stage, SimpleNamespace(chain=chain, view=lambda _: view, party_said=party is not None, party=party))


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        (("book",), "we need a break"),
        (("find", "book"), "we need a break"),
        (("list", "book"), ""),
        (("find", "list", "book"), ""),
        (("book", "claim"), "we need a break"),
    ],
)
def test_what_is_asked_first_has_a_ground(tools: tuple[str, ...], expected: str) -> None:
    assert situation(staged(*tools), cast(Any, Dice())) == expected


@pytest.mark.parametrize(("section", "expected"), [("medical", "I broke my wrist"), ("baggage", "")])
def test_what_happened_fits_the_claim(section: str, expected: str) -> None:
    assert situation(staged("list", "claim", section=section), cast(Any, Dice())) == expected


def test_a_situation_fits_the_party() -> None:
    assert situation(staged("book", party=5), cast(Any, Dice())) == ""
