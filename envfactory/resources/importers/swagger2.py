"""Swagger 2.0: schemas inline in parameters, the body as a parameter, payloads directly in responses."""

from __future__ import annotations

from envfactory.resources.importers.common import Source, plain_text
from envfactory.resources.importers.paths import PathsImporter
from envfactory.resources.model import Body, Resource
from envfactory.resources.tolerant import Json, JsonObject, Notes, as_flag, as_mapping, as_text, as_texts

_NOT_SCHEMA = frozenset({"name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "schema"})


def read_swagger2(tree: Json, source: Source, notes: Notes) -> Resource:
    return _Swagger2(as_mapping(tree), source, notes).read()


class _Swagger2(PathsImporter):
    format = "swagger"
    homes = (("definitions",), ("components", "schemas"), ("$defs",))

    def version(self) -> str:
        return as_text(self.tree.get("swagger"))

    def parameter_schema(self, raw: JsonObject) -> Json:
        if isinstance(raw.get("schema"), dict):  # written in the style of OpenAPI 3
            return raw["schema"]
        inline = {key: value for key, value in raw.items() if key not in _NOT_SCHEMA and not key.startswith("x-")}
        if "x-example" in raw:
            inline.setdefault("example", raw["x-example"])
        return inline or None

    def body(self, operation: JsonObject, raw_parameters: list[JsonObject]) -> Body | None:
        whole = next((raw for raw in raw_parameters if raw.get("in") == "body"), None)
        if whole is not None:
            return Body(
                required=as_flag(whole.get("required")),
                content_type=self._media_type(operation, "consumes"),
                schema=self.table.form(whole.get("schema")),
                description=plain_text(as_text(whole.get("description"))),
            )
        fields = [raw for raw in raw_parameters if raw.get("in") == "formData"]
        return self._form(operation, fields) if fields else None

    def _form(self, operation: JsonObject, fields: list[JsonObject]) -> Body:
        has_file = any(raw.get("type") == "file" for raw in fields)
        properties = {as_text(raw["name"]): self._form_field(raw) for raw in fields}
        required = [as_text(raw["name"]) for raw in fields if as_flag(raw.get("required"))]
        return Body(
            required=bool(required),
            content_type="multipart/form-data" if has_file else "application/x-www-form-urlencoded",
            schema=self.table.form({"type": "object", "properties": properties, "required": required}),
        )

    def _form_field(self, raw: JsonObject) -> JsonObject:
        return {key: value for key, value in raw.items() if key not in ("name", "in", "required")}

    def payload(self, response: JsonObject, operation: JsonObject) -> tuple[str, Json, list[Json]]:
        schema = response.get("schema")
        examples = [value for value in as_mapping(response.get("examples")).values() if value is not None]
        content_type = self._media_type(operation, "produces") if schema is not None else ""
        return content_type, schema, examples

    def _media_type(self, operation: JsonObject, key: str) -> str:
        offered = as_texts(operation.get(key)) or as_texts(self.tree.get(key)) or ["application/json"]
        return next((each for each in offered if "json" in each), offered[0])
