"""Grading stored rollouts by replay."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.errors import TaskError
from envfactory.tasks.grader import gold_path, grade, turn_marks
from envfactory.tasks.model import Played, Task
from envfactory.tasks.play import play
from envfactory.tasks.scope import Scope
from tests.support import LocalWorker
from tests.tasks.written import BOOKED, HONEST, PAID, PORTO_ANSWERS, REFUSED, SEARCHED, rollout


def test_a_solved_rollout(porto: Task, scope: Scope) -> None:
    graded = grade(porto, rollout(scope, HONEST, PORTO_ANSWERS), scope)
    assert (graded.solved, graded.reward, graded.reasons) == (True, 1.0, [])


def test_what_a_rollout_says_of_its_calls_does_not_count(porto: Task, scope: Scope) -> None:
    made = rollout(scope, [SEARCHED, BOOKED, REFUSED], PORTO_ANSWERS)
    paid = Played(
        environment="boat_hire",
        tool="confirm_hire",
        arguments={"hire_id": "hi_10", "customer_id": "cu_01"},
        outcome="ok",
        result={"status": "confirmed"},
        turn=1,
    )
    graded = grade(porto, made.model_copy(update={"calls": [*made.calls[:2], paid, made.calls[2]]}), scope)
    assert not graded.solved


class Liar(LocalWorker):
    """A worker with tool code that says it changed nothing."""

    def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
        answer = super().request(op, payload, deadline=deadline)
        if op == "play":
            answer["marks"] = [[] for _ in answer["marks"]]
        return answer


def test_a_worker_that_lies_about_its_changes_is_not_believed(rating: Task, porto: Task, scope: Scope) -> None:
    environments = [scope.environment(name) for name in scope.names]
    harm = (0, "cancel_hire", {"hire_id": "hi_15", "customer_id": "cu_01"}, "lake_office")
    made = rollout(scope, [(0, "get_boat", {"boat_id": "bt_01"}), harm], ["Five."])
    with Scope(environments, open_worker=Liar) as lying:
        assert play(lying, gold_path(porto, lying).steps).changes == {}
        assert any("extra" in reason for reason in grade(rating, made, lying).reasons)


def test_reasons_name_the_rows(porto: Task, scope: Scope) -> None:
    wrong = (1, "confirm_hire", {"hire_id": "$1.hire_id", "customer_id": "cu_01", "method": "card"})
    graded = grade(porto, rollout(scope, [SEARCHED, BOOKED, wrong, REFUSED], PORTO_ANSWERS), scope)
    assert 'boat_hire: different: payments.method is "card" instead of "transfer"' in graded.reasons


def test_faults_at_the_boundary_and_unknown_tools_change_nothing(porto: Task, scope: Scope) -> None:
    made = rollout(scope, HONEST, PORTO_ANSWERS)
    fault = made.calls[1].model_copy(update={"outcome": "TIMEOUT", "result": None})
    strange = Played(environment="", tool="rm", arguments=["-rf"], outcome="UNKNOWN_TOOL", turn=1)
    graded = grade(porto, made.model_copy(update={"calls": [made.calls[0], fault, strange, *made.calls[1:]]}), scope)
    assert (graded.solved, graded.reward) == (True, pytest.approx(0.98))


def test_a_withheld_tool_is_not_replayed(porto: Task, scope: Scope) -> None:
    task = porto.model_copy(update={"withheld": ["boat_hire.confirm_hire"]})
    assert not grade(task, rollout(scope, HONEST, PORTO_ANSWERS), scope).solved


def test_another_environment_than_the_tasks_is_refused(porto: Task, scope: Scope) -> None:
    other = porto.environments[0].model_copy(update={"content_hash": "0" * 64})
    with pytest.raises(TaskError, match="the task was made in"):
        grade(porto.model_copy(update={"environments": [other]}), rollout(scope, HONEST), scope)


def test_marks_stand_at_the_ends_of_turns(porto: Task, scope: Scope) -> None:
    assert turn_marks(porto, gold_path(porto, scope).steps) == [1, 3, 4]


def test_a_rollout_that_broke_off_is_graded_as_far_as_it_came(porto: Task, scope: Scope) -> None:
    made = rollout(scope, [SEARCHED, BOOKED, PAID], PORTO_ANSWERS[:2], status="truncated")
    graded = grade(porto, made, scope)
    assert (graded.status, graded.reward) == ("graded", pytest.approx(1 / 3))
