from __future__ import annotations

import pytest

from envfactory.resources.importers.discovery import resource_name_templates
from tests.resources.documents import DISCOVERY, imported


def test_methods_of_nested_resources_are_operations() -> None:
    resource = imported(DISCOVERY)

    assert [(each.id, each.name, each.method, each.path) for each in resource.operations] == [
        ("herbarium.sheets.insert", "sheets_insert", "POST", "/v1/sheets"),
        ("herbarium.sheets.plants.get", "sheets_plants_get", "GET", "/v1/sheets/{sheetsId}/plants/{plantsId}"),
    ]
    assert resource.operations[1].tags == ["sheets", "plants"]
    assert resource.operations[1].citation == "#/resources/sheets/resources/plants/methods/get"


def test_the_document_as_a_whole() -> None:
    resource = imported(DISCOVERY)

    assert (resource.title, resource.provenance.version, resource.provenance.format) == (
        "Herbarium API",
        "v1",
        "google-discovery",
    )
    assert resource.provenance.urls == ["https://herbarium.example/docs"]
    assert resource.warnings == []


def test_facts_in_prose_become_members() -> None:
    properties = imported(DISCOVERY).schemas["Sheet"]["properties"]

    assert properties["number"]["readOnly"] is True
    assert properties["state"]["enum"] == ["pressed", "drying"]
    assert properties["state"]["x-enum-from-description"] is True
    assert properties["parts"]["items"] == {"$ref": "#/schemas/Sheet"}


def test_what_a_method_requires_is_required_there() -> None:
    operation = imported(DISCOVERY).operation("herbarium.sheets.insert")

    body = [(each.name, each.required) for each in operation.parameters if each.location == "body"]
    assert body == [("family", True), ("state", False), ("parts", False)]


def test_a_repeated_parameter_is_an_array() -> None:
    operation = imported(DISCOVERY).operation("herbarium.sheets.insert")

    assert operation.parameters[0].schema == {"type": "array", "items": {"type": "string"}}


def test_a_resource_name_keeps_its_template() -> None:
    operation = imported(DISCOVERY).operation("herbarium.sheets.plants.get")

    assert [(each.name, each.location, each.required) for each in operation.parameters] == [("name", "path", True)]
    assert operation.parameters[0].extensions == {"x-resource-name": "sheets/{sheetsId}/plants/{plantsId}"}


@pytest.mark.parametrize(
    ("path", "flat_path", "templates"),
    [
        ("v1/{+name}:borrow", "v1/shelves/{s}/books/{b}:borrow", {"name": "shelves/{s}/books/{b}"}),
        ("v1/{+parent}/books", "v1/shelves/{s}/books", {"parent": "shelves/{s}"}),
        ("v1/{+name}", "v2/shelves/{s}", {}),
        ("v1/{+a}/{+b}", "v1/x/{y}/z/{w}", {}),
        ("lists/{list}", "lists/{list}", {}),
        ("v1/{+name}", "v1/{name}", {}),
    ],
)
def test_what_a_reserved_variable_stands_for(path: str, flat_path: str, templates: dict[str, str]) -> None:
    assert resource_name_templates(path, flat_path) == templates


def test_a_method_without_answer_says_so() -> None:
    document = {"discoveryVersion": "v1", "methods": {"wipe": {"httpMethod": "DELETE", "path": "all"}}}

    operation = imported(document).operations[0]

    assert (operation.id, operation.read_only, operation.path) == ("wipe", False, "/all")
    assert [(each.status, each.schema) for each in operation.responses] == [("204", {})]


def test_a_required_property_by_its_description() -> None:
    document = {
        "kind": "discovery#restDescription",
        "schemas": {
            "A": {"type": "object", "properties": {"x": {"type": "string", "description": "Required. The x."}}}
        },
    }

    assert imported(document).schemas["A"]["required"] == ["x"]
