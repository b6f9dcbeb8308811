from __future__ import annotations

import pytest

from envfactory.resources.model import Body, Operation, Parameter
from envfactory.resources.payloads import follow, object_view, ref_name, with_body_parameters
from envfactory.resources.tolerant import JsonObject, Notes

SCHEMAS: dict[str, JsonObject] = {
    "Base": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "note": {"type": "string"}},
        "required": ["id"],
    },
    "Cat": {
        "allOf": [{"$ref": "#/schemas/Base"}, {"properties": {"lives": {"type": "integer"}}, "required": ["lives"]}]
    },
    "Dog": {"type": "object", "properties": {"barks": {"type": "boolean"}}},
    "Alias": {"$ref": "#/schemas/Base", "description": "an alias"},
    "Selfish": {"allOf": [{"$ref": "#/schemas/Selfish"}], "properties": {"me": {"$ref": "#/schemas/Selfish"}}},
    "Set": {"type": "string", "readOnly": True},
    "Loop": {"$ref": "#/schemas/Pool"},
    "Pool": {"$ref": "#/schemas/Loop"},
}


def test_following_a_reference_keeps_what_stands_beside_it() -> None:
    found = follow({"$ref": "#/schemas/Alias", "nullable": True}, SCHEMAS)

    assert found == {**SCHEMAS["Base"], "description": "an alias", "nullable": True}
    assert ref_name({"$ref": "#/schemas/Alias"}) == "Alias"


@pytest.mark.parametrize("name", ["Loop", "Missing"])
def test_a_broken_chain_leads_to_nothing(name: str) -> None:
    assert follow({"$ref": f"#/schemas/{name}"}, SCHEMAS) == {}


@pytest.mark.parametrize(
    ("schema", "properties", "required", "variant_taken"),
    [
        ({"$ref": "#/schemas/Base"}, ["id", "note"], ["id"], False),
        ({"$ref": "#/schemas/Cat"}, ["id", "note", "lives"], ["id", "lives"], False),
        ({"$ref": "#/schemas/Selfish"}, ["me"], [], False),
        ({"oneOf": [{"type": "string"}, {"$ref": "#/schemas/Dog"}, {"$ref": "#/schemas/Base"}]}, ["barks"], [], True),
        # alternatives that only say what must be there do not make everything required
        (
            {"$ref": "#/schemas/Base", "anyOf": [{"required": ["note"]}, {"required": ["id"]}]},
            ["id", "note"],
            ["id"],
            False,
        ),
        ({"$ref": "#/schemas/Base", "required": ["note", "unknown"]}, ["id", "note"], ["id", "note"], False),
        ({"type": "array", "items": {"$ref": "#/schemas/Base"}}, [], [], False),
        ({}, [], [], False),
    ],
)
def test_the_object_behind_combinators(
    schema: JsonObject, properties: list[str], required: list[str], variant_taken: bool
) -> None:
    view = object_view(schema, SCHEMAS)

    assert (list(view.properties), sorted(view.required)) == (properties, sorted(required))
    assert view.variant_taken is variant_taken


def test_a_property_in_several_parts_is_joined() -> None:
    view = object_view({"allOf": [{"$ref": "#/schemas/Base"}], "properties": {"id": {"maxLength": 9}}}, SCHEMAS)

    assert view.properties["id"] == {"type": "string", "maxLength": 9}


def test_many_ways_to_one_schema_are_gone_once() -> None:
    """Sixty levels of two references each would be 2^60 visits."""
    ladder = {f"S{n}": {"allOf": [{"$ref": f"#/schemas/S{n + 1}"}] * 2} for n in range(60)}
    schemas = {**ladder, "S60": {"properties": {"end": {}}}}

    view = object_view({"$ref": "#/schemas/S0"}, schemas)

    assert list(view.properties) == ["end"]


def operation(schema: JsonObject, content_type: str = "application/json", required: bool = False) -> Operation:
    return Operation(
        id="add",
        name="add",
        parameters=[Parameter(name="id", location="path", required=True)],
        body=Body(schema=schema, content_type=content_type, required=required),
    )


def test_a_body_is_flattened_after_the_other_parameters() -> None:
    flat = with_body_parameters(operation({"$ref": "#/schemas/Cat"}), SCHEMAS, Notes())

    assert [(each.name, each.location, each.required) for each in flat.parameters] == [
        ("id", "path", True),
        ("id", "body", True),
        ("note", "body", False),
        ("lives", "body", True),
    ]


def test_what_only_the_server_sets_is_left_out_even_behind_a_reference() -> None:
    schema: JsonObject = {
        "properties": {"a": {"readOnly": True}, "b": {"$ref": "#/schemas/Set"}, "c": {"x-ref": "t.id"}}
    }

    flat = with_body_parameters(operation(schema), SCHEMAS, Notes())

    assert [each.name for each in flat.parameters] == ["id", "c"]
    assert flat.parameters[1].extensions == {"x-ref": "t.id"}
    assert flat.parameters[1].schema == {"x-ref": "t.id"}


@pytest.mark.parametrize("schema", [{"type": "array", "items": {}}, {"type": "object", "additionalProperties": True}])
def test_a_body_that_has_no_properties_is_one_parameter(schema: JsonObject) -> None:
    flat = with_body_parameters(operation(schema, required=True), SCHEMAS, Notes())

    assert [(each.name, each.required, each.schema) for each in flat.parameters[1:]] == [("body", True, schema)]


def test_form_fields_are_called_so() -> None:
    flat = with_body_parameters(operation({"$ref": "#/schemas/Dog"}, "multipart/form-data; x=y"), SCHEMAS, Notes())

    assert [each.location for each in flat.parameters] == ["path", "form"]


def test_the_choice_of_a_variant_is_said() -> None:
    notes = Notes()

    with_body_parameters(operation({"oneOf": [{"$ref": "#/schemas/Dog"}, {"$ref": "#/schemas/Cat"}]}), SCHEMAS, notes)

    assert notes.messages() == ["add: the body has several variants; its parameters are those of the first"]


def test_an_operation_without_body_stays_as_it_is() -> None:
    plain = Operation(id="a", name="a")

    assert with_body_parameters(plain, SCHEMAS, Notes()) is plain
