"""The format-neutral operation model: what every importer produces and everything after it reads.

A `Resource` is one document with its provenance. Its payload schemas are kept once, by name, in `Resource.schemas`;
wherever a schema uses another one it holds `{"$ref": "#/schemas/Name"}` and nothing else resolves it, so recursion
costs nothing. The normal form of a schema is described in `schema_form`; `payloads.follow` and `payloads.object_view`
read it.
"""

from __future__ import annotations

import warnings
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from envfactory.resources.tolerant import Json, JsonObject

Location = Literal["path", "query", "header", "cookie", "body", "form"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# `schema` is the word of every format; pydantic warns because BaseModel still has a deprecated method of that name.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message='Field name "schema"', category=UserWarning)

    class _WithSchema(_Frozen):
        schema: JsonObject = Field(default_factory=dict)  # type: ignore[assignment]
        description: str = ""


class Provenance(_Frozen):
    """Where a document came from. `retrieved` is the date of a download (ISO 8601, UTC), empty for files and packages:
    the same bytes must give the same resource. `package` is the distribution and version a document was taken from."""

    source: str
    sha256: str
    format: str
    format_version: str = ""
    title: str = ""
    version: str = ""
    licence: str = ""
    retrieved: str = ""
    package: str = ""
    urls: list[str] = Field(default_factory=list)


class Parameter(_WithSchema):
    """One argument of an operation. `body` and `form` parameters are the top-level properties of its `Body`,
    flattened.
    """

    name: str
    location: Location
    required: bool = False
    extensions: JsonObject = Field(default_factory=dict)


class Body(_WithSchema):
    """The payload an operation takes, whole."""

    required: bool = False
    content_type: str = "application/json"
    examples: list[Json] = Field(default_factory=list)


class Response(_WithSchema):
    """A successful answer. `status` is a code ("201"), a range ("2XX") or "default"; `links` are OpenAPI link
    objects, raw.
    """

    status: str
    content_type: str = ""
    examples: list[Json] = Field(default_factory=list)
    links: JsonObject = Field(default_factory=dict)
    extensions: JsonObject = Field(default_factory=dict)


class ErrorShape(_WithSchema):
    """A declared failure: the HTTP status where there is one, and a code in CAPITALS or as the document names it."""

    status: str
    code: str
    extensions: JsonObject = Field(default_factory=dict)


class Operation(_Frozen):
    """One thing the API can do.

    `id` is the document's own (synthesised where missing) and `name` a snake_case identifier made from it; both are
    unique within the resource. `read_only` is None where the document does not say. `citation` is a JSON pointer into
    the document.
    """

    id: str
    name: str
    method: str = ""
    path: str = ""
    summary: str = ""
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    parameters: list[Parameter] = Field(default_factory=list)
    body: Body | None = None
    responses: list[Response] = Field(default_factory=list)
    errors: list[ErrorShape] = Field(default_factory=list)
    read_only: bool | None = None
    extensions: JsonObject = Field(default_factory=dict)
    deprecated: bool = False
    citation: str = ""


class Section(_Frozen):
    """A part of a documentation page: its heading, the heading's level (0 before the first) and its text."""

    heading: str
    level: int
    text: str


class Resource(_Frozen):
    """One document, read. `sections` is filled for documentation pages only, and then `operations` is empty."""

    provenance: Provenance
    title: str
    summary: str = ""
    operations: list[Operation] = Field(default_factory=list)
    schemas: dict[str, dict[str, Any]] = Field(default_factory=dict)
    extensions: JsonObject = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)
    sections: list[Section] = Field(default_factory=list)

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; KeyError when there is none."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)
