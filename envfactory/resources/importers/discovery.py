"""Google discovery documents: methods in nested resources, schemas referred to by bare name, facts hidden in
descriptions.

What a discovery document says only in prose or in its own members is put into standard ones: "Output only." is
`readOnly`, "Required." is `required`, "Possible values are" is an enum (marked `x-enum-from-description`), `repeated`
is an array. A path variable that stands for a whole resource name (`{+name}`) keeps its template in the parameter's
`x-resource-name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from envfactory.resources.importers.common import Naming, Source, finished_resource, reads_only, urls_in
from envfactory.resources.model import Body, Location, Operation, Parameter, Provenance, Resource, Response
from envfactory.resources.naming import snake_case
from envfactory.resources.references import Pointer, References, pointer_text
from envfactory.resources.schema_form import SchemaTable
from envfactory.resources.tolerant import (
    Json,
    JsonObject,
    Notes,
    as_flag,
    as_list,
    as_mapping,
    as_text,
    as_texts,
    extensions_of,
    first_sentence,
)

_OUTPUT_ONLY = re.compile(r"\b(?:Output only|Read-only)\.")
_POSSIBLE_VALUES = re.compile(r"(?:Possible|Acceptable|Valid) values are:?(.*)", re.DOTALL | re.IGNORECASE)
_QUOTED_VALUE = re.compile(r"^\s*[-*]\s*[\"“]([^\"”\s]{1,60})[\"”]", re.MULTILINE)
_RESERVED_VARIABLE = re.compile(r"\{\+(\w+)\}")
_LOCATIONS: dict[str, Location] = {"path": "path", "query": "query", "header": "header"}


def read_discovery(tree: Json, source: Source, notes: Notes) -> Resource:
    return _Discovery(as_mapping(tree), source, notes).read()


class _Discovery:
    def __init__(self, tree: JsonObject, source: Source, notes: Notes) -> None:
        self.tree = tree
        self.notes = notes
        self.source = source
        self.schemas = {name: standard_schema(raw) for name, raw in as_mapping(tree.get("schemas")).items()}
        references = References({"schemas": self.schemas}, notes, homes=(("schemas",),), bare_names=True)
        self.table = SchemaTable(references, notes)
        self.naming = Naming(notes)

    def read(self) -> Resource:
        operations = [
            self._operation(pointer, key, raw) for pointer, key, raw in _methods(self.tree, ()) if isinstance(raw, dict)
        ]
        provenance = Provenance(
            source=self.source.name,
            sha256=self.source.sha256,
            format="google-discovery",
            format_version=as_text(self.tree.get("discoveryVersion")),
            title=as_text(self.tree.get("title")) or as_text(self.tree.get("name")) or "untitled",
            version=as_text(self.tree.get("version")),
            urls=urls_in(self.tree.get("documentationLink")),
        )
        description = as_text(self.tree.get("description"))
        extensions = extensions_of(self.tree)
        return finished_resource(provenance, description, operations, self.table.finish(), self.notes, extensions)

    def _operation(self, pointer: Pointer, key: str, raw: JsonObject) -> Operation:
        groups = list(pointer[1:-2:2])
        wanted = as_text(raw.get("id")) or ".".join([*groups, key])
        operation_id, name = self.naming.claim(wanted, snake_case(" ".join([*groups, key])))
        method = as_text(raw.get("httpMethod")).upper()
        path = as_text(raw.get("flatPath")) or as_text(raw.get("path"))
        description = as_text(raw.get("description"))
        return Operation(
            id=operation_id,
            name=name,
            method=method,
            path="/" + path.lstrip("/"),
            summary=first_sentence(description),
            description=description,
            tags=groups,
            parameters=self._parameters(raw),
            body=self._body(raw, wanted),
            responses=self._responses(raw),
            read_only=reads_only(method),
            extensions=extensions_of(raw),
            deprecated=as_flag(raw.get("deprecated")),
            citation=pointer_text(pointer),
        )

    def _parameters(self, method: JsonObject) -> list[Parameter]:
        templates = resource_name_templates(as_text(method.get("path")), as_text(method.get("flatPath")))
        return [
            self._parameter(name, raw, templates.get(name, ""))
            for name, raw in as_mapping(method.get("parameters")).items()
            if isinstance(raw, dict)
        ]

    def _parameter(self, name: str, raw: JsonObject, template: str) -> Parameter:
        location = _LOCATIONS.get(as_text(raw.get("location")), "query")
        schema = standard_schema({key: value for key, value in raw.items() if key not in ("required", "location")})
        return Parameter(
            name=name,
            location=location,
            required=location == "path" or as_flag(raw.get("required")) or _says_required(raw),
            schema=self.table.form(schema),
            description=as_text(raw.get("description")),
            extensions={**extensions_of(raw), **({"x-resource-name": template} if template else {})},
        )

    def _body(self, method: JsonObject, method_id: str) -> Body | None:
        request = method.get("request")
        if not isinstance(request, dict):
            return None
        schema = self.table.form(request)
        properties = as_mapping(as_mapping(self.schemas.get(as_text(request.get("$ref")))).get("properties"))
        required = [
            name for name, raw in properties.items() if method_id in as_list(as_mapping(raw).get("x-required-for"))
        ]
        return Body(required=True, schema={**schema, "required": required} if required else schema)

    def _responses(self, method: JsonObject) -> list[Response]:
        if not isinstance(method.get("response"), dict):
            return [Response(status="204", description="no content")]
        schema = self.table.form(method["response"])
        return [Response(status="200", schema=schema, content_type="application/json")]


def _methods(node: JsonObject, pointer: Pointer) -> Iterator[tuple[Pointer, str, Json]]:
    for key, raw in as_mapping(node.get("methods")).items():
        yield (*pointer, "methods", key), key, raw
    for key, child in as_mapping(node.get("resources")).items():
        yield from _methods(as_mapping(child), (*pointer, "resources", key))


def resource_name_templates(path: str, flat_path: str) -> dict[str, str]:
    """What a `{+name}` of `path` stands for in `flat_path`: `v1/{+name}:borrow` and `v1/shelves/{s}:borrow` give
    `shelves/{s}`.
    """
    found = _RESERVED_VARIABLE.findall(path)
    if len(found) != 1:
        return {}
    before, _, after = path.partition(f"{{+{found[0]}}}")
    if not (flat_path.startswith(before) and flat_path.endswith(after)):
        return {}
    template = flat_path[len(before) : len(flat_path) - len(after)]
    return {found[0]: template} if "/" in template else {}


def standard_schema(raw: Json) -> JsonObject:
    """A discovery schema with everything it means in standard members."""
    if not isinstance(raw, dict):
        return {}
    schema: JsonObject = {key: value for key, value in raw.items() if key not in ("id", "annotations", "repeated")}
    description = as_text(raw.get("description"))
    if _OUTPUT_ONLY.search(description):
        schema["readOnly"] = True
    if required_for := as_texts(as_mapping(raw.get("annotations")).get("required")):
        schema["x-required-for"] = required_for
    if descriptions := schema.pop("enumDescriptions", None):
        schema["x-enum-descriptions"] = descriptions
    if "enum" not in schema and raw.get("type") == "string" and (values := _values_in_prose(description)):
        schema |= {"enum": values, "x-enum-from-description": True}
    _nest(raw, schema)
    return {"type": "array", "items": schema, "description": description} if as_flag(raw.get("repeated")) else schema


def _nest(raw: JsonObject, schema: JsonObject) -> None:
    if isinstance(raw.get("properties"), dict):
        schema["properties"] = {name: standard_schema(child) for name, child in raw["properties"].items()}
        required = [name for name, child in raw["properties"].items() if _says_required(as_mapping(child))]
        schema["required"] = [*as_list(raw.get("required")), *required]
    for key in ("items", "additionalProperties"):
        if isinstance(raw.get(key), dict):
            schema[key] = standard_schema(raw[key])


def _says_required(raw: JsonObject) -> bool:
    return as_text(raw.get("description")).startswith("Required.")


def _values_in_prose(description: str) -> list[str]:
    match = _POSSIBLE_VALUES.search(description)
    return list(dict.fromkeys(_QUOTED_VALUE.findall(match.group(1)))) if match else []
