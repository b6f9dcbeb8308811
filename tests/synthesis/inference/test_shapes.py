"""Envelopes, lists and records."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.synthesis.inference.shapes import is_identity, looks_many, record_of

OWNER: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
SCHEMAS = {"Owner": OWNER}
REF = {"$ref": "#/schemas/Owner"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "many"),
    [
        (REF, False),
        ({"type": "array", "items": REF}, True),
        (obj(data=REF), False),
        (obj(data={"type": "array", "items": REF}, status={"type": "string"}), True),
        (obj(owners={"type": "array", "items": REF}, nextPageToken={"type": "string"}), True),
        (
            obj(
                items={"type": "array", "items": REF},
                links={"type": "array", "items": obj(href={"type": "string"})},
                total_pages={"type": "integer"},
            ),
            True,
        ),
        (obj(owner_list=obj(owners={"type": "array", "items": REF})), True),
    ],
)
def test_record_of_opens_envelopes(schema: dict[str, Any], many: bool) -> None:
    record = record_of(schema, SCHEMAS)

    assert record is not None
    assert (record.name, record.many) == ("Owner", many)


def test_record_of_keeps_what_has_an_identity() -> None:
    cart = obj(customerId={"type": "string"}, items={"type": "array", "items": REF})

    record = record_of(cart, SCHEMAS)

    assert record is not None
    assert set(record.properties) == {"customerId", "items"}


def test_record_of_uses_the_noun_where_there_are_several_lists() -> None:
    both = obj(
        users={"type": "array", "items": obj(id={"type": "string"}, x={"type": "string"})},
        owners={"type": "array", "items": REF},
    )

    record = record_of(both, SCHEMAS, hint="owner")

    assert record is not None
    assert record.name == "Owner"


@pytest.mark.parametrize(
    "schema", [{}, {"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"$ref": "#/schemas/Nowhere"}]
)
def test_record_of_is_none_without_an_object(schema: dict[str, Any]) -> None:
    assert record_of(schema, SCHEMAS) is None


def test_record_of_ends_on_recursion() -> None:
    node = {"type": "object", "properties": {"data": {"$ref": "#/schemas/Node"}}}

    record = record_of({"$ref": "#/schemas/Node"}, {"Node": node})

    assert record is not None
    assert set(record.properties) == {"data"}


@pytest.mark.parametrize(
    ("name", "expected"), [("id", True), ("petId", True), ("order_uuid", True), ("identity", False), ("name", False)]
)
def test_is_identity_by_last_word(name: str, expected: bool) -> None:
    assert is_identity(name) is expected


def test_looks_many_counts_lists_of_anything() -> None:
    assert looks_many({"type": "array", "items": {"type": "string"}}, {})
    assert not looks_many(obj(tag={"type": "array", "items": {"type": "string"}}), {})
