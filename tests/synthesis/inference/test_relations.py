"""Who refers to whom."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.synthesis.inference.candidates import candidates_of
from envfactory.synthesis.inference.readings import read_operations
from envfactory.synthesis.inference.relations import Reference, references_of, worth_a_column
from tests.synthesis.inference.world import answer, body, candidates, in_path, openapi

TEXT = {"type": "string"}


def found_in(properties: dict[str, Any], *, created: bool = True) -> dict[str, Reference]:
    """The references of a `stay` with these properties, beside users, owners and dogs."""
    record = {"type": "object", "properties": {"id": TEXT, "title": TEXT, **properties}}
    paths: dict[str, Any] = {}
    for noun in ("user", "owner", "dog", "stay"):
        schema = {"$ref": f"#/components/schemas/{noun.title()}"}
        paths[f"/{noun}s"] = {"get": {"responses": answer({"type": "array", "items": schema})}}
        if created:
            paths[f"/{noun}s"]["post"] = {"requestBody": body(schema), "responses": answer(schema)}
        paths[f"/{noun}s/{{{noun}Id}}"] = {"get": {"parameters": in_path(f"{noun}Id"), "responses": answer(schema)}}
    plain = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
    schemas = {"User": plain, "Owner": plain, "Dog": plain, "Stay": record}
    resource = openapi(paths, schemas)
    return {
        each.column: each
        for each in references_of(candidates_of(resource, read_operations(resource)))
        if each.source == "stay"
    }


@pytest.mark.parametrize(
    ("properties", "column", "target"),
    [
        ({"dogId": TEXT}, "dog_id", "dog"),
        ({"dog": {"$ref": "#/components/schemas/Dog"}}, "dog_id", "dog"),
        ({"favourite": {"$ref": "#/components/schemas/Dog"}}, "favourite_id", "dog"),
        ({"defaultDogSid": TEXT}, "default_dog_id", "dog"),
        ({"authorId": TEXT}, "author_id", "user"),
        ({"parentId": TEXT}, "parent_id", "stay"),
    ],
)
def test_references_by_field(properties: dict[str, Any], column: str, target: str) -> None:
    found = found_in(properties)

    assert column in found
    assert found[column].target == target


@pytest.mark.parametrize(
    "properties",
    [
        {"dog": TEXT},
        {"dogNumber": TEXT},
        {"colourId": TEXT},
        {"dog": {"type": "object", "properties": {"breed": TEXT}}},
    ],
)
def test_bare_names_and_numbers_are_no_references(properties: dict[str, Any]) -> None:
    assert found_in(properties) == {}


def test_the_container_of_a_path_is_referred_to() -> None:
    found = {(each.source, each.column): each for each in references_of(candidates())}

    assert found["dog", "owner_id"].contains
    assert not found["stay", "dog_id"].contains


def test_being_listed_somewhere_else_as_well_is_no_containment() -> None:
    record = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
    listed = {"get": {"responses": answer({"type": "array", "items": record})}}
    paths = {
        "/tags": {**listed, "post": {"requestBody": body(record), "responses": answer(record)}},
        "/dogs/{dogId}/tags": {"get": {**listed["get"], "parameters": in_path("dogId")}},
        "/dogs/{dogId}": {"get": {"parameters": in_path("dogId"), "responses": answer(record)}},
        "/dogs": listed,
    }
    resource = openapi(paths)

    assert references_of(candidates_of(resource, read_operations(resource))) == []


def test_a_reference_nobody_can_set_is_not_worth_a_column() -> None:
    everything = candidates()
    loose = Reference("stay", "kennel_id", "kennel", "name kennelId", frozenset({"kennel_id"}))
    unset = Reference("stay", "owner_id", "owner", "nested object owner")

    kept = worth_a_column([loose, unset], everything)

    assert kept == [loose]
