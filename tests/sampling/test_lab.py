"""Trials leave no trace, see the writes before them, and name every rule that forbids a call."""

from __future__ import annotations

from envfactory.sampling.lab import Lab
from envfactory.tasks.scope import Scope

CANCEL = ("cancel_hire", {"hire_id": "hi_15", "customer_id": "cu_01"})


def test_a_trial_leaves_no_trace(scope: Scope) -> None:
    lab = Lab(scope)
    assert [lab.look("boat_hire", (), [CANCEL])[0].ok for _ in range(2)] == [True, True]


def test_a_trial_sees_the_writes_before_it(scope: Scope) -> None:
    seen = Lab(scope).look("boat_hire", [CANCEL], [CANCEL])[0]
    assert (seen.code, seen.changes) == ("INVALID_STATUS", [])


def test_every_failing_rule_is_named(scope: Scope) -> None:
    wrong = {
        "customer_id": "cu_03",
        "boat_id": "bt_04",
        "start_date": "2026-06-01",
        "end_date": "2026-06-03",
        "crew": 2,
    }
    codes = Lab(scope).failing("boat_hire", [], ("book_boat", wrong))  # in service, and a licence she has not
    assert {"NOT_AVAILABLE", "LICENCE_REQUIRED"} & set(codes)
    assert len(codes) > 1
