"""A refused wish makes sense until the rule is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from envfactory.dependencies.lineage import canonical
from envfactory.environments.contract import GuardStep
from envfactory.sampling.plausible import as_people_say, for_one, has_already, people_say, senseless, sensible, things
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.scope import Scope
from tests.sampling import crossings
from tests.support import LocalWorker


@pytest.mark.parametrize(
    ("guard", "code", "expected"),
    [
        (":day >= $today", "DAY_IN_PAST", True),
        (":pickup_at > $now", "TIME_IN_PAST", True),
        (":check_out > :check_in", "INVALID_STAY", True),
        (":sailing_id <> $booking.sailing_id", "TAKEN_ALREADY", True),
        (":ends_on > $policy.ends_on", "NOT_LATER", True),
        (":category <> $old_room.kind", "SAME_CATEGORY", True),
        (":people <= $vehicle.seats", "TOO_MANY_PEOPLE", False),
        ("$days <= 21", "HIRE_TOO_LONG", False),
        ("$booking.status = 'booked'", "BOOKING_CLOSED", False),
    ],
)
def test_rules_that_forbid_only_nonsense(guard: str, code: str, expected: bool) -> None:
    step = GuardStep.model_validate({"guard": guard, "else": code})
    assert senseless(step) is expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"start_date": "2027-05-14", "end_date": "2027-05-16"}, True),
        ({"start_date": "2027-05-16", "end_date": "2027-05-14"}, False),
        ({"start_date": "2020-05-14", "end_date": "2027-05-14"}, False),
    ],
)
def test_nobody_leaves_before_arriving_or_arrives_in_the_past(
    view: EnvironmentView, given: dict[str, Any], expected: bool
) -> None:
    assert sensible(view, view.tools["book_boat"], given, view.world) is expected


def test_a_call_names_rows(view: EnvironmentView) -> None:
    hire = view.tools["cancel_hire"].slots["hire_id"]
    assert hire.column is not None
    table = canonical(hire.column, view.schema)[0]
    assert things(view, view.tools["cancel_hire"], {"hire_id": "hi_15", "customer_id": "cu_01"}) == [(table, "hi_15")]


@pytest.mark.parametrize(("value", "expected"), [(1, False), (300001, False), (12000, True), (0, True)])
def test_people_name_whole_sums_and_those_they_were_told(view: EnvironmentView, value: int, expected: bool) -> None:
    slot = replace(view.tools["book_boat"].slots["crew"], name="amount_cents", role="money")
    tool = replace(view.tools["book_boat"], slots={"amount_cents": slot})
    assert people_say(tool, {"amount_cents": value}) is expected
    assert people_say(tool, {"amount_cents": value}, shown={value})


@pytest.mark.parametrize(
    ("changed", "expected"), [({}, True), ({"start_date": "2026-03-03"}, False), ({"boat_id": "bt_02"}, False)]
)
def test_what_is_ones_own_already(view: EnvironmentView, changed: dict[str, Any], expected: bool) -> None:
    """Ines has hired the Albatroz from 2 to 6 March."""
    tool = replace(view.tools["book_boat"], verb="create", subject="hires")
    given = {"boat_id": "bt_01", "start_date": "2026-03-02", "end_date": "2026-03-06", **changed}
    assert has_already(view, tool, given, view.world, "cu_01") is expected
    assert not has_already(view, tool, given, view.world, "cu_02")


@pytest.mark.parametrize(("sailing", "expected"), [(crossings.OUT, True), (crossings.HOME, False)])
def test_what_takes_place_at_a_time_is_the_same_whatever_the_fare(sailing: str, expected: bool) -> None:
    """Ana is booked on the ferry of 4 August; the other argument, a key as well, is nothing that takes place."""
    with Scope([crossings.environment().sealed()], open_worker=LocalWorker) as scope:
        here = EnvironmentView(scope, "crossings")
        port = here.tools["search_sailings"].slots["origin_id"]
        slots = {"sailing_id": replace(port, name="sailing_id", column=("sailings", "id")), "status": port}
        tool = replace(here.tools["get_booking"], verb="create", subject="bookings", slots=slots)
        assert has_already(here, tool, {"sailing_id": sailing, "status": "pt_pmi"}, here.world, "tr_01") is expected


@pytest.mark.parametrize(("code", "expected"), [("HOME_NOT_FREE", True), ("NOT_ENOUGH_SEATS", False)])
def test_some_things_can_be_had_once(code: str, expected: bool) -> None:
    assert for_one(code) is expected


@pytest.mark.parametrize(
    ("moment", "expected", "rounded"),
    [
        ("2026-05-14T16:19:59Z", False, "2026-05-14T16:19:00Z"),
        ("2026-05-14T16:20:00Z", True, "2026-05-14T16:20:00Z"),
    ],
)
def test_nobody_names_seconds(view: EnvironmentView, moment: str, expected: bool, rounded: str) -> None:
    slot = replace(view.tools["book_boat"].slots["crew"], name="starts_at", role="moment")
    tool = replace(view.tools["book_boat"], slots={"starts_at": slot})
    assert people_say(tool, {"starts_at": moment}) is expected
    assert as_people_say(tool, {"starts_at": moment}) == {"starts_at": rounded}
