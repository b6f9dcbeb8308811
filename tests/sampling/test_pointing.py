"""Pointing back: what belongs to the thing in hand, and the thing itself; never at what this very turn has shown."""

from __future__ import annotations

from envfactory.sampling.chain import Chain
from envfactory.sampling.pointing import pointed, recalled
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import FromResult, Request

GIVEN = {"hire_id": "hi_15", "customer_id": "cu_01"}


def look(chain: Chain, view: EnvironmentView) -> None:
    """Look at hire hi_15, which is of boat bt_12, and end the turn."""
    chain.begin()
    chain.execute(view, view.tools["get_hire"], GIVEN, {}, "goal")
    chain.turn.requests.append(Request(call=0, story="detail"))
    chain.end("informed")


def test_the_boat_of_the_hire_in_hand_is_pointed_at_by_it(chain: Chain, view: EnvironmentView) -> None:
    look(chain, view)
    chain.begin()
    source = pointed(chain, view, 0, chain.shown[0][0], view.tools["get_hire"].shown["boat_id"])
    assert source == FromResult(call=0, path="boat_id")
    assert [(each.slot, each.value, each.form) for each in chain.turn.mentions] == [
        ("hires.boat_id", "bt_12", "referred")
    ]


def test_a_hire_is_not_its_own_and_this_turn_is_no_antecedent(chain: Chain, view: EnvironmentView) -> None:
    shown = view.tools["get_hire"].shown
    chain.begin()
    chain.execute(view, view.tools["get_hire"], GIVEN, {}, "goal")
    assert pointed(chain, view, 0, chain.shown[0][0], shown["boat_id"]) is None
    assert pointed(chain, view, 0, chain.shown[0][0], shown["hire_id"]) is None


def test_what_was_spoken_of_is_taken_from_where_it_stood(chain: Chain, view: EnvironmentView) -> None:
    look(chain, view)
    chain.begin()
    assert recalled(chain, view, ("hires", "id"), "hi_15") == FromResult(call=0, path="hire_id")
    assert recalled(chain, view, ("hires", "id"), "hi_16") is None
