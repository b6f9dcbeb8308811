"""Questions out of the facts that an answer must state."""

from __future__ import annotations

import pytest

from envfactory.phrasing.asking import embedded
from envfactory.phrasing.frames import ToolFrame
from envfactory.tasks.model import Fact, FactKind


def tool(**facts: str) -> ToolFrame:
    return ToolFrame("get_booking", "read", "read", ("look up {booking_id}",), {}, facts=facts)


def fact(name: str, kind: FactKind = "text") -> Fact:
    return Fact(name=name, kind=kind, value=1, call=0)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("it costs {money}", "how much it costs"),
        ("it leaves at {time}", "when it leaves"),
        ("{v} economy seats are left", "how many economy seats are left"),
        ("your seat is {v}", "what my seat is"),
        ("{v} teaches it", "who teaches it"),
        ("you have {v} points", "how many points I have"),
        ("it can be dropped until {date}", "until when it can be dropped"),
    ],
)
def test_the_sentence_of_a_fact_is_turned_round(sentence: str, question: str) -> None:
    assert embedded(tool(told=sentence), fact("told")) == question


@pytest.mark.parametrize(
    ("name", "kind", "question"),
    [
        ("status", "text", "what its status is"),
        ("deposit_cents", "money", "how much the deposit is"),
        ("fees_cents", "money", "how much the fees are"),
        ("starts_at", "datetime", "when it starts"),
        ("cancelled_on", "date", "when it was cancelled"),
        ("children", "number", "how many children there are"),
        ("weight_kg", "number", "what the weight is"),
    ],
)
def test_without_a_sentence_the_name_of_the_fact_is_asked_for(name: str, kind: FactKind, question: str) -> None:
    assert embedded(tool(), fact(name, kind)) == question
