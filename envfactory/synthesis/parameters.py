"""Parameters of a contract from those of an operation: bounds, enums, formats, defaults, and the rows they refer to."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

from envfactory.environments.contract import RESERVED, Parameter
from envfactory.errors import DesignError
from envfactory.resources.model import Operation
from envfactory.resources.model import Parameter as Described
from envfactory.resources.payloads import follow, object_view
from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.annotations import PropertyNotes, read_notes
from envfactory.synthesis.inference.words import snake, spoken
from envfactory.synthesis.tables import IDENTIFIER, Tables

Schemas = Mapping[str, JsonObject]
_LOCATIONS = frozenset({"path", "query", "body", "form"})
_MAX_DEPTH = 4
_SMALLEST_STEP = 0.01  # what "more than 0" means for a number that is no integer
_TEXT_FIELDS = {"minLength": "min_length", "maxLength": "max_length", "format": "format"}
_ARRAY_FIELDS = {"minItems": "min_items", "maxItems": "max_items", "uniqueItems": "unique_items"}


class UnfitError(Exception):
    """A schema that contracts have no word for."""


def read_parameters(operation: Operation, tables: Tables, schemas: Schemas, remarks: list[str]) -> dict[str, Parameter]:
    """Return the parameters a tool takes, in the document's order; what was left out or guessed goes to `remarks`."""
    found: dict[str, Parameter] = {}
    for described in operation.parameters:
        if described.location not in _LOCATIONS:
            continue
        name = _name(described.name, operation)
        if name in found:
            remarks.append(f"{operation.id}: {name} is stated twice; the first is taken")
            continue
        try:
            found[name] = _parameter(name, described, operation, tables, schemas)
        except UnfitError as unfit:
            if described.required:
                raise DesignError(
                    f"{operation.id}: the required parameter {described.name} {unfit}", remedy="give it a plain type"
                ) from unfit
            remarks.append(f"{operation.id}: the optional parameter {described.name} {unfit}; it was left out")
    return found


def renamed_parameters(operation: Operation) -> dict[str, str]:
    """Return the parameters that a tool calls otherwise than the document does, with their names there and here."""
    names = {described.name: parameter_name(described.name) for described in operation.parameters}
    return {given: name for given, name in names.items() if name != given}


def parameter_name(given: str) -> str:
    """Return the name of a parameter as an identifier that is no word of Python."""
    name = given if IDENTIFIER.fullmatch(given) else snake(given)[:60]
    return f"{name}_" if keyword.iskeyword(name) else name


def _name(given: str, operation: Operation) -> str:
    name = parameter_name(given)
    if not IDENTIFIER.fullmatch(name) or name in RESERVED:
        raise DesignError(f"{operation.id}: {given!r} cannot be the name of a parameter", remedy="rename it")
    return name


def _parameter(name: str, described: Described, operation: Operation, tables: Tables, schemas: Schemas) -> Parameter:
    schema = follow(described.schema, schemas)
    place = f"{operation.id}, parameter {described.name}"
    notes = read_notes(PropertyNotes, {**described.extensions, **schema}, place)
    made = schema_parameter(schema, schemas)
    default = made.default
    required = described.required and default is None
    description = described.description or made.description or spoken(name).capitalize() + "."
    changes = {
        "required": required,
        "description": " ".join(description.split()),
        "ref": _reference(name, made, notes, tables, place),
    }
    return made.model_copy(update=changes)


def _reference(name: str, made: Parameter, notes: PropertyNotes, tables: Tables, place: str) -> str | None:
    if notes.is_no_reference or made.type in ("array", "object"):
        return None
    if notes.ref or notes.references:
        table_name, _, column = (notes.ref or notes.references or "").partition(".")
        table = tables.get(table_name)
        if table is None or (column or table.key[0]) not in table.columns:
            raise DesignError(
                f"{place} refers to {notes.ref or notes.references}, which is no column", remedy="write table.column"
            )
        return f"{table_name}.{column or table.key[0]}"
    meant = tables.meant_by(name)
    if meant is None or meant.columns[meant.key[0]].type != made.type:
        return None
    return f"{meant.name}.{meant.key[0]}"


def schema_parameter(schema: JsonObject, schemas: Schemas, depth: int = 0) -> Parameter:
    """Return a schema as a contract's parameter (not required, no reference); UnfitError if there is no word for it."""
    schema = _chosen(follow(schema, schemas), schemas)
    kind = schema.get("type") or ("object" if object_view(schema, schemas).properties else "string")
    if depth > _MAX_DEPTH:
        raise UnfitError("is nested too deeply")
    fields: dict[str, Any] = {"type": kind, "description": " ".join(str(schema.get("description", "")).split())}
    if kind == "object":
        fields["properties"] = _properties(schema, schemas, depth)
    elif kind == "array":
        fields["items"] = schema_parameter(schema.get("items", {}), schemas, depth + 1)
        fields |= {ours: schema[theirs] for theirs, ours in _ARRAY_FIELDS.items() if schema.get(theirs) is not None}
    elif kind == "string":
        fields |= {ours: schema[theirs] for theirs, ours in _TEXT_FIELDS.items() if schema.get(theirs) is not None}
        fields["pattern"] = _pattern(schema.get("pattern"))
    elif kind in ("integer", "number"):
        fields |= _bounds(schema, integer=kind == "integer")
    fields |= {key: schema[key] for key in ("enum", "default") if schema.get(key) is not None}
    return Parameter.model_validate(fields)


def _chosen(schema: JsonObject, schemas: Schemas) -> JsonObject:
    """The schema itself, or the first of its variants where it has no type of its own."""
    variants = schema.get("oneOf") or schema.get("anyOf") or []
    return {**follow(variants[0], schemas), **schema} if variants and "type" not in schema else schema


def _properties(schema: JsonObject, schemas: Schemas, depth: int) -> dict[str, Parameter]:
    view = object_view(schema, schemas)
    if not view.properties:
        raise UnfitError("is an object without stated fields")
    found = {}
    for name, inner in view.properties.items():
        if not IDENTIFIER.fullmatch(name):
            raise UnfitError(f"has a field {name!r}, which is no identifier")
        made = schema_parameter(inner, schemas, depth + 1)
        found[name] = made.model_copy(update={"required": name in view.required and made.default is None})
    return found


def _pattern(pattern: str | None) -> str | None:
    """The pattern where Python reads it too (documents use those of ECMAScript)."""
    try:
        return None if pattern is None else re.compile(pattern).pattern
    except re.error:
        return None


def _bounds(schema: JsonObject, *, integer: bool) -> dict[str, Any]:
    step = 1 if integer else schema.get("multipleOf", _SMALLEST_STEP)
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and schema.get("exclusiveMinimum") is not None:
        low = schema["exclusiveMinimum"] + step
    if high is None and schema.get("exclusiveMaximum") is not None:
        high = schema["exclusiveMaximum"] - step
    return {"minimum": low, "maximum": high}
