from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import envfactory.resources
from envfactory.gate.checks.decontaminated import decontaminated, normalised, overlaps
from envfactory.resources import import_document
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged

CATALOGUE = sorted((Path(envfactory.resources.__file__).parent / "catalogue").rglob("*.yaml"))
WORLDS = json.loads((resources.files("envfactory.gate") / "benchmark_worlds.json").read_text())["worlds"]
BY_NAME = {(world["benchmark"], world["world"]): world["tools"] for world in WORLDS}
AIRLINE = BY_NAME["tau2-bench", "airline"]


def reproduced(tools: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(overlap.benchmark, overlap.world) for overlap in overlaps(tools) if overlap.reproduces}


@pytest.mark.parametrize("document", CATALOGUE, ids=lambda path: path.stem)
def test_no_catalogue_document_reproduces_a_benchmark(document: Path) -> None:
    operations = import_document(document.read_bytes(), source=document.name).operations
    assert operations
    assert reproduced({item.name: [p.name for p in item.parameters] for item in operations}) == set()


@pytest.mark.parametrize(("benchmark", "world"), BY_NAME)
def test_a_copy_of_a_world_is_found(benchmark: str, world: str) -> None:
    assert (benchmark, world) in reproduced(BY_NAME[benchmark, world])


def test_a_part_of_a_world_among_other_tools_is_found() -> None:
    part = dict(list(AIRLINE.items())[:6])
    others = {f"weigh_parcel_{number}": ["parcel_id"] for number in range(8)}
    assert ("tau2-bench", "airline") in reproduced({**part, **others})


def test_another_spelling_is_no_disguise() -> None:
    spelt = {
        "bookReservation": ["userId", "origin", "destination", "cabin"],
        "fetch_reservation": ["reservation_id"],
        "cancelReservations": ["reservation_ids"],
        "find_direct_flights": ["origin", "destination", "date"],
        "show_flight_status": ["flight_number", "date"],
    }
    assert reproduced(spelt) == {("tau2-bench", "airline")}


def test_two_common_names_are_chance() -> None:
    assert reproduced({"cancel_booking": ["booking_id"], "book_flight": ["card_id"]}) == set()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("getUserDetails", {"get", "user"}),
        ("list_all_airports", {"list", "airport"}),
        ("remove-address", {"delete", "address"}),
        ("setHeadlights", {"set", "headlight"}),
    ],
)
def test_names_become_words(name: str, words: set[str]) -> None:
    assert normalised(name) == words


def test_the_boat_hire_is_its_own_world() -> None:
    result = judged(decontaminated, harbour.environment())
    assert (result.status, result.measured["worlds"]) == ("pass", len(WORLDS))
    assert result.measured["nearest"]["by_name"] < 0.2


def test_an_environment_that_reproduces_a_world_fails() -> None:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        document = tools[""]
        document["tools"] = [
            {
                "name": name,
                "kind": "read",
                "description": "A copy.",
                "parameters": {parameter: {"type": "string"} for parameter in parameters},
                "result": {"found": "1"},
            }
            for name, parameters in AIRLINE.items()
        ]
        document["lifecycles"] = []

    result = judged(decontaminated, harbour.environment(contracts=edits.contracts(change)))
    assert result.status == "fail"
    assert result.evidence[0]["world"] == "airline"
    assert result.evidence[0]["by_parameter"] == 1.0
