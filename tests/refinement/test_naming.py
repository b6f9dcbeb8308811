"""References to what nobody spoke of are put into names where a result shows one."""

from __future__ import annotations

from envfactory.refinement.flow import audit_flow, unrecovered
from envfactory.refinement.naming import named
from envfactory.tasks.model import FromResult, Task
from envfactory.tasks.scope import Scope
from tests.refinement.hand import ME, at, call, said, task, turn


def pointing(scope: Scope, boat: str, place: FromResult) -> Task:
    """List the hires, then ask about a boat that the list showed, as if it had been spoken of."""
    gold = [call("list_hires", customer_id=("cu_01", ME)), call("get_boat", boat_id=(boat, place))]
    first = turn((0, 1), outcome="informed")
    return task(scope, gold, [first, turn((1, 2), said("r", "boats.id", boat, "referred"), outcome="informed")])


def test_a_boat_that_a_list_showed_is_named(scope: Scope) -> None:
    made = named(pointing(scope, "bt_12", at(0, "hires[0].boat_id")), scope)
    (mention,) = made.turns[1].mentions
    assert (mention.slot, mention.value, mention.form) == ("boats.name", "Hanse", "stated")
    assert unrecovered(audit_flow(made)) == []


def test_what_the_last_turn_was_about_is_still_pointed_at(scope: Scope) -> None:
    gold = [call("get_boat", boat_id=("bt_12", "x")), call("get_boat", boat_id=("bt_12", at(0, "boat_id")))]
    first = turn((0, 1), said("x", "boats.name", "bt_12"), outcome="informed")
    before = task(scope, gold, [first, turn((1, 2), said("r", "boats.id", "bt_12", "referred"), outcome="informed")])
    assert named(before, scope) == before


def test_what_no_result_names_stays(scope: Scope) -> None:
    before = pointing(scope, "bt_14", at(0, "hires[0].boat_id"))
    assert named(before, scope) == before
