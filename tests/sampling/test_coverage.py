"""Counting what tasks cover, and what they repeat."""

from __future__ import annotations

from envfactory.sampling import Coverage
from envfactory.sampling.coverage import repeats
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import EnvironmentRef, FromResult, GoldCall, Source, Task, Turn

HERE = EnvironmentRef(name="boat_hire", domain="travel", content_hash="0", now="2026-05-12T08:00:00Z")


def call(
    tool: str, arguments: dict[str, str], result: object = None, outcome: str = "ok", **sources: Source
) -> GoldCall:
    return GoldCall(
        environment="boat_hire", tool=tool, arguments=arguments, result=result, outcome=outcome, sources=sources
    )


def task(*gold: GoldCall) -> Task:
    turn = Turn(text="", calls=(0, len(gold)), outcome="informed")
    return Task(id="t", seed=0, index=0, environments=[HERE], turns=[turn], gold=list(gold))


LIST = call("list_hires", {"customer_id": "cu_01"}, {"hires": [{"hire_id": "hi_15"}]})
FOUND = FromResult(call=0, path="hires[0].hire_id")


def test_a_value_edge_counts_where_the_value_was_taken(view: EnvironmentView) -> None:
    cancel = call("cancel_hire", {"hire_id": "hi_15"}, {"hire_id": "hi_15"}, hire_id=FOUND)
    coverage = Coverage({"boat_hire": view}).update([task(LIST, cancel)])
    assert coverage.values["boat_hire", "list_hires", "hires[].hire_id", "cancel_hire", "hire_id"] == 1
    assert coverage.tools["boat_hire", "cancel_hire"] == 1


def test_a_state_edge_counts_where_the_refusal_followed_on_the_same_thing(view: EnvironmentView) -> None:
    cancel = call("cancel_hire", {"hire_id": "hi_15"}, {"hire_id": "hi_15"})
    late = call("confirm_hire", {"hire_id": "hi_15"}, outcome="INVALID_STATUS")
    other = call("confirm_hire", {"hire_id": "hi_17"}, outcome="INVALID_STATUS")
    edge = ("boat_hire", "cancel_hire", "confirm_hire", "disables", "INVALID_STATUS")
    assert Coverage({"boat_hire": view}).update([task(cancel, late)]).states[edge] == 1
    assert Coverage({"boat_hire": view}).update([task(cancel, other)]).states[edge] == 0


def test_the_same_question_with_the_same_answer_is_a_repetition() -> None:
    assert repeats(task(LIST, LIST))
    assert not repeats(task(LIST, call("list_hires", {"customer_id": "cu_01"}, {"hires": []})))
