"""The world written down as a resource whose schemas, operations and root carry `x-env` (docs/extension.md)."""

from __future__ import annotations

from typing import Any

from envfactory.resources.model import Body, Operation, Parameter, Resource, Response
from envfactory.resources.tolerant import JsonObject, first_sentence
from envfactory.synthesis.inference.agreements import agreement_invariants
from envfactory.synthesis.inference.invariants import count_invariants, invariants_of
from envfactory.synthesis.inference.seeding import NOW
from envfactory.synthesis.inference.words import snake, spoken, words_of
from envfactory.synthesis.inference.world import Column, Entity, Param, Tool, World

_IDLE_WORDS = frozenset(
    "api apis rest open swagger openapi the service specification v1 v2 v3 unified of by and amazon aws google".split()
)


def annotated(resource: Resource, world: World) -> Resource:
    """The resource with the world's operations and schemas only, each with its note."""
    written = _written_tables(world)
    schemas = {
        _schema_name(entity): _schema(entity, world, entity.table in written) for entity in world.entities.values()
    }
    root = {
        "version": 1,
        "environment": environment_name(resource),
        "summary": _summary(resource, world),
        "now": NOW,
        "entities": {entity.table: _phrases(entity) for entity in world.entities.values()},
    }
    if world.invariants:
        root["invariants"] = world.invariants
    return resource.model_copy(
        update={
            "operations": [_operation(tool) for tool in world.tools],
            "schemas": schemas,
            "extensions": {**resource.extensions, "x-env": root},
        }
    )


def environment_name(resource: Resource) -> str:
    """A name for the environment, from the document's title."""
    words = [word for word in words_of(resource.title) if word not in _IDLE_WORDS and not word.isdigit()]
    return snake(" ".join(words[:4])) or "inferred"


def _summary(resource: Resource, world: World) -> str:
    named = ", ".join(spoken(entity.table) for entity in world.entities.values())
    said = first_sentence(resource.summary, 160)
    return f"{said} With {named}." if said else f"{resource.title}: {named}."


def _written_tables(world: World) -> set[str]:
    found = set()
    for tool in world.tools:
        for effect in tool.note.get("effects", []):
            found |= {effect[key] for key in ("insert", "update", "delete") if key in effect}
            if "transition" in effect:
                found.add(world.entities[tool.reading.noun].table)
    return found


def _schema_name(entity: Entity) -> str:
    return "".join(word.capitalize() for word in entity.noun.split("_"))


def _schema(entity: Entity, world: World, written: bool) -> JsonObject:
    note: JsonObject = {
        "table": entity.table,
        "key": entity.pair or [entity.key],
        "prefix": entity.prefix,
        "seed": {"select": entity.select} if entity.select else {"count": entity.count},
    }
    scoped = [columns for columns in entity.unique if len(columns) > 1]
    if scoped:
        note["unique"] = scoped
    if entity.lifecycle is not None:
        note["lifecycle"] = _lifecycle(entity, world)
    invariants = [*agreement_invariants(entity, world), *invariants_of(entity)] if written else []
    if entity.counted:
        invariants += count_invariants(world.by_table(entity.columns[entity.counted_by].references), entity)
    if invariants:
        note["invariants"] = invariants
    return {
        "type": "object",
        "description": first_sentence(entity.candidate.description) or f"One row for each {spoken(entity.noun)}.",
        "x-env": {key: value for key, value in note.items() if value is not None},
        "properties": {column.name: _property(column) for column in entity.columns.values()},
    }


def _lifecycle(entity: Entity, world: World) -> JsonObject:
    assert entity.lifecycle is not None
    moves = {
        tool.name: [
            [state, entity.lifecycle.moves[tool.reading.verb][1]]
            for state in entity.lifecycle.moves[tool.reading.verb][0]
        ]
        for tool in world.tools
        if tool.reading.noun == entity.noun
        and tool.reading.kind == "action"
        and tool.reading.verb in entity.lifecycle.moves
    }
    return {"column": entity.lifecycle.column, "initial": entity.lifecycle.initial, "transitions": moves}


def _property(column: Column) -> JsonObject:
    schema: JsonObject = {"type": column.type, "description": column.description}
    optional: dict[str, Any] = {
        "nullable": column.nullable or None,
        "enum": column.enum or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "maxLength": column.max_length if column.type == "string" and not column.enum and not column.format else None,
        "format": column.format or None,
        "default": column.default,
        "readOnly": column.read_only or None,
        "examples": column.examples or None,
    }
    schema |= {key: value for key, value in optional.items() if value is not None}
    note: JsonObject = {"references": column.references or None} if column.role != "key" else {}
    if column.unique:
        note["unique"] = True
    if column.seed:
        note["seed"] = column.seed
    if note:
        schema["x-env"] = note
    return schema


def _operation(tool: Tool) -> Operation:
    source = tool.reading.operation
    parameters = [_parameter(parameter) for parameter in tool.parameters]
    inside = [parameter for parameter in parameters if parameter.location == "body"]
    body = None
    if inside:
        properties = {parameter.name: parameter.schema for parameter in inside}
        required = [parameter.name for parameter in inside if parameter.required]
        body = Body(required=bool(required), schema={"type": "object", "properties": properties, "required": required})
    return source.model_copy(
        update={
            "name": tool.name,
            "summary": tool.summary,
            "description": tool.description,
            "parameters": parameters,
            "body": body,
            "responses": [Response(status="200", description=tool.summary)],
            "errors": [],
            "read_only": tool.kind == "read",
            "extensions": {"x-env": {"tool": tool.name, "kind": tool.kind, **tool.note}},
        }
    )


def _parameter(parameter: Param) -> Parameter:
    schema = {**parameter.schema, "description": parameter.description}
    if parameter.ref:
        schema["x-env"] = {"ref": parameter.ref}
    elif "x-env" not in schema:
        schema["x-env"] = {"references": None}
    return Parameter(
        name=parameter.name,
        location=parameter.location,
        required=parameter.required,
        schema=schema,
        description=parameter.description,
    )


def _phrases(entity: Entity) -> JsonObject:
    name = entity.name_column()
    return {"noun": [spoken(entity.noun)], **({"name": name.name} if name is not None else {})}
