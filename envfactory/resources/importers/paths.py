"""Documents built of paths and methods: what OpenAPI 3 and Swagger 2 have in common.

A subclass says only where its version keeps a parameter's schema, a request's body and a response's payload.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import ClassVar

from envfactory.resources.importers.common import (
    Naming,
    Source,
    error_code,
    finished_resource,
    plain_text,
    reads_only,
    urls_in,
)
from envfactory.resources.model import Body, ErrorShape, Location, Operation, Parameter, Provenance, Resource, Response
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

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PATH_MEMBERS = frozenset({"$ref", "summary", "description", "servers", "parameters", "additionalOperations"})
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_LOCATIONS: dict[str, Location] = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}


class PathsImporter(ABC):
    """Reads one document. `homes` are the places of its named schemas."""

    format: ClassVar[str]
    homes: ClassVar[tuple[Pointer, ...]]

    def __init__(self, tree: JsonObject, source: Source, notes: Notes) -> None:
        self.tree = tree
        self.notes = notes
        self.source = source
        self.references = References(tree, notes, source=source.name, homes=self.homes)
        self.table = SchemaTable(self.references, notes)
        self.naming = Naming(notes)
        self.unnamed: list[str] = []

    @abstractmethod
    def version(self) -> str:
        """The version of the format that the document names."""

    @abstractmethod
    def parameter_schema(self, raw: JsonObject) -> Json:
        """The raw schema of a resolved parameter; None where it has none."""

    @abstractmethod
    def body(self, operation: JsonObject, raw_parameters: list[JsonObject]) -> Body | None:
        """The request's payload."""

    @abstractmethod
    def payload(self, response: JsonObject, operation: JsonObject) -> tuple[str, Json, list[Json]]:
        """Content type, raw schema and examples of a resolved response."""

    def read(self) -> Resource:
        paths = self.tree.get("paths")
        if not isinstance(paths, dict):
            self.notes.add("the document has no `paths`")
        if self.tree.get("webhooks"):
            self.notes.add("webhooks are ignored: the API calls them, an agent cannot")
        operations = [
            operation
            for path, item in as_mapping(paths).items()
            if not path.startswith("x-")
            for operation in self._path(path, item)
        ]
        if self.unnamed:
            self.notes.add(
                f"operations without an operationId: {len(self.unnamed)}; they are called by method and path, "
                f"like {self.unnamed[0]!r}"
            )
        info = as_mapping(self.tree.get("info"))
        description = as_text(info.get("summary")) or as_text(info.get("description"))
        extensions = {**extensions_of(info), **extensions_of(self.tree)}
        return finished_resource(
            self._provenance(info), plain_text(description), operations, self.table.finish(), self.notes, extensions
        )

    def _provenance(self, info: JsonObject) -> Provenance:
        licence = as_mapping(info.get("license"))
        sources = as_list(self.tree.get("x-sources")) or as_list(info.get("x-sources"))
        cited = [
            each.get("url") if isinstance(each, dict) else each for each in sources + as_list(info.get("x-origin"))
        ]
        return Provenance(
            source=self.source.name,
            sha256=self.source.sha256,
            format=self.format,
            format_version=self.version(),
            title=as_text(info.get("title")) or "untitled",
            version=as_text(info.get("version")),
            licence=as_text(licence.get("identifier")) or as_text(licence.get("name")),
            urls=urls_in(*cited, as_mapping(self.tree.get("externalDocs")).get("url"), licence.get("url")),
        )

    def _path(self, path: str, item: Json) -> list[Operation]:
        resolved = self.references.resolve(item)
        for key in resolved:
            if key not in _PATH_MEMBERS and key not in _METHODS and not key.startswith("x-"):
                self.notes.add(f"{path}: {key!r} is no method; it was ignored")
        return [
            self._operation(path, method, resolved[method], resolved)
            for method in _METHODS
            if self._is_operation(path, method, resolved)
        ]

    def _is_operation(self, path: str, method: str, item: JsonObject) -> bool:
        if method in item and not isinstance(item[method], dict):
            self.notes.add(f"{path}: {method!r} holds no operation; it was ignored")
        return isinstance(item.get(method), dict)

    def _operation(self, path: str, method: str, raw: JsonObject, item: JsonObject) -> Operation:
        wanted = as_text(raw.get("operationId"))
        synthesised = snake_case(f"{method} " + _VARIABLE.sub(r"by \1", path))
        operation_id, name = self.naming.claim(wanted or synthesised, snake_case(wanted) or synthesised)
        if not wanted:
            self.unnamed.append(operation_id)
        if raw.get("callbacks"):
            self.notes.add(f"{operation_id}: callbacks are ignored: the API calls them, an agent cannot")
        raw_parameters = self._raw_parameters(raw, item)
        responses, errors = self._responses(raw)
        description = plain_text(as_text(raw.get("description")) or as_text(item.get("description")))
        return Operation(
            id=operation_id,
            name=name,
            method=method.upper(),
            path=path,
            summary=as_text(raw.get("summary")) or as_text(item.get("summary")) or first_sentence(description),
            description=description,
            tags=as_texts(raw.get("tags")),
            parameters=self._parameters(operation_id, path, raw_parameters),
            body=self.body(raw, raw_parameters),
            responses=responses,
            errors=errors,
            read_only=reads_only(method.upper()),
            extensions={**extensions_of(item), **extensions_of(raw)},
            deprecated=as_flag(raw.get("deprecated")),
            citation=pointer_text(("paths", path, method)),
        )

    def _raw_parameters(self, operation: JsonObject, item: JsonObject) -> list[JsonObject]:
        """Resolved parameters; those of the operation replace those of the path with the same name and place."""
        found: dict[tuple[str, str], JsonObject] = {}
        for node in as_list(item.get("parameters")) + as_list(operation.get("parameters")):
            raw = self.references.resolve(node)
            if not as_text(raw.get("name")):
                self.notes.add("a parameter without a name was ignored")
                continue
            found[as_text(raw["name"]), as_text(raw.get("in"))] = raw
        return list(found.values())

    def _parameters(self, operation_id: str, path: str, raw_parameters: list[JsonObject]) -> list[Parameter]:
        variables = list(dict.fromkeys(name for name in _VARIABLE.findall(path) if name))
        parameters = [
            self._parameter(operation_id, raw, variables)
            for raw in raw_parameters
            if as_text(raw.get("in")) not in ("body", "formData")
        ]
        declared = {parameter.name for parameter in parameters if parameter.location == "path"}
        for name in variables:
            if name not in declared:
                self.notes.add(f"{operation_id}: {{{name}}} of the path is not declared; it was taken as a text")
                parameters.append(Parameter(name=name, location="path", required=True, schema={"type": "string"}))
        return parameters

    def _parameter(self, operation_id: str, raw: JsonObject, variables: list[str]) -> Parameter:
        name = as_text(raw["name"])
        location = _LOCATIONS.get(as_text(raw.get("in")), "query")
        if as_text(raw.get("in")) not in _LOCATIONS:
            self.notes.add(f"{operation_id}: the place of parameter {name!r} is unknown; it was taken for the query")
        if location == "path" and name not in variables:
            self.notes.add(f"{operation_id}: the path has no {{{name}}}; the parameter was taken for the query")
            location = "query"
        raw_schema = self.parameter_schema(raw)
        if raw_schema is None:
            self.notes.add(f"{operation_id}: parameter {name!r} has no schema; it was taken as a text")
            raw_schema = {"type": "string"}
        return Parameter(
            name=name,
            location=location,
            required=location == "path" or as_flag(raw.get("required")),
            schema=self.table.form(raw_schema),
            description=plain_text(as_text(raw.get("description"))),
            extensions=extensions_of(raw),
        )

    def _responses(self, operation: JsonObject) -> tuple[list[Response], list[ErrorShape]]:
        nodes = {
            as_text(status).upper(): node
            for status, node in as_mapping(operation.get("responses")).items()
            if not status.startswith("x-")
        }
        responses: list[Response] = []
        errors: list[ErrorShape] = []
        for status, node in nodes.items():
            if status[:1] in ("4", "5") or (status == "DEFAULT" and len(nodes) > 1):
                errors.append(self._error(status, node, operation))
            else:
                responses.append(self._response(status, node, operation))
        return responses, errors

    def _response(self, status: str, node: Json, operation: JsonObject) -> Response:
        raw = self.references.resolve(node)
        content_type, schema, examples = self.payload(raw, operation)
        return Response(
            status="default" if status == "DEFAULT" else status,
            description=plain_text(as_text(raw.get("description"))),
            schema=self.table.form(schema),
            content_type=content_type,
            examples=examples,
            links=as_mapping(raw.get("links")),
            extensions=extensions_of(raw),
        )

    def _error(self, status: str, node: Json, operation: JsonObject) -> ErrorShape:
        raw = self.references.resolve(node)
        return ErrorShape(
            status="default" if status == "DEFAULT" else status,
            code=error_code(status),
            description=plain_text(as_text(raw.get("description"))),
            schema=self.table.form(self.payload(raw, operation)[1]),
            extensions=extensions_of(raw),
        )
