"""Properties laid out as fields: each a possible column, reference or child table.

Small nested objects give their members too. A wrapper that only repeats the record's name (`volumeInfo` of a Volume, `detail`)
is no level of its own; `{value, currency}` is an amount, and `{dateTime, timeZone}` a point in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from envfactory.resources.payloads import ObjectView, follow, object_view, ref_name
from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.shapes import Payload, Schemas, Shape, is_identity
from envfactory.synthesis.inference.words import snake, words_of

Path = tuple[str, ...]
_HOLLOW = frozenset({"info", "detail", "details", "data", "attributes", "properties", "configuration", "fields"})
_SCALARS = ("string", "integer", "number", "boolean")
_DEEPEST = 2
_MOST_INNER, _MOST_IN_HOLLOW = 10, 40


@dataclass(frozen=True)
class Field:
    """One property, or one property of a small nested object. `level` says how deep it lies, hollow wrappers not counted."""

    name: str
    path: Path
    schema: JsonObject
    shape: Shape
    target: str = ""
    required: bool = False
    read_only: bool = False
    level: int = 0

    @property
    def description(self) -> str:
        """What the document says of it."""
        return str(self.schema.get("description", ""))


def fields_of(payload: Payload, schemas: Schemas) -> list[Field]:
    """Every property as a field; small nested objects give their members as well, named `outer_inner`."""
    layout = _Layout(schemas, frozenset(words_of(payload.name)))
    found: list[Field] = []
    for name, schema in payload.properties.items():
        found += layout.at((name,), schema, name in payload.required)
    return found


@dataclass(frozen=True)
class _Layout:
    """Lays out one record; `owner` are the words of its name."""

    schemas: Schemas
    owner: frozenset[str]

    def at(self, path: Path, schema: JsonObject, required: bool) -> Iterator[Field]:
        """The fields of one property."""
        seen = follow(schema, self.schemas)
        level, read_only = len(path) - 1, bool(seen.get("readOnly"))
        made = Field(_joined(path), path, seen, "scalar", ref_name(schema), required, read_only, level)
        if seen.get("type") == "array":
            yield replace(made, shape="array", target=ref_name(seen.get("items", {})), level=0)
            return
        view = object_view(schema, self.schemas)
        moment = _moment(view.properties, self.schemas)
        if moment:
            yield replace(made, schema={**moment, "description": seen.get("description", "")}, target="")
        elif not view.properties and _is_map_of_texts(seen, path[-1]):
            yield replace(made, schema={"type": "string", "description": seen.get("description", "")})
        elif not view.properties:
            yield made if seen.get("type") in _SCALARS or "enum" in seen else replace(made, shape="object")
        else:
            yield replace(
                made, schema={**seen, "properties": view.properties}, shape="object", target=_named_target(schema)
            )
            if len(path) < _DEEPEST:
                yield from self.inside(made, view)

    def inside(self, outer: Field, view: ObjectView) -> Iterator[Field]:
        """The members of a nested object; of one with an identity only the name, the rest is another record's."""
        identified = any(is_identity(name) for name in view.properties)
        hollow = self._is_hollow(outer.path[-1])
        for inner, schema in list(view.properties.items())[: _MOST_IN_HOLLOW if hollow else _MOST_INNER]:
            if identified and snake(inner) not in ("name", "title", "display_name"):
                continue
            for each in self.at((*outer.path, inner), schema, outer.required and inner in view.required):
                renamed = _as_member(each, outer, inner, hollow)
                yield replace(renamed, read_only=each.read_only or outer.read_only)

    def _is_hollow(self, name: str) -> bool:
        words = words_of(name)
        return bool(words) and words[-1] in _HOLLOW and set(words[:-1]) <= self.owner


def _is_map_of_texts(schema: JsonObject, name: str) -> bool:
    """Labels: a map from names to texts, which people write on one line (`severity=critical, team=db`)."""
    values = schema.get("additionalProperties")
    texts = isinstance(values, dict) and values.get("type") == "string"
    return texts and words_of(name)[-1:] in (["labels"], ["tags"])


def _joined(path: Path) -> str:
    return "_".join(snake(part) for part in path)


def _as_member(each: Field, outer: Field, inner: str, hollow: bool) -> Field:
    if hollow:
        rest = each.path[len(outer.path) :]
        return replace(each, name=_joined(rest), level=len(rest) - 1)
    if snake(inner) == "value" and each.shape == "scalar":
        schema = {**each.schema, "description": outer.description or each.description}
        return replace(each, name=outer.name, schema=schema, level=0)
    return each


def _named_target(schema: JsonObject) -> str:
    """The schema an object is of: its reference, or the first one among its variants."""
    variants = [*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])]
    return ref_name(schema) or next((ref_name(variant) for variant in variants if ref_name(variant)), "")


def _moment(properties: Mapping[str, JsonObject], schemas: Schemas) -> JsonObject:
    """A point in time spelt as an object (date, time, zone): its date-time member; else nothing."""
    for name, schema in properties.items():
        if snake(name) in ("date_time", "datetime") and len(properties) <= 4:
            return {**follow(schema, schemas), "type": "string", "format": "date-time"}
    return {}
