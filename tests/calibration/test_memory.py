"""What a solver has seen: rows that give a parameter, however often it is asked, and how well they fit."""

from __future__ import annotations

from envfactory.calibration.hearing import Said
from envfactory.calibration.memory import Memory
from envfactory.calibration.offered import Parameter

BOAT = Parameter("boat_id", {"type": "string", "description": "Id of the boat"}, required=True)


def test_rows_seen_later_are_given_too() -> None:
    memory = Memory()
    memory.learn("list_boats", "hire", {"boats": [{"id": "b1", "name": "Sardinha"}]}, 0)
    assert [value for _, value in memory.with_field(BOAT, "hire")] == ["b1"]
    memory.learn("list_boats", "hire", {"boats": [{"id": "b2", "name": "Gaivota"}]}, 1)
    memory.learn("list_boats", "other", {"boats": [{"id": "b3", "name": "Atum"}]}, 1)
    assert [value for _, value in memory.with_field(BOAT, "hire")] == ["b1", "b2"]


def test_a_row_fits_the_words_that_name_it() -> None:
    memory = Memory()
    sardinha, gaivota = memory.learn(
        "list_boats", "hire", {"boats": [{"id": "b1", "name": "Sardinha"}, {"id": "b2", "name": "Gaivota"}]}, 0
    )
    said = Said("I'd like the Gaivota, please.", "2027-03-01T09:00:00Z")
    assert gaivota.fit(said) > sardinha.fit(said)
