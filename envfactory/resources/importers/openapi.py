"""OpenAPI 3.0 and 3.1 (3.2 is read the same way)."""

from __future__ import annotations

from envfactory.resources.importers.common import Source, plain_text
from envfactory.resources.importers.paths import PathsImporter
from envfactory.resources.model import Body, Resource
from envfactory.resources.schema_form import example_values
from envfactory.resources.tolerant import Json, JsonObject, Notes, as_flag, as_mapping, as_text

_PREFERRED = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def read_openapi(tree: Json, source: Source, notes: Notes) -> Resource:
    return _OpenApi(as_mapping(tree), source, notes).read()


class _OpenApi(PathsImporter):
    format = "openapi"
    homes = (("components", "schemas"), ("definitions",), ("$defs",))

    def version(self) -> str:
        return as_text(self.tree.get("openapi"))

    def parameter_schema(self, raw: JsonObject) -> Json:
        schema = raw.get("schema")
        if schema is None and "content" in raw:
            schema = self._media(raw["content"])[1].get("schema")
        if schema is None and "type" in raw:  # written in the style of Swagger 2
            schema = raw
        return schema

    def body(self, operation: JsonObject, raw_parameters: list[JsonObject]) -> Body | None:
        if operation.get("requestBody") is None:
            return self._body_parameter(raw_parameters)
        raw = self.references.resolve(operation["requestBody"])
        content_type, media = self._media(raw.get("content"))
        if not content_type:
            self.notes.add("a request body without content was ignored")
            return None
        return Body(
            required=as_flag(raw.get("required")),
            content_type=content_type,
            schema=self.table.form(media.get("schema")),
            description=plain_text(as_text(raw.get("description"))),
            examples=self._examples(media),
        )

    def _body_parameter(self, raw_parameters: list[JsonObject]) -> Body | None:
        """A body written as a parameter, the Swagger 2 way."""
        for raw in raw_parameters:
            if raw.get("in") == "body":
                self.notes.add(
                    f"the body stands among the parameters as {as_text(raw['name'])!r}; it was taken as body"
                )
                return Body(required=as_flag(raw.get("required")), schema=self.table.form(raw.get("schema")))
        return None

    def payload(self, response: JsonObject, operation: JsonObject) -> tuple[str, Json, list[Json]]:
        content_type, media = self._media(response.get("content"))
        return content_type, media.get("schema"), self._examples(media)

    def _media(self, content: Json) -> tuple[str, JsonObject]:
        """The media type that says most: JSON, then anything JSON-like, then forms, then the first."""
        offered = as_mapping(content)
        if not offered:
            return "", {}
        chosen = min(offered, key=_media_rank)
        return chosen, self.references.resolve(offered[chosen])

    def _examples(self, media: JsonObject) -> list[Json]:
        named = as_mapping(media.get("examples"))
        if not named:
            return example_values(media)
        return example_values(
            {**media, "examples": {key: self.references.resolve(each) for key, each in named.items()}}
        )


def _media_rank(media_type: str) -> int:
    bare = media_type.split(";")[0].strip().lower()
    if bare in _PREFERRED:
        return 2 * _PREFERRED.index(bare)
    return 1 if "json" in bare else 2 * len(_PREFERRED)
