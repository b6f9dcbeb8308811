"""What the tests of the inference share: the kennel, and resources and columns made in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envfactory.resources import Resource, import_document
from envfactory.synthesis.inference.candidates import Candidate, candidates_of
from envfactory.synthesis.inference.fields import Field
from envfactory.synthesis.inference.readings import Reading, read_operations
from envfactory.synthesis.inference.world import Column, Entity

KENNEL = Path(__file__).parent / "kennel.yaml"


def kennel() -> Resource:
    """The kennel as a resource."""
    return import_document(KENNEL.read_bytes(), source="kennel.yaml")


def readings() -> dict[str, Reading]:
    """The kennel's readings by operation id."""
    return {reading.operation.id: reading for reading in read_operations(kennel())}


def candidates() -> dict[str, Candidate]:
    """The kennel's candidates by noun."""
    resource = kennel()
    return candidates_of(resource, read_operations(resource))


def openapi(paths: dict[str, Any], schemas: dict[str, Any] | None = None, title: str = "Test") -> Resource:
    """A resource from OpenAPI paths and schemas."""
    tree = {"openapi": "3.0.3", "info": {"title": title, "version": "1"}, "paths": paths}
    tree["components"] = {"schemas": schemas or {}}
    return import_document(json.dumps(tree).encode(), source="test.json")


def tools(*definitions: tuple[str, dict[str, Any], list[str]]) -> Resource:
    """A resource from MCP tools: name, properties, required."""
    made = [
        {
            "name": name,
            "description": name,
            "inputSchema": {"type": "object", "properties": properties, "required": required},
        }
        for name, properties, required in definitions
    ]
    return import_document(json.dumps({"tools": made}).encode(), source="tools.json")


def answer(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI responses with one JSON payload."""
    return {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI request body."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def in_path(*names: str) -> list[dict[str, Any]]:
    """OpenAPI path parameters."""
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def field(name: str, *, level: int = 0, **schema: Any) -> Field:
    """A scalar field."""
    return Field(name, (name,), {"type": "string", **schema}, "scalar", level=level)


def entity(noun: str, *columns: Column, key: str = "id", parent: str = "", parent_column: str = "") -> Entity:
    """An entity with a key and the given columns."""
    candidate = Candidate(noun, noun.title(), "", [], {}, key=key, citation=f"#/schemas/{noun}")
    made = Entity(candidate, parent=parent, parent_column=parent_column, prefix=noun[:3])
    made.columns[key] = Column(key, "string", "The key.", role="key")
    made.columns |= {column.name: column for column in columns}
    return made


def reference(name: str, table: str, *, nullable: bool = False, settable: bool = True) -> Column:
    """A column that refers to a table."""
    return Column(
        name,
        "string",
        "",
        role="reference",
        references=table,
        nullable=nullable,
        on_create=settable,
        needed=not nullable,
    )
