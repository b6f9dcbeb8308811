"""Questions out of the facts that an answer must state."""

from __future__ import annotations

import pytest

from envfactory.phrasing.curiosity import embedded
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
        ("paid_cents", "money", "how much I've paid"),
        ("starts_at", "datetime", "when it starts"),
        ("cancelled_on", "date", "when it was cancelled"),
        ("bought_on", "date", "when I bought it"),
        ("pickup_date", "date", "when the pickup is"),
        ("places_left", "number", "how many places are left"),
    ],
)
def test_without_a_sentence_a_name_that_people_use_is_asked_for(name: str, kind: FactKind, question: str) -> None:
    assert embedded(tool(), fact(name, kind)) == question


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("serial", "text"),
        ("sailing", "text"),
        ("max_days", "number"),
        ("weight_kg", "number"),
        ("refund_today_cents", "money"),
        ("hold_until", "datetime"),
    ],
)
def test_a_name_that_nobody_says_is_no_question(name: str, kind: FactKind) -> None:
    assert embedded(tool(), fact(name, kind)) == ""


def test_status_of_the_row_asked_about_is_its_status() -> None:
    frame = ToolFrame(
        "get_booking", "read", "read", ("look up {x}",), {}, wants={"status": ("what the status of {x} is",)}
    )

    assert embedded(frame, fact("status")) == "what its status is"
