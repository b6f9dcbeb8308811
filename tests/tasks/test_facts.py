"""When an answer has stated a fact, and when it had it from nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.tasks.facts import Executed, check_facts, gold_answers, spoken, statement
from envfactory.tasks.model import Fact, Task
from tests.tasks.written import PORTO_ANSWERS

SHOWN = {"boats": [{"boat_id": "bt_03", "name": "Sardinha", "total_cents": 6450}]}


def call(tool: str, result: Any = None, code: str = "", turn: int = 0) -> Executed:
    outcome = {"status": "error", "code": code} if code else {"status": "ok", "result": result}
    return Executed("boat_hire", tool, {}, outcome, turn)


def reasons(task: Task, turn: int, answer: str, *calls: Executed) -> list[str]:
    answers = [answer if number == turn else "" for number in range(len(task.turns))]
    return [check.reason for check in check_facts(task, answers, calls) if check.turn == turn]


@pytest.mark.parametrize(
    "answer",
    [
        PORTO_ANSWERS[0],
        "Sardinha: €64.50 in total.",
        "That would be Sardinha for EUR 64.50. Gaivota costs more.",
        "There are Sardinha, Gaivota and Albatroz. The cheapest is Sardinha at 64.50 euros.",
    ],
)
def test_a_fact_is_stated_in_any_usual_writing(porto: Task, answer: str) -> None:
    assert reasons(porto, 0, answer, call("search_boats", SHOWN)) == ["", ""]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "not stated"),
        ("Sardinha for 645.00 euros.", "not stated"),
        ("Sardinha, Gaivota or Albatroz, 64.50 euros.", "every rival"),
        ('{"name": "Sardinha", "total_cents": 6450}', "not stated"),
        ("name_of_boat: Sardinha", "not stated"),
    ],
)
def test_what_is_no_statement(porto: Task, answer: str, why: str) -> None:
    assert any(why in reason for reason in reasons(porto, 0, answer, call("search_boats", SHOWN)))


def test_a_value_must_have_been_seen(porto: Task) -> None:
    unseen = reasons(porto, 0, PORTO_ANSWERS[0])
    later = reasons(porto, 0, PORTO_ANSWERS[0], call("search_boats", SHOWN, turn=1))
    assert all("no executed call showed it" in reason for reason in unseen + later)


def test_another_tool_may_show_it(porto: Task) -> None:
    other = call("get_boat", {"name": "Sardinha", "gear": [{"price": 6450}]})
    assert reasons(porto, 0, PORTO_ANSWERS[0], other) == ["", ""]


def test_a_small_number_must_stand_in_its_field(rating: Task) -> None:
    stars = "Five out of five."
    assert "no executed call" in reasons(rating, 0, stars, call("list_hires", {"crew": 5}))[0]
    assert reasons(rating, 0, stars, call("compare_boats", {"boats": [{"rating": 5.0}]})) == [""]
    assert reasons(rating, 0, stars, call("get_boat", {"rating": 5.0})) == [""]


def test_listing_what_else_was_seen_is_no_answer(porto: Task) -> None:
    """The question was for one boat; rivals are the rows beside it in what the solver itself has looked at."""
    fact = porto.turns[0].facts[0].model_copy(update={"rivals": []})
    task = porto.model_copy(update={"turns": [porto.turns[0].model_copy(update={"facts": [fact]})]})
    rows = [{"name": name} for name in ("Sardinha", "Bura", "Selkie")]
    seen = call("search_boats", {"boats": rows})
    assert "every rival" in reasons(task, 0, "Sardinha, Bura, Selkie.", seen)[0]
    assert reasons(task, 0, "There are Sardinha, Bura and Selkie. Sardinha is the cheapest.", seen) == [""]
    assert reasons(task, 0, "Sardinha, or Bura if you like.", seen) == [""]


def test_a_refusal_needs_negation_reason_and_evidence(porto: Task) -> None:
    tried = call("book_boat", code="CREW_TOO_LARGE", turn=2)
    read = call("get_boat", {"boat_id": "bt_01", "berths": 6}, turn=2)
    assert reasons(porto, 2, PORTO_ANSWERS[2], tried) == reasons(porto, 2, PORTO_ANSWERS[2], read) == [""]
    assert "does not say" in reasons(porto, 2, "Booked: six berths.", tried)[0]
    assert "gives no reason" in reasons(porto, 2, "Sorry, that's not possible.", tried)[0]
    assert "no executed call" in reasons(porto, 2, PORTO_ANSWERS[2], call("get_boat", {"boat_id": "bt_05"}))[0]


@pytest.mark.parametrize("kept", ["It costs 5 euros (per day).", "Room [B] at 9:30: yes!"])
def test_ordinary_brackets_and_colons_are_speech(kept: str) -> None:
    assert spoken(kept) == kept


@pytest.mark.parametrize(
    "fact",
    [
        Fact(name="fare_cents", kind="money", value=123_450, call=0, unit="EUR"),
        Fact(name="price", kind="money", value=1_200, call=0, unit="JPY"),
        Fact(name="left", kind="number", value=7, call=0),
        Fact(name="difference", kind="number", value=-2, call=0),
        Fact(name="day", kind="date", value="2026-05-31", call=0),
        Fact(name="starts", kind="time", value="14:05", call=0),
        Fact(name="pickup_at", kind="datetime", value="2026-05-31T07:05:00Z", call=0),
        Fact(name="airport", kind="text", value="Lisboa (Portela)", call=0),
        Fact(name="pets_allowed", kind="boolean", value=False, call=0),
        Fact(name="rating", kind="number", value=4.25, call=0),
    ],
    ids=lambda fact: fact.kind,
)
def test_the_barest_statement_states_its_fact(rating: Task, fact: Fact) -> None:
    fact = fact.model_copy(update={"path": "rating"})
    task = rating.model_copy(update={"turns": [rating.turns[0].model_copy(update={"facts": [fact]})]})
    assert reasons(task, 0, statement(fact), call("get_boat", {"rating": fact.value})) == [""]


@pytest.mark.parametrize(
    ("answer", "stated"),
    [
        ("Difference: -27.53.", True),
        ("It is £27.53 less.", True),
        ("You get 27.53 pounds back.", True),
        ("That is £27.53 more.", False),
        ("It costs £27.53.", False),
    ],
)
def test_less_than_nothing_must_be_said_as_such(rating: Task, answer: str, stated: bool) -> None:
    fact = Fact(name="difference", kind="money", value=-2_753, call=0, path="difference_cents", unit="GBP")
    task = rating.model_copy(update={"turns": [rating.turns[0].model_copy(update={"facts": [fact]})]})
    found = reasons(task, 0, answer, call("change", {"difference_cents": -2_753}))
    assert (found == [""]) == stated


def test_turns_without_words_get_the_barest_ones(porto: Task) -> None:
    bare = porto.model_copy(update={"turns": [turn.model_copy(update={"answer": ""}) for turn in porto.turns]})
    assert gold_answers(bare)[1] == "The total is 350.00 EUR."
    assert gold_answers(porto) == PORTO_ANSWERS


@pytest.mark.parametrize(
    ("value", "paths"), [(1, ["n", "rows[0].n"]), (True, ["yes"]), (2**70, ["big"]), ([1], []), ("none", [])]
)
def test_where_a_result_shows_a_scalar(value: Any, paths: list[str]) -> None:
    result = {"n": 1, "yes": True, "rows": [{"n": 1}], "big": 2**70}
    call = Executed("boat_hire", "get_boat", {}, {"status": "ok", "result": result}, 0)
    assert list(call.paths_of(value)) == paths


def test_a_refused_call_shows_nothing() -> None:
    call = Executed("boat_hire", "get_boat", {}, {"status": "error", "code": "NO_BOAT", "message": "none"}, 0)
    assert list(call.leaves) == []
