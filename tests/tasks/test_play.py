"""Paths and single calls: bound arguments, net changes, snapshots, and workers that fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from envfactory.environments.artefact import Environment
from envfactory.errors import DeadlineExceeded, TaskError, WorkerDied
from envfactory.tasks.model import Step
from envfactory.tasks.play import Episodes, play, play_all, word
from envfactory.tasks.scope import Scope
from tests.gate import edits
from tests.support import LocalWorker

BOOKING = {"customer_id": "cu_01", "boat_id": "bt_02", "start_date": "2026-07-01", "end_date": "2026-07-03", "crew": 2}


def step(tool: str, environment: str = "boat_hire", bind: dict[str, Any] | None = None, **arguments: Any) -> Step:
    return Step(environment=environment, tool=tool, arguments=arguments, bind=bind or {})


BOOK = step("book_boat", **BOOKING)
PAY = step("confirm_hire", hire_id="none", customer_id="cu_01", bind={"hire_id": (0, "hire_id")})


def test_a_path_binds_results_and_tells_net_changes(scope: Scope) -> None:
    played = play(scope, [BOOK, PAY])
    assert [word(outcome) for outcome in played.outcomes] == ["ok", "ok"]
    assert played.arguments[1]["hire_id"] == played.outcomes[0]["result"]["hire_id"]
    hire, payment = played.changes["boat_hire"]
    assert (hire.table, hire.op, hire.after["status"]) == ("hires", "insert", "confirmed")  # type: ignore[index]
    assert (payment.table, payment.after["amount_cents"]) == ("payments", 35_000)  # type: ignore[index]


def test_a_missing_result_leaves_the_literal(scope: Scope) -> None:
    played = play(scope, [step("book_boat", **{**BOOKING, "crew": 5}), PAY])
    assert [word(outcome) for outcome in played.outcomes] == ["CREW_TOO_LARGE", "HIRE_NOT_FOUND"]
    assert (played.arguments[1]["hire_id"], played.changes) == ("none", {})


def test_environments_may_need_one_another(scope: Scope) -> None:
    there = step(
        "book_boat", "lake_office", bind={"customer_id": (0, "customer_id")}, **{**BOOKING, "customer_id": "?"}
    )
    back = step("get_hire", hire_id="hi_07", customer_id="?", bind={"customer_id": (3, "customer_id")})
    looked = step("find_customer", "lake_office", email="ines.duarte@example.org")
    played = play(scope, [step("find_customer", email="ines.duarte@example.org"), there, BOOK, looked, back])
    assert [word(outcome) for outcome in played.outcomes] == ["ok"] * 5
    assert sorted(played.changes) == ["boat_hire", "lake_office"]


def test_marks_tell_the_changes_on_the_way(scope: Scope) -> None:
    played = play(scope, [step("get_boat", boat_id="bt_01"), BOOK, PAY], marks=[0, 1, 2])
    assert (played.marked[0], played.marked[1]) == ({}, {})
    assert played.marked[2]["boat_hire"][0].after["status"] == "pending"  # type: ignore[index]


@pytest.mark.parametrize("steps", [[BOOK, PAY], [], [step("cancel_hire", hire_id="hi_15", customer_id="cu_01")]])
def test_log_and_state_image_agree(scope: Scope, steps: list[Step]) -> None:
    assert play(scope, steps).changes == play(scope, steps, images=True).changes


def test_a_step_cannot_be_bound_to_itself(scope: Scope) -> None:
    with pytest.raises(TaskError, match="does not come before it"):
        play(scope, [PAY])


def test_many_paths_come_out_as_one_by_one(scope: Scope) -> None:
    abroad = step("book_boat", "lake_office", **BOOKING)
    paths = [[BOOK, PAY], [], [BOOK], [BOOK, abroad], [abroad], [BOOK, step("get_boat", boat_id="bt_01"), BOOK]]
    marked = [(steps, [0, len(steps)]) for steps in paths]
    assert play_all(scope, marked) == [play(scope, steps, marks=marks) for steps, marks in marked]


def test_a_path_that_breaks_the_worker_does_not_cost_the_others(boats: Environment) -> None:
    scope = broken(boats, "    if boat is None:", "    context.db.close()\n    if boat is None:")
    fatal, fine = [step("get_boat", boat_id="bt_01")], [BOOK]
    statuses = [played.status for played in play_all(scope, [(fine, []), (fatal, []), (fine, [])])]
    assert statuses == ["played", "infrastructure", "played"]


def test_nothing_stays_for_the_next_path(scope: Scope) -> None:
    assert play(scope, [BOOK, PAY]) == play(scope, [BOOK, PAY])


def broken(boats: Environment, old: str, new: str) -> Scope:
    source = edits.in_tool("get_boat", (old, new))
    return Scope([replace(boats, tools_source=source).sealed()], open_worker=LocalWorker)


def test_a_worker_that_dies_is_infrastructure(boats: Environment) -> None:
    scope = broken(boats, "    if boat is None:", "    context.db.close()\n    if boat is None:")
    played = play(scope, [step("get_boat", boat_id="bt_01")])
    assert (played.status, played.outcomes) == ("infrastructure", [])
    assert "broke its worker" in played.message


class Late(LocalWorker):
    """A worker that never answers in time."""

    def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
        if op == "play":
            raise DeadlineExceeded("no answer within the deadline")
        return super().request(op, payload)


def test_a_worker_that_hangs_is_infrastructure(boats: Environment) -> None:
    with Scope([boats], open_worker=Late) as scope:
        assert play(scope, [BOOK]).status == "infrastructure"


def test_calls_add_up_and_peeks_do_not(scope: Scope) -> None:
    with Episodes(scope) as episodes:
        outcome, would = episodes.peek("boat_hire", "book_boat", BOOKING)
        assert (outcome["status"], len(would), episodes.changes()) == ("ok", 1, {})
        episodes.call("boat_hire", "book_boat", BOOKING)
        assert list(episodes.changes()) == ["boat_hire"]
        assert episodes.changes() == episodes.true_changes()


def test_a_snapshot_restores_state_and_ids(scope: Scope) -> None:
    with Episodes(scope) as episodes:
        first = episodes.call("boat_hire", "book_boat", BOOKING)
        start = episodes.snapshot()
        later = {**BOOKING, "start_date": "2026-08-01", "end_date": "2026-08-02"}
        second = episodes.call("boat_hire", "book_boat", later)
        episodes.restore(start)
        assert episodes.call("boat_hire", "book_boat", later) == second != first


def test_a_fork_goes_its_own_way(scope: Scope) -> None:
    with Episodes(scope, ["boat_hire"]) as episodes:
        episodes.call("boat_hire", "book_boat", BOOKING)
        with episodes.fork() as twin:
            twin.call("boat_hire", "cancel_hire", {"hire_id": "hi_15", "customer_id": "cu_01"})
            assert (len(episodes.changes()["boat_hire"]), len(twin.changes()["boat_hire"])) == (1, 2)


def test_episodes_outlive_their_worker(scope: Scope) -> None:
    with Episodes(scope, ["boat_hire"]) as episodes:
        episodes.call("boat_hire", "book_boat", BOOKING)
        before = episodes.changes()
        scope.session("boat_hire").close()
        assert episodes.changes() == before


def test_a_dead_worker_is_raised_to_who_calls(boats: Environment) -> None:
    scope = broken(boats, "    if boat is None:", "    context.db.close()\n    if boat is None:")
    with Episodes(scope) as episodes:
        with pytest.raises(WorkerDied):
            episodes.call("boat_hire", "get_boat", {"boat_id": "bt_01"})
        assert episodes.call("boat_hire", "book_boat", BOOKING)["status"] == "ok"


def test_faults_are_answered_by_the_runtime_and_repeat(scope: Scope) -> None:
    def words() -> list[str]:
        with Episodes(scope, ["boat_hire"], faults={"seed": 3, "rate": 0.5}) as episodes:
            return [word(episodes.call("boat_hire", "get_boat", {"boat_id": "bt_01"})) for _ in range(12)]

    first = words()
    assert {"ok"} < set(first) <= {"ok", "TIMEOUT", "RATE_LIMITED", "UNAVAILABLE"}
    assert words() == first
