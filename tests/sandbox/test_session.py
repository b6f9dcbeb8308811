"""What a session makes of code that breaks the worker it runs in."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.bench.bench import load_spec
from envfactory.errors import ProtocolError, WorkerDied
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Probe, Session
from tests.gate import edits, harbour
from tests.support import LocalWorker

CLOSES = edits.in_tool("get_boat", ("    if boat is None:", "    context.db.close()\n    if boat is None:"))
SHOW = ("get_boat", {"boat_id": "bt_01"})
FIND = ("find_customer", {"email": "luca.ferri@example.org"})


def session(tools: str) -> Session:
    return Session(LocalWorker, {**load_spec(harbour.environment()), "tools": tools})


def test_a_tool_that_closes_its_database_is_observed_and_the_others_answered() -> None:
    broken, found = session(CLOSES).probe([Probe(*SHOW), Probe(*FIND)])
    assert broken.status == "death"
    assert found.outcome["result"]["customer_id"] == "cu_05"


@pytest.mark.parametrize(
    "forged",
    [
        None,
        [],
        [{"outcome": {"status": "ok", "result": 1}, "changes": []}] * 2,
        [{"outcome": {"status": "ok"}, "changes": []}],
        [{"outcome": {"status": "splendid", "result": 1}, "changes": []}],
        [{"outcome": {"status": "error", "code": 5}, "changes": []}],
        [{"outcome": {"status": "ok", "result": 1}, "changes": [{"table": "boats"}]}],
        [{"outcome": {"status": "ok", "result": 1}, "changes": [], "setup": "none"}],
    ],
)
def test_code_that_answers_what_is_no_observation_is_seen_to_flood(forged: Any) -> None:
    class Forging(LocalWorker):
        def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
            return forged if op == "probe" else super().request(op, payload, deadline=deadline)

    played = Session(Forging, load_spec(harbour.environment()))
    assert [seen.status for seen in played.probe([Probe(*SHOW)])] == ["flood"]
    assert played.restarts == 1


def test_a_walk_of_another_form_is_no_walk() -> None:
    class Forging(LocalWorker):
        def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
            return {"steps": [], "image": "none"} if op == "walk" else super().request(op, payload, deadline=deadline)

    with pytest.raises(ProtocolError, match="no observation"):
        Session(Forging, load_spec(harbour.environment())).walk([SHOW])


def test_a_walk_that_breaks_its_worker_says_so_and_the_next_one_plays() -> None:
    played = session(CLOSES)
    with pytest.raises(WorkerDied, match="broke its worker"):
        played.walk([SHOW])
    assert played.walk([FIND]).steps[0].ok


def test_code_that_does_not_load_stays_a_fault() -> None:
    with pytest.raises(HandlerFault, match="no function search_boats"):
        session("def other(): ...\n").probe([Probe(*FIND)])
