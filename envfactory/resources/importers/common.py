"""What all importers share: names and ids of operations, HTTP's notion of reading, error codes, the finished
resource.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Protocol

from envfactory.resources.model import Operation, Provenance, Resource
from envfactory.resources.naming import snake_case
from envfactory.resources.payloads import with_body_parameters
from envfactory.resources.tolerant import Json, JsonObject, Notes, as_text, first_sentence

_TAG = re.compile(r"<[^<>]{1,300}>")
_BREAK = re.compile(r"</(?:p|li|dt|dd|ul|h[1-6])>|<br\s*/?>", re.IGNORECASE)
_CODES = {  # RFC 9110 and the registry; http.HTTPStatus renames some of them from one Python to the next
    "400": "BAD_REQUEST",
    "401": "UNAUTHORIZED",
    "402": "PAYMENT_REQUIRED",
    "403": "FORBIDDEN",
    "404": "NOT_FOUND",
    "405": "METHOD_NOT_ALLOWED",
    "406": "NOT_ACCEPTABLE",
    "408": "REQUEST_TIMEOUT",
    "409": "CONFLICT",
    "410": "GONE",
    "412": "PRECONDITION_FAILED",
    "413": "CONTENT_TOO_LARGE",
    "415": "UNSUPPORTED_MEDIA_TYPE",
    "416": "RANGE_NOT_SATISFIABLE",
    "422": "UNPROCESSABLE_CONTENT",
    "423": "LOCKED",
    "424": "FAILED_DEPENDENCY",
    "428": "PRECONDITION_REQUIRED",
    "429": "TOO_MANY_REQUESTS",
    "451": "UNAVAILABLE_FOR_LEGAL_REASONS",
    "500": "INTERNAL_SERVER_ERROR",
    "501": "NOT_IMPLEMENTED",
    "502": "BAD_GATEWAY",
    "503": "SERVICE_UNAVAILABLE",
    "504": "GATEWAY_TIMEOUT",
}
_READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_WRITES = frozenset({"PUT", "PATCH", "DELETE"})
_URL = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True)
class Source:
    """What is known of a document before it is read."""

    name: str
    sha256: str


class Importer(Protocol):
    """One format: the tree of a document in, the resource out."""

    def __call__(self, tree: Json, source: Source, notes: Notes) -> Resource: ...


def plain_text(markup: str) -> str:
    """HTML documentation as text; text without markup is only stripped."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", markup)))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


def reads_only(method: str) -> bool | None:
    """What the HTTP method promises; POST promises nothing."""
    if method in _READS:
        return True
    return False if method in _WRITES else None


def error_code(status: str) -> str:
    """An error code in capitals for an HTTP status: `404` is NOT_FOUND, `4XX` is CLIENT_ERROR."""
    return _CODES.get(status) or {"4": "CLIENT_ERROR", "5": "SERVER_ERROR"}.get(status[:1], "ERROR")


def urls_in(*values: Json) -> list[str]:
    """The http addresses among the given values, each once."""
    return list(dict.fromkeys(text for text in map(as_text, values) if _URL.match(text)))


@dataclass
class Naming:
    """Hands out ids and names that are unique within one resource."""

    notes: Notes
    ids: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    def claim(self, wanted_id: str, wanted_name: str = "") -> tuple[str, str]:
        operation_id = _unused(wanted_id, self.ids)
        if operation_id != wanted_id:
            self.notes.add(f"the operation id {wanted_id!r} is used more than once; one became {operation_id!r}")
        return operation_id, _unused(wanted_name or snake_case(operation_id) or "operation", self.names)


def _unused(wanted: str, taken: dict[str, int]) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3` ... that is free; `taken` remembers how far each was counted."""
    found = wanted
    while found in taken:
        taken[wanted] += 1
        found = f"{wanted}_{taken[wanted]}"
    taken[found] = 1
    return found


def finished_resource(
    provenance: Provenance,
    description: str,
    operations: list[Operation],
    schemas: dict[str, JsonObject],
    notes: Notes,
    extensions: JsonObject | None = None,
) -> Resource:
    """Flatten the bodies, say so when nothing was found, and put the resource together."""
    if not operations:
        notes.add("the document describes no operation")
    return Resource(
        provenance=provenance,
        title=provenance.title,
        summary=first_sentence(description),
        operations=[with_body_parameters(operation, schemas, notes) for operation in operations],
        schemas=schemas,
        extensions=extensions or {},
        warnings=notes.messages(),
    )
