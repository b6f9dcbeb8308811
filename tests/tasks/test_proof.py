"""Proving graders: what passes, and what is refused and why."""

from __future__ import annotations

import json

import pytest

from envfactory.errors import TaskError
from envfactory.tasks.model import Fact, Goal, Task
from envfactory.tasks.proof import prove
from envfactory.tasks.scope import Scope
from tests.tasks.test_play import Late

RFC = {
    "semantic.oracle_max",
    "semantic.floor_gap",
    "semantic.canary_floor",
    "semantic.no_solution_leakage",
    "semantic.verifier_determinism",
    "semantic.replayability",
    "runtime.reward_well_formed",
    "runtime.episode_determinism",
    "runtime.reward_attribution",
}


@pytest.mark.parametrize("name", ["porto", "both", "rating"])
def test_a_sound_task_is_proven(name: str, scope: Scope, request: pytest.FixtureRequest) -> None:
    proof = prove(request.getfixturevalue(name), scope)
    assert proof.reasons == []
    assert set(proof.task.verdicts) == RFC | {"task.accepts", "task.rejects", "task.grounded"}
    assert proof.task.verified
    assert proof.task.accept[0].kind == "gold"


def test_the_same_proof_byte_for_byte(porto: Task, scope: Scope) -> None:
    first, second = prove(porto, scope).task, prove(porto, scope).task
    assert first.model_dump_json() == second.model_dump_json()


def test_a_gold_that_does_not_replay_is_refused(porto: Task, scope: Scope) -> None:
    altered = porto.gold[0].model_copy(update={"result": {**porto.gold[0].result, "days": 3}})
    (reason, *_) = prove(porto.model_copy(update={"gold": [altered, *porto.gold[1:]]}), scope).reasons
    assert reason.check == "semantic.replayability"
    assert reason.text.startswith("call 0 (search_boats) gives another result than the stored one, first at days")


def test_a_goal_that_the_gold_misses_is_refused(porto: Task, scope: Scope) -> None:
    proof = prove(porto.model_copy(update={"goal": Goal()}), scope)
    assert {reason.check for reason in proof.reasons} == {"semantic.replayability"}
    assert not proof.proven


def test_an_argument_from_nowhere_is_refused(porto: Task, scope: Scope) -> None:
    book = porto.gold[1].model_copy(update={"sources": {k: v for k, v in porto.gold[1].sources.items() if k != "crew"}})
    (reason,) = prove(porto.model_copy(update={"gold": [porto.gold[0], book, *porto.gold[2:]]}), scope).reasons
    assert (reason.check, reason.text) == ("task.grounded", "call 1 (book_boat.crew): no source")


def test_an_argument_said_too_late_is_refused(porto: Task, scope: Scope) -> None:
    early = porto.turns[0].model_copy(update={"mentions": []})
    late = porto.turns[1].model_copy(update={"mentions": [*porto.turns[1].mentions, *porto.turns[0].mentions]})
    proof = prove(porto.model_copy(update={"turns": [early, late, porto.turns[2]]}), scope)
    assert "said only in a later turn" in proof.reasons[0].text


def test_a_task_that_anything_solves_is_refused(rating: Task, scope: Scope) -> None:
    """Nothing to change and nothing to say: whoever calls the tool has solved it, whichever boat they ask for."""
    turn = rating.turns[0].model_copy(update={"facts": []})
    proof = prove(rating.model_copy(update={"turns": [turn]}), scope)
    assert "task.rejects" in {reason.check for reason in proof.reasons}


def test_a_fact_that_the_answer_does_not_state_is_refused(rating: Task, scope: Scope) -> None:
    turn = rating.turns[0].model_copy(update={"answer": "It is rated rather well."})
    proof = prove(rating.model_copy(update={"turns": [turn]}), scope)
    assert any("is not stated" in reason.text for reason in proof.reasons)


def test_a_question_that_states_its_answer_is_refused(porto: Task, scope: Scope) -> None:
    name = Fact(name="name", kind="text", value="Sardinha", call=0, path="boats[0].name")
    turn = porto.turns[0].model_copy(
        update={"facts": [name], "text": "What is the Sardinha called?", "answer": "Sardinha."}
    )
    proof = prove(porto.model_copy(update={"turns": [turn, *porto.turns[1:]]}), scope)
    assert {reason.check for reason in proof.reasons} == {"semantic.no_solution_leakage"}


def test_broken_infrastructure_is_an_error_and_no_failure(rating: Task, scope: Scope) -> None:
    environments = [scope.environment(name) for name in scope.names]
    with Scope(environments, open_worker=Late) as late:
        proof = prove(rating, late)
    assert proof.task.verdicts["semantic.replayability"].status == "error"
    assert not proof.proven


def test_a_task_of_another_library_is_not_even_tried(rating: Task, scope: Scope) -> None:
    other = rating.environments[0].model_copy(update={"content_hash": "0" * 64})
    with pytest.raises(TaskError, match="sample again"):
        prove(rating.model_copy(update={"environments": [other]}), scope)


def test_what_was_measured_is_stored(porto: Task, scope: Scope) -> None:
    verdicts = prove(porto, scope).task.verdicts
    assert verdicts["semantic.floor_gap"].measured == {"floor": 0.0, "margin": 0.5}
    assert json.dumps(verdicts["task.rejects"].measured["kinds"]).count("wrong") >= 3


def test_two_real_processes_agree(porto: Task, scope: Scope) -> None:
    """Workers without walls, but processes of their own, with two seeds of Python's hashes."""
    with Scope([scope.environment("boat_hire")], tier="none") as apart:
        proof = prove(porto, apart)
    assert proof.reasons == []
    assert proof.task == prove(porto, scope).task
