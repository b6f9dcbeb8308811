"""botocore service models: operations over named shapes, in RPC style, with their error shapes.

Structures become named schemas; lists, maps and scalars are written in place. Parameters carry the member's name,
also in the path. AWS names are regular enough to take a leading verb for what an operation does where nothing else
says it.
"""

from __future__ import annotations

import re

from envfactory.resources.importers.common import (
    Naming,
    Source,
    finished_resource,
    plain_text,
    reads_only,
)
from envfactory.resources.model import Body, ErrorShape, Location, Operation, Parameter, Provenance, Resource, Response
from envfactory.resources.naming import snake_case
from envfactory.resources.references import pointer_text
from envfactory.resources.scalars import number_of
from envfactory.resources.tolerant import (
    Json,
    JsonObject,
    Notes,
    as_flag,
    as_list,
    as_mapping,
    as_text,
    as_texts,
    first_sentence,
)

_SCALARS: dict[str, JsonObject] = {
    "string": {"type": "string"},
    "character": {"type": "string"},
    "integer": {"type": "integer"},
    "long": {"type": "integer"},
    "short": {"type": "integer"},
    "byte": {"type": "integer"},
    "bigInteger": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "bigDecimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "blob": {"type": "string", "format": "byte"},
    "timestamp": {"type": "string", "format": "date-time"},
}
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
}
_LOCATIONS: dict[str, Location] = {"uri": "path", "querystring": "query", "header": "header", "headers": "header"}
_READING_VERBS = ("get", "list", "describe", "search", "query", "scan", "lookup", "head", "count", "check", "batch_get")
_WRITING_VERBS = (
    *("create", "delete", "update", "put", "add", "remove", "tag", "untag", "register", "deregister", "associate"),
    *("disassociate", "start", "stop", "cancel", "send", "set", "reset", "enable", "disable", "attach", "detach"),
    *("import", "publish", "accept", "reject", "modify", "terminate", "batch_delete", "batch_put"),
)
_VARIABLE = re.compile(r"\{(\w+)\+?\}")


def read_botocore(tree: Json, source: Source, notes: Notes) -> Resource:
    return _Botocore(as_mapping(tree), source, notes).read()


class _Botocore:
    def __init__(self, tree: JsonObject, source: Source, notes: Notes) -> None:
        self.tree = tree
        self.notes = notes
        self.source = source
        self.shapes = Shapes(as_mapping(tree.get("shapes")), notes)
        self.naming = Naming(notes)

    def read(self) -> Resource:
        metadata = as_mapping(self.tree.get("metadata"))
        operations = [
            self._operation(key, raw)
            for key, raw in as_mapping(self.tree.get("operations")).items()
            if isinstance(raw, dict)
        ]
        provenance = Provenance(
            source=self.source.name,
            sha256=self.source.sha256,
            format="botocore",
            format_version=as_text(self.tree.get("version")),
            title=as_text(metadata.get("serviceFullName")) or as_text(metadata.get("serviceId")) or "untitled",
            version=as_text(metadata.get("apiVersion")),
        )
        description = plain_text(as_text(self.tree.get("documentation")))
        return finished_resource(provenance, description, operations, self.shapes.finish(), self.notes)

    def _operation(self, key: str, raw: JsonObject) -> Operation:
        operation_id, name = self.naming.claim(key)
        http = as_mapping(raw.get("http"))
        method = as_text(http.get("method")).upper()
        shape_name = as_text(as_mapping(raw.get("input")).get("shape"))
        members = self.shapes.members(shape_name)
        description = plain_text(as_text(raw.get("documentation")))
        return Operation(
            id=operation_id,
            name=name,
            method=method,
            path=_path(as_text(http.get("requestUri")), members),
            summary=first_sentence(description),
            description=description,
            parameters=self._parameters(shape_name, members),
            body=self._body(shape_name, members),
            responses=[self._response(raw, http)],
            errors=[self._error(each) for each in as_list(raw.get("errors")) if isinstance(each, dict)],
            read_only=_reads_only(raw, method, snake_case(key)),
            deprecated=as_flag(raw.get("deprecated")),
            citation=pointer_text(("operations", key)),
        )

    def _parameters(self, shape_name: str, members: dict[str, JsonObject]) -> list[Parameter]:
        required = self.shapes.required(shape_name)
        return [
            Parameter(
                name=name,
                location=_LOCATIONS[member["location"]],
                required=name in required or member["location"] == "uri",
                schema=self.shapes.member_schema(member),
                description=plain_text(as_text(member.get("documentation"))),
            )
            for name, member in members.items()
            if member["location"] in _LOCATIONS
        ]

    def _body(self, shape_name: str, members: dict[str, JsonObject]) -> Body | None:
        payload = self.shapes.payload(shape_name)
        if payload in members:
            return Body(
                required=payload in self.shapes.required(shape_name), schema=self.shapes.schema_of(members[payload])
            )
        inside = [name for name, member in members.items() if member["location"] not in _LOCATIONS]
        required = [name for name in self.shapes.required(shape_name) if name in inside]
        if not inside:
            return None
        if len(inside) == len(members):
            return Body(required=bool(required), schema=self.shapes.schema_of({"shape": shape_name}))
        properties = {name: self.shapes.member_schema(members[name]) for name in inside}
        schema: JsonObject = {"type": "object", "properties": properties}
        return Body(required=bool(required), schema={**schema, "required": required} if required else schema)

    def _response(self, raw: JsonObject, http: JsonObject) -> Response:
        output = raw.get("output")
        schema = self.shapes.schema_of(output) if isinstance(output, dict) else {}
        return Response(
            status=as_text(http.get("responseCode")) or "200",
            schema=schema,
            content_type="application/json" if schema else "",
        )

    def _error(self, raw: JsonObject) -> ErrorShape:
        name = as_text(raw.get("shape"))
        shape = self.shapes.raw(name)
        error = as_mapping(shape.get("error"))
        fault = as_flag(shape.get("fault")) or as_flag(error.get("fault"))
        return ErrorShape(
            status=as_text(error.get("httpStatusCode")) or ("500" if fault else "400"),
            code=as_text(error.get("code")) or name or "Error",
            description=plain_text(as_text(raw.get("documentation")) or as_text(shape.get("documentation"))),
            schema=self.shapes.schema_of(raw),
        )


class Shapes:
    """The model's shapes as schemas in normal form; a structure is written once, under its own name."""

    def __init__(self, shapes: JsonObject, notes: Notes) -> None:
        self._shapes = shapes
        self._notes = notes
        self._open: list[str] = []
        self._finished: dict[str, JsonObject] = {}
        self._queue: list[str] = []

    def raw(self, name: str) -> JsonObject:
        return as_mapping(self._shapes.get(name))

    def members(self, name: str) -> dict[str, JsonObject]:
        found = as_mapping(self.raw(name).get("members"))
        return {
            key: {**member, "location": as_text(member.get("location"))}
            for key, member in found.items()
            if isinstance(member, dict)
        }

    def required(self, name: str) -> list[str]:
        return as_texts(self.raw(name).get("required"))

    def payload(self, name: str) -> str:
        return as_text(self.raw(name).get("payload"))

    def finish(self) -> dict[str, JsonObject]:
        while self._queue:
            name = self._queue.pop(0)
            self._finished[name] = self._structure(name)
        return self._finished

    def schema_of(self, reference: Json) -> JsonObject:
        """The schema of `{"shape": name}`."""
        name = as_text(as_mapping(reference).get("shape"))
        shape = self.raw(name)
        if not shape:
            self._notes.add(f"the shape {name!r} does not exist; it was left empty")
            return {}
        if shape.get("type") == "structure":
            return self._named(name)
        if name in self._open:
            self._notes.add(f"the shape {name!r} contains itself without a structure between; it was left empty")
            return {}
        self._open.append(name)
        schema = self._inline(name, shape)
        self._open.pop()
        return schema

    def member_schema(self, member: JsonObject) -> JsonObject:
        """The schema of a member, with what is said of the member itself beside it."""
        schema = dict(self.schema_of(member))
        if text := plain_text(as_text(member.get("documentation"))):
            schema["description"] = text
        if as_flag(member.get("deprecated")):
            schema["deprecated"] = True
        if as_flag(member.get("idempotencyToken")):
            schema["x-idempotency-token"] = True
        return schema

    def _named(self, name: str) -> JsonObject:
        if name not in self._finished:
            self._finished[name] = {}
            self._queue.append(name)
        return {"$ref": f"#/schemas/{name}"}

    def _structure(self, name: str) -> JsonObject:
        shape = self.raw(name)
        schema: JsonObject = {
            "type": "object",
            "properties": {key: self.member_schema(member) for key, member in self.members(name).items()},
        }
        if text := plain_text(as_text(shape.get("documentation"))):
            schema["description"] = text
        if required := self.required(name):
            schema["required"] = required
        if as_flag(shape.get("union")):
            schema["x-union"] = True
        return schema

    def _inline(self, name: str, shape: JsonObject) -> JsonObject:
        kind = as_text(shape.get("type"))
        if kind == "list":
            schema: JsonObject = {"type": "array", "items": self.schema_of(shape.get("member"))}
        elif kind == "map":
            schema = {"type": "object", "additionalProperties": self.schema_of(shape.get("value"))}
        elif kind in _SCALARS:
            schema = dict(_SCALARS[kind])
        else:
            self._notes.add(f"the shape {name!r} has the unknown type {kind!r}; it was left empty")
            schema = {}
        return self._with_traits(shape, schema)

    def _with_traits(self, shape: JsonObject, schema: JsonObject) -> JsonObject:
        for trait, key in zip(("min", "max"), _BOUNDS.get(schema.get("type", ""), ()), strict=False):
            if (bound := number_of(shape.get(trait))) is not None:
                schema[key] = bound
        if values := as_texts(shape.get("enum")):
            schema["enum"] = values
        if pattern := as_text(shape.get("pattern")):
            schema["pattern"] = pattern
        if text := plain_text(as_text(shape.get("documentation"))):
            schema["description"] = text
        if as_flag(shape.get("sensitive")):
            schema["x-sensitive"] = True
        return schema


def _path(request_uri: str, members: dict[str, JsonObject]) -> str:
    """The request path with the names of members for those on the wire."""
    names = {as_text(member.get("locationName")): name for name, member in members.items() if member["location"]}
    path = request_uri.partition("?")[0]
    return _VARIABLE.sub(lambda match: "{" + names.get(match.group(1), match.group(1)) + "}", path)


def _reads_only(raw: JsonObject, method: str, name: str) -> bool | None:
    if as_flag(raw.get("readonly")):
        return True
    if (promised := reads_only(method)) is not None:
        return promised
    first, _, rest = name.partition("_")
    verbs = {first, f"{first}_{rest.partition('_')[0]}"}
    if verbs.intersection(_READING_VERBS):
        return True
    return False if verbs.intersection(_WRITING_VERBS) else None
