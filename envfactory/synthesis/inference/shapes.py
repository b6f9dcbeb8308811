"""What a payload is about: envelopes opened, lists told from records.

`{"data": {...}}`, `{"owners": [...], "nextToken": ...}` and a bare array all speak of the same owner. A wrapper is opened only
where nothing beside the wrapped part looks like an identity: `Cart{customerId, items}` is a cart, not a page of items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from envfactory.resources.payloads import follow, object_view, ref_name
from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.words import is_plural, singular_name, snake, words_of

Schemas = Mapping[str, JsonObject]
Shape = Literal["scalar", "object", "array"]

ID_WORDS = frozenset({"id", "sid", "uuid", "uid", "guid", "arn"})
_WRAPPERS = frozenset(
    {"data", "result", "results", "items", "value", "values", "content", "response", "payload", "body", "embedded"}
)
_PAGING = frozenset(
    "next_token next_page_token page_token next_sync_token etag kind status status_code service resource operation meta links "
    "total total_items total_count count size page page_size per_page page_number offset limit has_more object success message "
    "next previous prev href cursor next_cursor paging pagination self first last result_size_estimate next_link raw url "
    "incomplete_search access_role default_reminders description summary time_zone updated unified".split()
)
_PAGING_BEGINNINGS = (
    "total_",
    "next_",
    "previous_",
    "prev_",
    "page_",
    "num_",
    "max_",
    "load_more",
    "last_seen",
    "seen_",
    "can_",
    "draft",
)
_MAX_DEPTH = 4


@dataclass(frozen=True)
class Payload:
    """The record a payload carries: its properties, whether there are many, and the document's name for it."""

    name: str
    many: bool
    properties: dict[str, JsonObject] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    wrapper: str = ""
    description: str = ""


def record_of(schema: JsonObject, schemas: Schemas, *, hint: str = "") -> Payload | None:
    """The record behind a payload schema; None where it carries no object. `hint` is the noun that is asked for."""
    return _opened(schema, schemas, hint, _MAX_DEPTH, "")


def _opened(schema: JsonObject, schemas: Schemas, hint: str, depth: int, wrapper: str) -> Payload | None:
    name = ref_name(schema)
    seen = follow(schema, schemas)
    if seen.get("type") == "array":
        inside = _opened(seen.get("items", {}), schemas, hint, depth - 1, wrapper) if depth else None
        return _as_many(inside) if inside else None
    view = object_view(schema, schemas)
    if not view.properties:
        return None
    inner = _wrapped_part(view.properties, schemas, hint) if depth else ""
    if inner:
        opened = _opened(view.properties[inner], schemas, hint, depth - 1, inner)
        if opened:
            return opened
    description = str(seen.get("description", ""))
    return Payload(name, False, dict(view.properties), tuple(view.required), wrapper, description)


def _as_many(payload: Payload) -> Payload:
    return Payload(payload.name, True, payload.properties, payload.required, payload.wrapper, payload.description)


def _wrapped_part(properties: Mapping[str, JsonObject], schemas: Schemas, hint: str) -> str:
    """The one property that carries the record, or nothing if the object is the record itself."""
    parts = {name: _carries(value, schemas) for name, value in properties.items()}
    lists = [name for name, carried in parts.items() if carried == "array"]
    objects = [name for name, carried in parts.items() if carried == "object"]
    others = [name for name, carried in parts.items() if not carried]
    if any(is_identity(name) for name in properties):
        return ""
    named = [name for name in (*lists, *objects) if hint and singular_name(name) == hint]
    wrapping = [name for name in (*lists, *objects) if snake(name) in _WRAPPERS]
    lists = [name for name in lists if not _is_paging(name)] or lists
    plain_rest = all(_is_paging(name) for name in others)
    if named and plain_rest:
        return named[0]
    if wrapping and (plain_rest or len(others) <= 1):
        return wrapping[0]
    if plain_rest and len(lists) == 1 and all(_is_paging(name) for name in objects):
        return lists[0]
    only_object = len(objects) == 1 and not lists and plain_rest
    return objects[0] if only_object and len(properties) <= 3 else ""


def _is_paging(name: str) -> bool:
    spelled = snake(name)
    return spelled in _PAGING or spelled.startswith(_PAGING_BEGINNINGS)


def _carries(schema: JsonObject, schemas: Schemas) -> Shape | Literal[""]:
    """`array` for a list of objects, `object` for an object, nothing for the rest."""
    seen = follow(schema, schemas)
    if seen.get("type") == "array":
        return "array" if object_view(seen.get("items", {}), schemas).properties else ""
    return "object" if object_view(schema, schemas).properties else ""


def is_identity(name: str) -> bool:
    """Whether a property's name says that it identifies something."""
    words = words_of(name)
    return bool(words) and words[-1] in ID_WORDS


def looks_many(schema: JsonObject, schemas: Schemas) -> bool:
    """Whether a payload is a list of anything, records or not."""
    seen = follow(schema, schemas)
    if seen.get("type") == "array":
        return True
    arrays = [
        name
        for name, value in object_view(schema, schemas).properties.items()
        if follow(value, schemas).get("type") == "array"
    ]
    return len(arrays) == 1 and is_plural(arrays[0])
