from __future__ import annotations

from typing import Any

import pytest

from envfactory.resources.model import Operation
from envfactory.resources.tolerant import Json, JsonObject
from tests.resources.documents import OPENAPI, imported


def only(operation: JsonObject, *, path: str = "/a", **members: Any) -> Operation:
    """The one operation of a document made of it."""
    document = {"openapi": "3.1.0", "paths": {path: {"post": {"operationId": "a", **operation}}}, **members}
    return imported(document).operations[0]


def test_the_document_as_a_whole() -> None:
    resource = imported(OPENAPI, source="shelter.json")

    provenance = resource.provenance
    assert (provenance.source, provenance.format, provenance.format_version) == ("shelter.json", "openapi", "3.0.3")
    assert (resource.title, provenance.version, provenance.licence) == ("Shelter", "1.0", "MIT")
    assert resource.summary == "Animals."
    assert resource.extensions == {"x-env": {"version": 1}}
    assert resource.warnings == []


def test_operations_carry_their_place() -> None:
    operations = imported(OPENAPI).operations

    assert [(each.id, each.name, each.method, each.path) for each in operations] == [
        ("listAnimals", "list_animals", "GET", "/animals"),
        ("addAnimal", "add_animal", "POST", "/animals"),
        ("getAnimal", "get_animal", "GET", "/animals/{animal_id}"),
    ]
    assert operations[2].citation == "#/paths/~1animals~1{animal_id}/get"


def test_parameters_of_path_and_operation_are_joined() -> None:
    operation = imported(OPENAPI).operation("listAnimals")

    assert [(each.name, each.location, each.required) for each in operation.parameters] == [
        ("X-Trace", "header", False),
        ("kind", "query", False),
        ("limit", "query", False),
    ]
    assert operation.parameters[2].schema == {"type": "integer", "maximum": 50}


def test_a_parameter_of_the_operation_replaces_that_of_the_path() -> None:
    path_item = {
        "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}],
        "get": {"operationId": "a", "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]},
    }

    parameters = imported({"openapi": "3.0.0", "paths": {"/a": path_item}}).operations[0].parameters

    assert [each.schema for each in parameters] == [{"type": "string"}]


def test_the_body_is_there_whole_and_flat() -> None:
    operation = imported(OPENAPI).operation("addAnimal")

    assert operation.body is not None
    assert operation.body.schema == {"$ref": "#/schemas/Animal"}
    flat = [(each.name, each.location, each.required) for each in operation.parameters if each.location == "body"]
    assert flat == [("name", "body", True), ("mother", "body", False)]


def test_extensions_of_every_level_survive() -> None:
    resource = imported(OPENAPI)

    operation = resource.operation("addAnimal")
    assert operation.extensions == {"x-env": {"guards": []}}
    name = next(each for each in operation.parameters if each.name == "name")
    assert name.extensions == {"x-env-seed": {"kind": "first_name"}}
    assert resource.schemas["Animal"]["properties"]["name"]["x-env-seed"] == {"kind": "first_name"}
    assert operation.errors[0].extensions == {"x-code": "NAME_TAKEN"}


def test_answers_and_errors_are_told_apart() -> None:
    operation = only(
        {
            "responses": {
                "201": {"description": "made"},
                "4XX": {},
                "409": {"description": "taken"},
                "default": {},
                "x-a": 1,
            }
        }
    )

    assert [each.status for each in operation.responses] == ["201"]
    assert [(each.status, each.code) for each in operation.errors] == [
        ("4XX", "CLIENT_ERROR"),
        ("409", "CONFLICT"),
        ("default", "ERROR"),
    ]


def test_a_default_answer_alone_is_no_error() -> None:
    operation = only({"responses": {"default": {"description": "whatever"}}})

    assert [each.status for each in operation.responses] == ["default"]
    assert operation.errors == []


@pytest.mark.parametrize(
    ("method", "reads"),
    [
        ("get", True),
        ("head", True),
        ("post", None),
        ("put", False),
        ("patch", False),
        ("delete", False),
        ("query", True),
    ],
)
def test_what_the_method_promises(method: str, reads: bool | None) -> None:
    resource = imported({"openapi": "3.2.0", "paths": {"/a": {method: {"operationId": "a"}}}})

    assert resource.operations[0].read_only is reads


@pytest.mark.parametrize(
    ("content", "chosen"),
    [
        (["text/csv", "application/json"], "application/json"),
        (["text/plain", "application/vnd.api+json"], "application/vnd.api+json"),
        (["application/json; charset=utf-8", "text/plain"], "application/json; charset=utf-8"),
        (["multipart/form-data", "application/x-www-form-urlencoded"], "application/x-www-form-urlencoded"),
        (["text/csv"], "text/csv"),
    ],
)
def test_json_is_preferred_then_forms(content: list[str], chosen: str) -> None:
    operation = only({"requestBody": {"content": {kind: {"schema": {"type": "object"}} for kind in content}}})

    assert operation.body is not None
    assert operation.body.content_type == chosen


def test_examples_of_bodies_and_answers_are_kept() -> None:
    shared = {"examples": {"Shared": {"value": {"b": 2}}}}
    media: Json = {"examples": {"one": {"value": {"a": 1}}, "two": {"$ref": "#/components/examples/Shared"}}}

    operation = only({"requestBody": {"content": {"application/json": media}}}, components=shared)

    assert operation.body is not None
    assert operation.body.examples == [{"a": 1}, {"b": 2}]


def test_links_between_operations_are_kept() -> None:
    links = {"GetIt": {"operationId": "getIt", "parameters": {"id": "$response.body#/id"}}}

    operation = only({"responses": {"201": {"links": links}}})

    assert operation.responses[0].links == links


def test_a_parameter_may_keep_its_schema_in_content_or_inline() -> None:
    operation = only(
        {
            "parameters": [
                {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
                {"name": "old", "in": "query", "type": "integer"},
            ]
        }
    )

    assert [each.schema for each in operation.parameters] == [{"type": "object"}, {"type": "integer"}]


def test_a_repeated_path_variable_is_one_parameter() -> None:
    operation = only({}, path="/a/{id}/b/{id}")

    assert [(each.name, each.required) for each in operation.parameters] == [("id", True)]


def test_sources_a_document_cites_are_in_its_provenance() -> None:
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "T",
            "summary": "Short.",
            "description": "Long.",
            "license": {"identifier": "MIT", "url": "x"},
        },
        "x-sources": [{"title": "Manual", "url": "https://manual.example/a"}, "https://b.example", 3],
        "externalDocs": {"url": "https://c.example"},
        "paths": {},
    }

    resource = imported(document)

    assert resource.provenance.urls == ["https://manual.example/a", "https://b.example", "https://c.example"]
    assert (resource.provenance.licence, resource.summary) == ("MIT", "Short.")


def test_the_same_bytes_give_the_same_resource() -> None:
    assert imported(OPENAPI) == imported(OPENAPI)
    assert imported(OPENAPI).provenance.retrieved == ""
