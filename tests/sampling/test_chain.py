"""A conversation in the making: net changes, mentions said once, and everything since a mark taken back."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.sampling.chain import Chain, _fold
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import Change

PLAIN = {"table": "hires", "key": ["hi_1"]}
INSERT = {**PLAIN, "op": "insert", "after": {"id": "hi_1", "status": "pending"}}
DELETE = {**PLAIN, "op": "delete", "before": {"id": "hi_1", "status": "paid"}}


def update(before: str, after: str) -> dict[str, Any]:
    return {**PLAIN, "op": "update", "before": {"status": before}, "after": {"status": after}}


@pytest.mark.parametrize(
    ("changes", "net"),
    [
        ([INSERT, DELETE], None),
        ([INSERT, update("pending", "paid")], {**INSERT, "after": {"id": "hi_1", "status": "paid"}}),
        ([update("a", "b"), update("b", "c")], update("a", "c")),
        ([update("a", "b"), update("b", "a")], None),
        ([update("open", "paid"), DELETE], {**DELETE, "before": {"id": "hi_1", "status": "open"}}),
        ([DELETE, {**INSERT, "after": {"id": "hi_1", "status": "new"}}], update("paid", "new")),
    ],
)
def test_changes_of_one_row_come_to_one_or_none(changes: list[dict[str, Any]], net: dict[str, Any] | None) -> None:
    found: dict[tuple[str, str], Change] = {}
    for change in changes:
        _fold(found, change)
    assert list(found.values()) == ([Change.model_validate(net)] if net else [])


def test_a_value_is_said_once_in_a_turn(chain: Chain) -> None:
    chain.begin()
    first = chain.say("boat_hire", "search_boats.start_date", "2026-06-01")
    again = chain.say("boat_hire", "book_boat.start_date", "2026-06-01")
    other = chain.say("boat_hire", "book_boat.end_date", "2026-06-01")
    assert first == again
    assert other != first


def test_a_write_is_seen_by_what_follows_and_rolled_back(chain: Chain, view: EnvironmentView) -> None:
    tool = view.tools["cancel_hire"]
    given = {"hire_id": "hi_15", "customer_id": "cu_01"}
    chain.begin()
    mark = chain.mark()
    chain.execute(view, tool, given, {}, "goal")
    again = chain.look("boat_hire", [("cancel_hire", given)])[0]
    chain.rollback(mark)
    assert again.code == "INVALID_STATUS"
    assert (chain.gold, chain.changes(), chain.look("boat_hire", [("cancel_hire", given)])[0].ok) == ([], {}, True)


def test_the_net_changes_are_those_of_the_writes(chain: Chain, view: EnvironmentView) -> None:
    chain.begin()
    chain.execute(view, view.tools["cancel_hire"], {"hire_id": "hi_15", "customer_id": "cu_01"}, {}, "goal")
    changed = {change.table: change for change in chain.changes()["boat_hire"]}
    assert changed["hires"].key == ["hi_15"]
    assert changed["hires"].after is not None
    assert changed["hires"].after["status"] == "cancelled"


def test_a_call_that_is_refused_now_was_not_made_so_before(chain: Chain, view: EnvironmentView) -> None:
    given = {"hire_id": "hi_15", "customer_id": "cu_01"}
    chain.begin()
    chain.execute(view, view.tools["cancel_hire"], given, {}, "goal")
    assert chain.called("boat_hire", "cancel_hire", given)
    assert not chain.called("boat_hire", "cancel_hire", given, "INVALID_STATUS")
