"""Reading payload schemas in normal form: follow a reference, see an object through its combinators, flatten a body.

All of it is safe on recursive schemas: a named schema is entered once per question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envfactory.resources.model import Location, Operation, Parameter
from envfactory.resources.tolerant import JsonObject, Notes, extensions_of

Schemas = Mapping[str, JsonObject]
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class ObjectView:
    """The properties an object really has: its own, those of every `allOf` part, and those of the first object among
    variants.
    """

    properties: dict[str, JsonObject] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    variant_taken: bool = False


def ref_name(schema: JsonObject) -> str:
    """The name behind `$ref`, or nothing."""
    ref = schema.get("$ref")
    return ref.removeprefix("#/schemas/") if isinstance(ref, str) else ""


def follow(schema: JsonObject, schemas: Schemas) -> JsonObject:
    """The schema behind a reference, with the members beside the reference on top; empty where the chain is circular
    or broken.
    """
    siblings: JsonObject = {}
    seen: set[str] = set()
    while name := ref_name(schema):
        siblings = {**{key: value for key, value in schema.items() if key != "$ref"}, **siblings}
        if name in seen:
            return siblings
        seen.add(name)
        schema = schemas.get(name, {})
    return {**schema, **siblings} if siblings else schema


def object_view(schema: JsonObject, schemas: Schemas) -> ObjectView:
    """The object a schema describes; without properties where it describes none."""
    view = ObjectView()
    _collect(schema, schemas, view, set())
    view.required = [name for name in dict.fromkeys(view.required) if name in view.properties]
    return view


def _collect(schema: JsonObject, schemas: Schemas, view: ObjectView, entered: set[str]) -> None:
    if name := ref_name(schema):
        if name in entered:
            return
        entered.add(name)
        _collect(schemas.get(name, {}), schemas, view, entered)
    for key, value in schema.get("properties", {}).items():
        view.properties[key] = {**view.properties.get(key, {}), **value}
    view.required += schema.get("required", [])
    for part in schema.get("allOf", []):
        _collect(part, schemas, view, entered)
    for key in ("oneOf", "anyOf"):
        _collect_variant(schema.get(key, []), schemas, view, entered)


def _collect_variant(variants: list[JsonObject], schemas: Schemas, view: ObjectView, entered: set[str]) -> None:
    for variant in variants:
        trial = ObjectView()
        _collect(variant, schemas, trial, entered)
        if trial.properties:
            view.properties.update(
                {key: trial.properties[key] for key in trial.properties if key not in view.properties}
            )
            view.required += trial.required
            view.variant_taken = True
            return


def with_body_parameters(operation: Operation, schemas: Schemas, notes: Notes) -> Operation:
    """The operation with its body's top-level properties as parameters beside the others.

    A property is required when its object says so, even where the body as a whole may be left out: documents seldom
    mean that. Properties that only the server sets (`readOnly`) are left out. A body that is no object is one
    parameter named `body`.
    """
    body = operation.body
    if body is None:
        return operation
    location: Location = "form" if body.content_type.startswith(_FORM_TYPES) else "body"
    view = object_view(body.schema, schemas)
    if view.variant_taken:
        notes.add(f"{operation.id}: the body has several variants; its parameters are those of the first")
    flat = [
        _flat_parameter(name, schema, location, name in view.required, schemas)
        for name, schema in view.properties.items()
        if not follow(schema, schemas).get("readOnly")
    ]
    if not view.properties and body.schema:
        flat = [_flat_parameter("body", body.schema, location, body.required, schemas)]
    return operation.model_copy(update={"parameters": [*operation.parameters, *flat]})


def _flat_parameter(name: str, schema: JsonObject, location: Location, required: bool, schemas: Schemas) -> Parameter:
    return Parameter(
        name=name,
        location=location,
        required=required,
        schema=schema,
        description=follow(schema, schemas).get("description", ""),
        extensions=extensions_of(schema),
    )
