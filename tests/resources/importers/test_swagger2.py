from __future__ import annotations

from tests.resources.documents import SWAGGER, imported


def test_the_document_as_a_whole() -> None:
    resource = imported(SWAGGER)

    assert (resource.provenance.format, resource.provenance.format_version) == ("swagger", "2.0")
    assert [each.id for each in resource.operations] == ["add_boat", "set_photo"]
    assert resource.warnings == []


def test_the_body_parameter_is_the_body() -> None:
    operation = imported(SWAGGER).operation("add_boat")

    assert operation.body is not None
    assert operation.body.schema == {"$ref": "#/schemas/Boat"}
    assert operation.body.required
    assert [(each.name, each.location) for each in operation.parameters] == [("name", "body"), ("berths", "body")]


def test_form_fields_are_a_form_body() -> None:
    operation = imported(SWAGGER).operation("set_photo")

    assert operation.body is not None
    assert operation.body.content_type == "multipart/form-data"
    assert [(each.name, each.location, each.required) for each in operation.parameters] == [
        ("id", "path", True),
        ("photo", "form", True),
        ("caption", "form", False),
    ]
    assert operation.parameters[1].schema == {"type": "string", "format": "binary"}


def test_inline_schemas_of_parameters() -> None:
    operation = imported(SWAGGER).operation("set_photo")

    assert operation.parameters[0].schema == {"type": "integer", "minimum": 1}
    assert operation.parameters[0].extensions == {}


def test_answers_carry_their_schema() -> None:
    response = imported(SWAGGER).operation("add_boat").responses[0]

    assert response.schema == {"$ref": "#/schemas/Boat"}
    assert response.content_type == "application/json"


def test_consumes_and_produces_of_the_operation_come_first() -> None:
    document = {
        "swagger": "2.0",
        "consumes": ["application/xml"],
        "produces": ["text/plain", "application/hal+json"],
        "paths": {
            "/a": {
                "put": {
                    "operationId": "a",
                    "consumes": ["text/csv"],
                    "parameters": [{"name": "rows", "in": "body", "schema": {"type": "string"}, "x-note": 1}],
                    "responses": {"200": {"schema": {"type": "string"}, "examples": {"text/plain": "ok"}}},
                }
            }
        },
    }

    operation = imported(document).operations[0]

    assert operation.body is not None
    assert operation.body.content_type == "text/csv"
    assert (operation.responses[0].content_type, operation.responses[0].examples) == ("application/hal+json", ["ok"])


def test_the_style_of_openapi_3_is_understood_in_a_parameter() -> None:
    document = {
        "swagger": "2.0",
        "paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}]}}},
    }

    operation = imported(document).operations[0]

    assert operation.parameters[0].schema == {"type": "integer"}


def test_examples_of_parameters() -> None:
    document = {
        "swagger": "2.0",
        "paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "type": "string", "x-example": "LON"}]}}},
    }

    parameter = imported(document).operations[0].parameters[0]

    assert parameter.schema == {"type": "string", "examples": ["LON"]}
    assert parameter.extensions == {"x-example": "LON"}
