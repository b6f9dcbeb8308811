"""Operations that put records together."""

from __future__ import annotations

from typing import Any

from envfactory.synthesis.inference.candidates import candidates_of
from envfactory.synthesis.inference.links import Link, links_of, without_linking
from envfactory.synthesis.inference.readings import read_operations
from tests.synthesis.inference.world import answer, body, in_path, openapi

TEXT = {"type": "string"}
RECORD = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}


def records(*nouns: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for noun in nouns:
        paths[f"/{noun}s"] = {
            "get": {"responses": answer({"type": "array", "items": RECORD})},
            "post": {"requestBody": body(RECORD), "responses": answer(RECORD)},
        }
        paths[f"/{noun}s/{{{noun}Id}}"] = {"get": {"parameters": in_path(f"{noun}Id"), "responses": answer(RECORD)}}
    return paths


def links(paths: dict[str, Any]) -> list[Link]:
    resource = openapi(paths)
    readings = read_operations(resource)
    return links_of(candidates_of(resource, readings), readings)


def test_a_pair_of_operations_on_one_path() -> None:
    both = {"parameters": in_path("contactId", "segmentId"), "responses": answer({})}
    paths = records("contact", "segment") | {
        "/contacts/{contactId}/segments/{segmentId}": {
            "post": {**both, "operationId": "add"},
            "delete": {**both, "operationId": "remove"},
        }
    }

    found = links(paths)

    assert [(link.left, link.right) for link in found] == [("contact", "segment")]
    assert (found[0].add.operation.id, found[0].remove and found[0].remove.operation.id) == ("add", "remove")


def test_an_action_that_names_the_other_record() -> None:
    named = [*in_path("shelfId"), {"name": "bookId", "in": "query", "required": True, "schema": TEXT}]
    paths = records("shelf", "book") | {
        "/shelfs/{shelfId}/addBook": {"post": {"parameters": named, "operationId": "addBook", "responses": answer({})}},
        "/shelfs/{shelfId}/removeBook": {
            "post": {"parameters": named, "operationId": "removeBook", "responses": answer({})}
        },
    }

    found = links(paths)

    assert [(link.left, link.right) for link in found] == [("shelf", "book")]
    assert found[0].remove is not None


def test_changing_a_record_inside_another_links_nothing() -> None:
    put = {"parameters": in_path("ownerId", "dogId"), "requestBody": body(RECORD), "responses": answer(RECORD)}

    assert links(records("owner", "dog") | {"/owners/{ownerId}/dogs/{dogId}": {"put": put}}) == []


def test_linking_operations_belong_to_no_record() -> None:
    both = {"parameters": in_path("contactId", "segmentId"), "operationId": "add", "responses": answer({})}
    resource = openapi(records("contact", "segment") | {"/contacts/{contactId}/segments/{segmentId}": {"post": both}})
    readings = read_operations(resource)
    candidates = candidates_of(resource, readings)

    without_linking(candidates, links_of(candidates, readings))

    assert all(reading.operation.id != "add" for candidate in candidates.values() for reading in candidate.readings)
