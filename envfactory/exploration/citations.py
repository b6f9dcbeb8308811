"""Operations that a model read out of a documentation page: each must quote the passage it came from.

A quotation counts if it stands in the page, word for word, and speaks of the operation: every literal part of its path
(or of its name, where no path is given) occurs in it. What passes becomes an OpenAPI document of our own, with the
quotation beside each operation, that the other roles read like any other.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field

from envfactory.environments.contract import Strict
from envfactory.environments.files import canonical_json
from envfactory.errors import BadAnswer
from envfactory.exploration.pages import Kept, plain

_LEAST, _MOST = 12, 1200
_WORD = re.compile(r"[a-z0-9]+")
_HOLE = re.compile(r"[{<:\[][^/]*")


class PageParameter(Strict):
    """One argument of an operation, as a page describes it."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]*$", max_length=64)
    location: Literal["path", "query", "body"] = "body"
    type: Literal["string", "integer", "number", "boolean", "array", "object"] = "string"
    required: bool = False
    description: str = Field(default="", max_length=600)


class PageField(Strict):
    """One field of an answer, as a page describes it."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)
    type: Literal["string", "integer", "number", "boolean", "array", "object"] = "string"
    enum: list[str] = Field(default=[], max_length=20)


class PageOperation(Strict):
    """One operation, as a page describes it, and the passage that does."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]*$", max_length=64)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str = Field(default="", max_length=200)
    summary: str = Field(max_length=300)
    description: str = Field(default="", max_length=1200)
    parameters: list[PageParameter] = Field(default=[], max_length=30)
    returns: list[PageField] = Field(default=[], max_length=40)
    returns_many: bool = False
    quote: str = Field(description="The passage, word for word.")


def check_citation(operation: PageOperation, page: Kept) -> None:
    """Raise BadAnswer that says what a citation lacks."""
    quote = " ".join(operation.quote.split())
    if not _LEAST <= len(quote) <= _MOST:
        raise BadAnswer(f"{operation.id}: the quotation must have {_LEAST} to {_MOST} characters, not {len(quote)}")
    if quote.casefold() not in " ".join(page.text.split()).casefold():
        raise BadAnswer(f"{operation.id}: the quotation does not stand in {page.id}; copy the passage word for word")
    missing = sorted(_spoken_of(operation) - set(_WORD.findall(quote.lower())))
    if missing:
        raise BadAnswer(f"{operation.id}: the quotation does not speak of this operation: {missing[0]!r} is not in it")


def _spoken_of(operation: PageOperation) -> set[str]:
    """Return the words that a passage about an operation must hold."""
    literal = [part for part in operation.path.split("/") if part and not _HOLE.match(part)]
    if literal:
        return {word for part in literal for word in _WORD.findall(part.lower())}
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", operation.id)
    return set(_WORD.findall(spaced.lower()))


def as_document(title: str, summary: str, operations: list[PageOperation], page: Kept) -> bytes:
    """Return cited operations as an OpenAPI 3.1 document, byte for byte the same for the same operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _path(operation)
        place = paths.setdefault(path, {})
        if operation.method.lower() in place:
            raise BadAnswer(f"{operation.id}: {operation.method} {path} is proposed twice")
        place[operation.method.lower()] = _operation(operation, page)
    info = {"title": plain(title, 120), "description": plain(summary, 600), "version": page.sha256[:12]}
    source = {"url": page.url, "title": plain(page.resource.title, 200)}
    return canonical_json({"openapi": "3.1.0", "info": info, "x-sources": [source], "paths": paths})


def _path(operation: PageOperation) -> str:
    path = operation.path.partition("?")[0].partition("#")[0] or f"/{operation.id}"
    named = re.sub(r"<([A-Za-z_]\w*)>|:([A-Za-z_]\w*)", lambda found: f"{{{found[1] or found[2]}}}", path)
    return named if named.startswith("/") else f"/{re.sub(r'^[a-z]+://[^/]*/?', '', named)}"


def _operation(operation: PageOperation, page: Kept) -> dict[str, Any]:
    outside = [each for each in operation.parameters if each.location != "body"]
    inside = [each for each in operation.parameters if each.location == "body"]
    told: dict[str, Any] = {
        "operationId": operation.id,
        "summary": plain(operation.summary, 200),
        "description": plain(operation.description, 1000),
        "parameters": [
            {
                "name": each.name,
                "in": each.location,
                "required": each.required or each.location == "path",
                "description": plain(each.description, 400),
                "schema": _schema(each),
            }
            for each in outside
        ],
        "responses": {
            "200": {"description": "As documented.", "content": {"application/json": {"schema": _answer(operation)}}}
        },
        "x-citation": {"url": page.url, "sha256": page.sha256, "quote": " ".join(operation.quote.split())},
    }
    if inside:
        schema = {
            "type": "object",
            "properties": {each.name: _schema(each) | {"description": plain(each.description, 400)} for each in inside},
            "required": [each.name for each in inside if each.required],
        }
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return told


def _schema(each: PageParameter | PageField) -> dict[str, Any]:
    if each.type == "array":
        return {"type": "array", "items": {"type": "string"}}
    named = [plain(value, 60) for value in each.enum] if isinstance(each, PageField) else []
    return {"type": each.type} | ({"enum": named} if named else {})


def _answer(operation: PageOperation) -> dict[str, Any]:
    one = {"type": "object", "properties": {each.name: _schema(each) for each in operation.returns}}
    return {"type": "array", "items": one} if operation.returns_many else one
