from __future__ import annotations

import pytest

from envfactory.resources.references import Pointer, References, parse_pointer, pointer_text
from envfactory.resources.tolerant import Json, Notes

DOCUMENT: Json = {
    "components": {
        "schemas": {
            "Pet": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Alias": {"$ref": "#/components/schemas/Pet"},
            "Loop": {"$ref": "#/components/schemas/Pool"},
            "Pool": {"$ref": "#/components/schemas/Loop"},
            "a/b": {"title": "slashed"},
        },
        "parameters": {"Pet": {"name": "pet"}},
    },
    "paths": {"/pets/{id}": {"get": {"tags": ["x", "y"]}}},
}


def references(notes: Notes | None = None, **options: object) -> References:
    return References(
        DOCUMENT, notes or Notes(), source="folder/api.yaml", homes=(("components", "schemas"),), **options
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ((), "#"),
        (("paths", "/pets/{id}", "get"), "#/paths/~1pets~1{id}/get"),
        (("a~b", ""), "#/a~0b/"),
    ],
)
def test_a_pointer_and_its_text(pointer: Pointer, text: str) -> None:
    assert pointer_text(pointer) == text
    assert parse_pointer(text) == pointer


@pytest.mark.parametrize(
    ("ref", "pointer"),
    [
        ("#/components/schemas/Pet", ("components", "schemas", "Pet")),
        ("#/components/schemas/a~1b", ("components", "schemas", "a/b")),
        ("#/paths/~1pets~1%7Bid%7D/get/tags/1", ("paths", "/pets/{id}", "get", "tags", "1")),
        ("#", ()),
        ("api.yaml#/components/schemas/Pet", ("components", "schemas", "Pet")),
        ("#/components/schemas/Alias/properties/name", ("components", "schemas", "Alias", "properties", "name")),
    ],
)
def test_a_reference_into_the_document_is_found(ref: str, pointer: Pointer) -> None:
    notes = Notes()

    located = references(notes).target(ref)

    assert located is not None
    assert located.pointer == pointer
    assert notes.messages() == []


@pytest.mark.parametrize("ref", ["#/definitions/Pet", "Pet", "#Pet", "#/$defs/Pet"])
def test_a_misplaced_reference_to_a_schema_is_mended_and_said(ref: str) -> None:
    notes = Notes()

    located = references(notes).target(ref)

    assert located is not None
    assert located.pointer == ("components", "schemas", "Pet")
    assert "was taken instead" in notes.messages()[0]


@pytest.mark.parametrize(
    ("ref", "warning"),
    [
        ("#/components/schemas/No", "leads nowhere"),
        ("#/components/responses/Pet", "leads nowhere"),  # there is a schema of that name, but a response was meant
        ("#/paths/~1pets~1{id}/get/tags/9", "leads nowhere"),
        ("#/components/schemas/Loop/properties/x", "leads nowhere"),
        ("other.yaml#/Pet", "outside the document"),
        ("https://x.example/api.json#/Pet", "outside the document"),
        ("../schemas/pet.yaml", "outside the document"),
        ("", "leads nowhere"),
        ("#/", "leads nowhere"),
        (None, "no text"),
        (["#/a"], "no text"),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_warning(ref: Json, warning: str) -> None:
    notes = Notes()

    assert references(notes).target(ref) is None
    assert warning in notes.messages()[0]


def test_members_beside_a_reference_win() -> None:
    resolved = references().resolve({"$ref": "#/components/schemas/Alias", "type": "array", "x-more": 1})

    assert resolved == {"type": "array", "properties": {"name": {"type": "string"}}, "x-more": 1}


def test_a_circle_leaves_only_what_stands_beside_it() -> None:
    notes = Notes()

    resolved = references(notes).resolve({"$ref": "#/components/schemas/Loop", "description": "kept"})

    assert resolved == {"description": "kept"}
    assert "circle" in notes.messages()[0]


@pytest.mark.parametrize("node", [None, 3, "text", [], {"$ref": "#/paths/~1pets~1{id}/get/tags"}])
def test_what_is_no_object_resolves_to_an_empty_one(node: Json) -> None:
    notes = Notes()

    assert references(notes).resolve(node) == {}
    assert len(notes.messages()) == 1


def test_bare_names_are_names_in_the_first_home() -> None:
    located = references(bare_names=True).target("Pet")

    assert located is not None
    assert located.pointer == ("components", "schemas", "Pet")
