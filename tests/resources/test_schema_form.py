from __future__ import annotations

import pytest

from envfactory.resources.references import References
from envfactory.resources.schema_form import SchemaTable, example_values
from envfactory.resources.tolerant import Json, JsonObject, Notes


def form(raw: Json, schemas: JsonObject | None = None) -> tuple[JsonObject, dict[str, JsonObject], list[str]]:
    notes = Notes()
    root = {"components": {"schemas": schemas or {}}}
    table = SchemaTable(References(root, notes, homes=(("components", "schemas"),)), notes)
    formed = table.form(raw)
    return formed, table.finish(), notes.messages()


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        # types
        ({"type": "string"}, {"type": "string"}),
        ({"type": "String"}, {"type": "string"}),
        ({"type": "int"}, {"type": "integer"}),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}),
        ({"type": "datetime", "format": "rfc3339"}, {"type": "string", "format": "rfc3339"}),
        ({"type": "any"}, {}),
        ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        ({"items": {"type": "number"}}, {"type": "array", "items": {"type": "number"}}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
        # patterns
        ({"type": "string", "pattern": "^[a-z]+$"}, {"type": "string", "pattern": "^[a-z]+$"}),
        ({"type": "string", "pattern": r"^\p{L}+$"}, {"type": "string", "pattern": r"^[^\W\d_]+$"}),
        # null
        ({"type": "string", "nullable": True}, {"type": "string", "nullable": True}),
        ({"type": "string", "x-nullable": True}, {"type": "string", "nullable": True, "x-nullable": True}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", None]}, {"type": "string", "nullable": True}),
        ({"type": ["null"]}, {"nullable": True}),
        ({"type": ["integer", "string"]}, {"type": "integer", "x-types": ["integer", "string"]}),
        ({"type": "string", "enum": ["a", None]}, {"type": "string", "nullable": True, "enum": ["a"]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        # values
        ({"type": "integer", "default": "250"}, {"type": "integer", "default": 250}),
        ({"type": "boolean", "default": "true"}, {"type": "boolean", "default": True}),
        ({"type": "string", "enum": [1, True, 2.5]}, {"type": "string", "enum": ["1", "true", "2.5"]}),
        ({"type": "integer", "enum": ["1", 2]}, {"type": "integer", "enum": [1, 2]}),
        ({"enum": [1, 2]}, {"enum": [1, 2]}),
        ({"type": "string", "enum": []}, {"type": "string"}),
        ({"type": "string", "enum": "a, b"}, {"type": "string"}),
        ({"const": "x"}, {"type": "string", "enum": ["x"]}),
        ({"type": "string", "example": 7}, {"type": "string", "examples": ["7"]}),
        ({"type": "integer", "examples": [1, None, "2"]}, {"type": "integer", "examples": [1, 2]}),
        # bounds
        ({"type": "integer", "minimum": "1"}, {"type": "integer", "minimum": 1}),
        ({"minimum": 3, "exclusiveMinimum": True}, {"exclusiveMinimum": 3}),
        ({"minimum": 3, "exclusiveMinimum": False}, {"minimum": 3}),
        ({"exclusiveMaximum": 5}, {"exclusiveMaximum": 5}),
        ({"maxLength": "many", "minLength": True}, {}),
        # objects
        (
            {"type": "object", "required": ["a", 3], "properties": {"a": {}, "b": {"required": True}}},
            {"type": "object", "required": ["a", "b"], "properties": {"a": {}, "b": {}}},
        ),
        ({"type": "object", "required": True}, {"type": "object"}),
        ({"additionalProperties": {"type": "int"}}, {"type": "object", "additionalProperties": {"type": "integer"}}),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        # combinators
        (
            {"allOf": [{"type": "string", "maxLength": 5}], "title": "T"},
            {"type": "string", "maxLength": 5, "title": "T"},
        ),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        (
            {"oneOf": [{"const": "red", "title": "Red"}, {"enum": ["blue", "red"]}, {"type": "null"}]},
            {"type": "string", "enum": ["red", "blue"], "nullable": True},
        ),
        (
            {"type": "integer", "anyOf": [{"const": 1, "description": "low"}, {"const": 9}]},
            {"type": "integer", "enum": [1, 9]},
        ),
        ({"anyOf": "nothing"}, {}),
        ({"allOf": [None, 3]}, {}),
        (
            {"properties": {"a": {}}, "allOf": [{"properties": {"b": {}}, "required": ["b"]}], "required": ["a"]},
            {"type": "object", "properties": {"b": {}, "a": {}}, "required": ["b", "a"]},
        ),
        # what is kept and what is dropped
        ({"x-env-seed": {"values": [1]}, "xml": {"name": "a"}, "$id": "b", "if": {}}, {"x-env-seed": {"values": [1]}}),
        ({"readOnly": "true", "writeOnly": False, "description": " d "}, {"readOnly": True, "description": "d"}),
        ({"discriminator": "kind"}, {"discriminator": {"propertyName": "kind"}}),
        # no schema at all
        (True, {}),
        (None, {}),
    ],
)
def test_normal_form(raw: Json, normal: JsonObject) -> None:
    formed, _, warnings = form(raw)

    assert formed == normal
    assert warnings == []


@pytest.mark.parametrize(
    ("raw", "normal", "warning"),
    [
        ({"type": "money"}, {}, "the type 'money' is unknown"),
        (
            {"type": "array", "items": [{"type": "string"}, {}]},
            {"type": "array", "items": {"type": "string"}},
            "position",
        ),
        ({"prefixItems": [{"type": "boolean"}]}, {"type": "array", "items": {"type": "boolean"}}, "position"),
        ("text", {}, "no object"),
        ({"$ref": "elsewhere.json#/A", "description": "d"}, {"description": "d"}, "outside the document"),
    ],
)
def test_what_is_lost_is_said(raw: Json, normal: JsonObject, warning: str) -> None:
    formed, _, warnings = form(raw)

    assert formed == normal
    assert [warning in each for each in warnings] == [True]


TREE = {"Tree": {"properties": {"left": {"$ref": "#/components/schemas/Tree"}, "size": {"type": "integer"}}}}


def test_a_reference_stays_one_and_keeps_what_stands_beside_it() -> None:
    formed, _, _ = form({"$ref": "#/components/schemas/Tree", "description": "d", "x-env": {"ref": "trees.id"}}, TREE)

    assert formed == {"$ref": "#/schemas/Tree", "description": "d", "x-env": {"ref": "trees.id"}}


def test_recursion_is_one_schema_that_names_itself() -> None:
    _, schemas, warnings = form({}, TREE)

    assert schemas["Tree"]["properties"]["left"] == {"$ref": "#/schemas/Tree"}
    assert warnings == []


def test_a_reference_into_a_schema_gets_a_name_of_its_own() -> None:
    formed, schemas, _ = form({"$ref": "#/components/schemas/Tree/properties/size"}, TREE)

    assert formed == {"$ref": "#/schemas/Tree_size"}
    assert schemas["Tree_size"] == {"type": "integer"}


def test_a_choice_between_a_schema_and_null_is_the_schema() -> None:
    formed, _, _ = form({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Tree"}], "title": "T"}, TREE)

    assert formed == {"$ref": "#/schemas/Tree", "nullable": True, "title": "T"}


def test_one_part_with_own_properties_stays_a_part() -> None:
    formed, _, _ = form({"allOf": [{"$ref": "#/components/schemas/Tree"}], "properties": {"a": {}}}, TREE)

    assert formed["allOf"] == [{"$ref": "#/schemas/Tree"}]
    assert formed["properties"] == {"a": {}}


def test_schemas_that_are_only_each_other_are_left_empty() -> None:
    circle = {name: {"$ref": f"#/components/schemas/{other}"} for name, other in [("A", "B"), ("B", "C"), ("C", "A")]}

    _, schemas, warnings = form({}, circle)

    assert sum("$ref" not in schema for schema in schemas.values()) == 1
    assert "only refers to itself" in warnings[0]


def test_names_are_safe_in_a_reference() -> None:
    _, schemas, _ = form({}, {"a/b c": {}, "a_b_c": {}, "#": {}})

    assert sorted(schemas) == ["Schema", "a_b_c", "a_b_c_2"]


def test_a_discriminator_names_schemas() -> None:
    raw = {
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"t": "#/components/schemas/Tree", "u": "Tree", "gone": "#/components/schemas/No"},
        }
    }

    formed, _, _ = form(raw, TREE)

    assert formed["discriminator"]["mapping"] == {"t": "#/schemas/Tree", "u": "#/schemas/Tree"}


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ({"example": 1}, [1]),
        ({"examples": [1, None, 2]}, [1, 2]),
        ({"examples": {"small": {"value": 1}, "large": {"summary": "no value"}, "broken": 3}}, [1]),
        ({"example": "a", "examples": "b"}, ["a", "b"]),
        ({}, []),
    ],
)
def test_examples_in_every_spelling(raw: JsonObject, values: list[Json]) -> None:
    assert example_values(raw) == values


def test_a_pattern_that_nothing_here_reads_is_left_out_with_a_note() -> None:
    formed, _, notes = form({"type": "string", "pattern": "(a"})
    assert formed == {"type": "string"}
    assert notes == ["the pattern '(a' is none that Python reads; it was left out"]
