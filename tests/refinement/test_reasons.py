"""A reason goes with what is done."""

from __future__ import annotations

import pytest

from envfactory.refinement.reasons import Moved, direction, moves, ways
from envfactory.tasks.scope import Scope
from tests.refinement.hand import booking


@pytest.mark.parametrize(
    ("reason", "way"),
    [
        ("we have to go home early", "shorter"),
        ("we're staying a little longer", "longer"),
        ("I'd rather not get up that early", "later"),
        ("I have to be there a day earlier", "earlier"),
        ("the dog is coming after all", "pets"),
        ("two more are joining us", "more"),
        ("one of us can't make it", "fewer"),
        ("my plans have changed", None),
    ],
)
def test_reasons_tell_a_direction(reason: str, way: str | None) -> None:
    assert direction(reason) == way


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        (Moved("return_date", "2027-05-09", "2027-05-12"), {"later", "longer"}),
        (Moved("ends_on", "2027-05-09", "2027-05-08"), {"earlier", "shorter"}),
        (Moved("starts_at", "2027-05-09T10:00:00Z", "2027-05-09T12:00:00Z"), {"later"}),
        (Moved("people", 2, 4), {"more"}),
        (Moved("pets", 0, 1), {"pets"}),
        (Moved("status", "booked", "cancelled"), set()),
    ],
)
def test_changes_go_a_way(moved: Moved, expected: set[str]) -> None:
    assert ways([moved]) == expected


def test_a_turn_that_makes_something_moves_nothing(scope: Scope) -> None:
    assert moves(booking(scope), scope) == [[], []]
