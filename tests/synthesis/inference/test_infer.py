"""From a document without x-env to a design that loads and holds."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from envfactory.errors import DesignError
from envfactory.resources import Resource
from envfactory.synthesis.design import Design, design_environment
from envfactory.synthesis.inference import infer
from tests.support import LocalWorker
from tests.synthesis.inference.world import answer, body, in_path, kennel, openapi

TEXT = {"type": "string"}


@cache
def design() -> Design:
    return design_environment(infer(kennel()).resource, None, seed=0, worker=LocalWorker())


def records(*nouns: str, writes: bool = True, **properties: Any) -> Resource:
    record = {"type": "object", "properties": {"id": TEXT, "name": TEXT, **properties}}
    paths: dict[str, Any] = {}
    for noun in nouns:
        paths[f"/{noun}s"] = {"get": {"responses": answer({"type": "array", "items": record})}}
        if writes:
            paths[f"/{noun}s"]["post"] = {"requestBody": body(record), "responses": answer(record)}
        paths[f"/{noun}s/{{{noun}Id}}"] = {"get": {"parameters": in_path(f"{noun}Id"), "responses": answer(record)}}
    return openapi(paths, title="Things")


def in_cyrillic() -> Resource:
    record = {"type": "object", "properties": {"ид": TEXT, "имя": TEXT}}
    operation = {"requestBody": body(record), "responses": answer(record)}
    paths = {
        f"/{noun}": {"get": {**operation, "operationId": noun}, "post": operation} for noun in ("псы", "коты", "совы")
    }
    return openapi(paths, {"Зверь": record}, title="Things")


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (records("dog"), "has 3 operations; an environment needs at least 6 tools"),
        (records("dog", "cat", "owl", writes=False), "is read-only"),
        (records("dog", "cat"), "no two of its records"),
        (openapi({}), "has 0 operations"),
        (in_cyrillic(), "names like 'ид' have no letter"),
    ],
)
def test_what_makes_no_environment_is_refused_with_a_reason(resource: Resource, reason: str) -> None:
    with pytest.raises(DesignError, match=reason) as refused:
        infer(resource)

    assert refused.value.remedy


def test_the_same_document_gives_the_same_resource() -> None:
    first, second = infer(kennel()), infer(kennel())

    assert first.resource == second.resource
    assert (first.chosen, first.rules) == (second.chosen, second.rules)


@pytest.mark.parametrize("limit", [8, 11, 15])
def test_no_more_operations_than_asked_for(limit: int) -> None:
    found = infer(kennel(), limit=limit)

    assert len(found.chosen) == len(found.resource.operations) <= limit
    assert set(found.chosen) | set(found.dropped) == {operation.id for operation in kennel().operations}


def test_every_rule_cites_its_place() -> None:
    assert all(rule.endswith("]") and "[#/" in rule for rule in infer(kennel()).rules)


def test_the_design_of_the_kennel_loads_with_coherent_rows() -> None:
    rows = design().seed_rows

    assert {table: len(found) > 5 for table, found in rows.items()} == dict.fromkeys(
        ["owners", "dogs", "stays", "kennels"], True
    )
    assert all(row["start_date"] < row["end_date"] for row in rows["stays"])
    assert [note for note in design().notes if "invariant" in note] == []


def test_seeded_states_have_their_dates() -> None:
    stays = design().seed_rows["stays"]

    assert {row["status"] for row in stays} == {"booked", "cancelled", "finished"}
    assert all((row["status"] == "cancelled") == (row["cancelled_at"] is not None) for row in stays)


def test_some_owners_have_many_dogs_and_some_none() -> None:
    owners = [row["owner_id"] for row in design().seed_rows["dogs"]]
    counts = [owners.count(row["id"]) for row in design().seed_rows["owners"]]

    assert 0 in counts
    assert max(counts) > 1


def test_the_root_names_the_environment_and_its_entities() -> None:
    root = infer(kennel()).resource.extensions["x-env"]

    assert root["environment"] == "kennel"
    assert set(root["entities"]) == {"owners", "dogs", "stays", "kennels"}
