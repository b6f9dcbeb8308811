"""Nouns with their records, keys and fields."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.synthesis.inference.candidates import Candidate, candidates_of
from envfactory.synthesis.inference.readings import read_operations
from tests.synthesis.inference.world import answer, body, candidates, in_path, openapi

TEXT = {"type": "string"}


def from_paths(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Candidate]:
    resource = openapi(paths, schemas)
    return candidates_of(resource, read_operations(resource))


def crud(path: str, parameter: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        path: {
            "get": {"responses": answer({"type": "array", "items": schema})},
            "post": {"requestBody": body(schema), "responses": answer(schema)},
        },
        f"{path}/{{{parameter}}}": {"get": {"parameters": in_path(parameter), "responses": answer(schema)}},
    }


def test_the_kennels_records() -> None:
    found = candidates()

    assert set(found) == {"owner", "dog", "stay", "kennel"}
    assert {noun: each.key for noun, each in found.items()} == dict.fromkeys(found, "id")


def test_what_is_required_on_creation_is_known() -> None:
    owner = candidates()["owner"]

    assert owner.on_create["name"]
    assert owner.on_create["email"]
    assert not owner.on_create["city"]
    assert "created_at" not in owner.on_create


@pytest.mark.parametrize(
    ("parameter", "properties", "key"),
    [
        ("petId", ["id", "name"], "id"),
        ("username", ["username", "email"], "username"),
        ("Name", ["Name", "Arn", "State"], "name"),
        ("Name", ["id", "Name"], "id"),
        ("repo", ["full", "text"], "id"),
    ],
)
def test_the_key_is_the_records_own(parameter: str, properties: list[str], key: str) -> None:
    schema = {"type": "object", "properties": dict.fromkeys(properties, TEXT)}

    found = from_paths(crud("/things", parameter, schema))

    assert found["thing"].key == key


@pytest.mark.parametrize(
    ("path", "schema", "noun"),
    [
        ("/pettypes", "PetType", "pet_type"),
        ("/pulls", "PullRequest", "pull_request"),
        ("/lists", "TaskList", "task_list"),
        ("/repos", "Repository", "repository"),
        ("/albums", "AlbumObject", "album"),
        ("/orders", "OrderResponse", "order"),
    ],
)
def test_nouns_take_the_better_words_of_the_schema(path: str, schema: str, noun: str) -> None:
    record = {"type": "object", "properties": {"id": TEXT, "text": TEXT}}

    found = from_paths(crud(path, "id", {"$ref": f"#/components/schemas/{schema}"}), {schema: record})

    assert list(found) == [noun]
    assert found[noun].schema == schema


def test_a_noun_that_shows_another_nouns_record_is_left_out() -> None:
    user = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
    ref = {"$ref": "#/components/schemas/User"}
    paths = crud("/users", "userId", ref) | {
        "/collaborators": {"get": {"responses": answer({"type": "array", "items": ref})}}
    }

    found = from_paths(paths, {"User": user})

    assert list(found) == ["user"]


def test_update_or_insert_is_how_a_record_comes_about() -> None:
    record = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
    put = {
        "summary": "Updates or inserts a session",
        "parameters": in_path("id"),
        "requestBody": body(record),
        "responses": answer(record),
    }

    found = from_paths(
        {
            "/sessions/{id}": {"put": put},
            "/sessions": {"get": {"responses": answer({"type": "array", "items": record})}},
        }
    )

    assert [reading.kind for reading in found["session"].readings if reading.operation.method == "PUT"] == ["create"]


def test_deprecated_operations_do_not_count() -> None:
    record = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
    paths = crud("/pets", "petId", record)
    paths["/pets"]["post"]["deprecated"] = True

    assert not from_paths(paths)["pet"].of_kind("create")
