"""The normal form of a payload schema, whatever dialect it came from.

A schema in normal form is JSON Schema with these promises:

- `$ref` is always `#/schemas/<name>` of the resource (with siblings allowed beside it); it is never resolved here;
- `type` is one of object, array, string, number, integer, boolean, or absent; null is `nullable: true`, and where a
  document allows several types the first is taken and all are kept in `x-types`;
- `properties` maps names to schemas, `required` is a list of names, `items` is one schema, `allOf`/`oneOf`/`anyOf`
  are non-empty lists of schemas; a choice between one schema and null, or an `allOf` of one, is that schema itself;
- `enum` is a non-empty list without null (`const` is an enum of one, a choice between constants is one enum); enum,
  default and examples fit the `type` where they can be read that way (`"250"` for an integer); `examples` is always a
  list;
- `pattern` is one that Python reads; bounds are numbers, and exclusive ones carry their number; `x-*` members stay as
  they were. Other keywords are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from envfactory.resources.expressions import for_python
from envfactory.resources.references import Pointer, References
from envfactory.resources.scalars import coerced, number_of
from envfactory.resources.tolerant import (
    Json,
    JsonObject,
    Notes,
    as_flag,
    as_list,
    as_mapping,
    as_text,
    extensions_of,
)

_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean"})
_WORDS_FOR: tuple[tuple[JsonObject, tuple[str, ...]], ...] = (
    ({"type": "integer"}, ("int", "int32", "int64", "long", "short", "bigint")),
    ({"type": "number"}, ("float", "double", "decimal", "numeric")),
    ({"type": "boolean"}, ("bool",)),
    ({"type": "string"}, ("str", "text", "char", "enum")),
    ({"type": "object"}, ("dict", "map", "hash", "struct")),
    ({"type": "array"}, ("list", "set", "tuple")),
    ({"type": "string", "format": "binary"}, ("file",)),
    ({"type": "string", "format": "date"}, ("date",)),
    ({"type": "string", "format": "date-time"}, ("datetime", "date-time", "timestamp")),
    ({"type": "string", "format": "uuid"}, ("uuid", "guid")),
    ({}, ("any", "mixed", "")),
)
_TYPE_ALIASES = {word: shape for shape, words in _WORDS_FOR for word in words}
_TEXT_KEYS = ("title", "description", "format")
_FLAG_KEYS = ("readOnly", "writeOnly", "deprecated", "uniqueItems")
_NUMBER_KEYS = (
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
)
_STRUCTURE = ("components", "schemas", "schema", "definitions", "$defs", "properties", "items", "parameters")
_UNSAFE_IN_NAMES = re.compile(r"[/~#%\s]+")


class SchemaTable:
    """Puts schemas into normal form and keeps the named ones; a reference only reserves a name, `finish` writes what
    is behind it.
    """

    def __init__(self, references: References, notes: Notes) -> None:
        self._references = references
        self._notes = notes
        self._names: dict[Pointer, str] = {}
        self._taken: set[str] = set()
        self._queue: list[tuple[str, Json]] = []
        for home in references.homes:
            located = references.lookup(home)
            for key, raw in as_mapping(located.node if located else None).items():
                self._reserve((*home, key), key, raw)

    def finish(self) -> dict[str, JsonObject]:
        """All named schemas, those found on the way included."""
        finished: dict[str, JsonObject] = {}
        while self._queue:
            name, raw = self._queue.pop(0)
            finished[name] = self.form(raw)
        for name in finished:
            self._break_circle(finished, name)
        return finished

    def form(self, raw: Json) -> JsonObject:
        """`raw` in normal form; an empty object for anything that is no schema."""
        if not isinstance(raw, dict):
            if raw is not True and raw is not None:
                self._notes.add("a schema that is no object was left empty")
            return {}
        if "$ref" in raw:
            return self._reference(raw)
        schema = self._typed(raw)
        self._annotate(raw, schema)
        self._nest(raw, schema)
        self._choose(raw, schema)
        self._set_values(raw, schema)
        schema.update(extensions_of(raw))
        return schema

    def _reference(self, raw: JsonObject) -> JsonObject:
        siblings = self.form({key: value for key, value in raw.items() if key != "$ref"})
        located = self._references.target(raw["$ref"])
        if located is None:
            return siblings
        name = self._names.get(located.pointer) or self._reserve(
            located.pointer, _name_from(located.pointer), located.node
        )
        return {"$ref": f"#/schemas/{name}", **siblings}

    def _reserve(self, pointer: Pointer, wanted: str, raw: Json) -> str:
        base = _UNSAFE_IN_NAMES.sub("_", wanted).strip("_") or "Schema"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        self._names[pointer] = name
        self._queue.append((name, raw))
        return name

    def _break_circle(self, finished: dict[str, JsonObject], name: str) -> None:
        seen: list[str] = []
        while name not in seen:
            seen.append(name)
            ref = finished.get(name, {}).get("$ref")
            if ref is None:
                return
            name = ref.rpartition("/")[2]
        self._notes.add(f"the schema {name!r} only refers to itself; it was left empty")
        finished[name].pop("$ref")

    def _typed(self, raw: JsonObject) -> JsonObject:
        """`type`, `format`, `nullable` and what they imply."""
        given = raw.get("type")
        if isinstance(given, list):
            words = ["null" if word is None else as_text(word) for word in given]
        else:
            words = [] if given is None else [as_text(given)]
        nullable = as_flag(raw.get("nullable")) or as_flag(raw.get("x-nullable")) or "null" in words
        shapes = [self._known_type(word) for word in words if word != "null"]
        schema: JsonObject = dict(shapes[0]) if shapes else {}
        if len(shapes) > 1:
            schema["x-types"] = [shape["type"] for shape in shapes if "type" in shape]
        if "type" not in schema and (implied := _implied_type(raw)):
            schema["type"] = implied
        if nullable:
            schema["nullable"] = True
        return schema

    def _known_type(self, word: str) -> JsonObject:
        if word in _TYPES:
            return {"type": word}
        lowered = word.lower()
        if lowered in _TYPES:
            return {"type": lowered}
        if lowered not in _TYPE_ALIASES:
            self._notes.add(f"the type {word!r} is unknown; it was left open")
        return _TYPE_ALIASES.get(lowered, {})

    def _set_pattern(self, given: str, schema: JsonObject) -> None:
        pattern = for_python(given)
        if pattern is None:
            self._notes.add(f"the pattern {given!r} is none that Python reads; it was left out")
        elif pattern:
            schema["pattern"] = pattern

    def _annotate(self, raw: JsonObject, schema: JsonObject) -> None:
        for key in _TEXT_KEYS:
            if text := as_text(raw.get(key)):
                schema[key] = text
        self._set_pattern(as_text(raw.get("pattern")), schema)
        for key in _FLAG_KEYS:
            if as_flag(raw.get(key)):
                schema[key] = True
        for key in _NUMBER_KEYS:
            if (number := number_of(raw.get(key))) is not None:
                schema[key] = number
        for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            _set_exclusive(raw, schema, exclusive, inclusive)

    def _nest(self, raw: JsonObject, schema: JsonObject) -> None:
        if "properties" in raw:
            schema["properties"] = {key: self.form(value) for key, value in as_mapping(raw["properties"]).items()}
        if required := _required_names(raw):
            schema["required"] = required
        if schema.get("type") == "array":
            schema["items"] = self._items(raw)
        extra = raw.get("additionalProperties")
        if isinstance(extra, dict):
            schema["additionalProperties"] = self.form(extra)
        elif isinstance(extra, bool):
            schema["additionalProperties"] = extra
        if isinstance(raw.get("not"), dict):
            schema["not"] = self.form(raw["not"])
        if discriminator := _discriminator(raw.get("discriminator"), self._name_of):
            schema["discriminator"] = discriminator

    def _items(self, raw: JsonObject) -> JsonObject:
        items = raw.get("items")
        tuple_items = as_list(raw.get("prefixItems")) or as_list(items)
        if tuple_items:
            self._notes.add("an array with a schema for each position was read as an array of the first")
            return self.form(tuple_items[0])
        return self.form(items)

    def _name_of(self, ref: str) -> str:
        if "#" not in ref and "/" not in ref:
            return ref if ref in self._taken else ""
        located = self._references.target(ref)
        return self._names.get(located.pointer, "") if located else ""

    def _choose(self, raw: JsonObject, schema: JsonObject) -> None:
        """The three combinators, with trivial ones taken away."""
        for key in ("allOf", "oneOf", "anyOf"):
            variants = [each for each in as_list(raw.get(key)) if isinstance(each, dict)]
            proper = [each for each in variants if each.get("type") != "null"]
            if len(proper) < len(variants) and key != "allOf":
                schema["nullable"] = True
            formed = [self.form(each) for each in proper]
            if len(formed) == 1:
                _absorb(schema, formed[0])
            elif formed and key != "allOf" and all("enum" in each for each in formed):
                _join_values(schema, formed)
            elif formed:
                schema[key] = formed

    def _set_values(self, raw: JsonObject, schema: JsonObject) -> None:
        kind = schema.get("type")
        allowed = [raw["const"]] if "const" in raw else as_list(raw.get("enum"))
        if None in allowed:
            schema["nullable"] = True
        if values := [coerced(value, kind) for value in allowed if value is not None]:
            schema["enum"] = values
            if kind is None and all(isinstance(value, str) for value in values) and "$ref" not in schema:
                schema["type"] = "string"
        if raw.get("default") is not None:
            schema["default"] = coerced(raw["default"], kind)
        if examples := example_values(raw):
            schema["examples"] = [coerced(value, kind) for value in examples]


def example_values(raw: JsonObject) -> list[Json]:
    """The values of `example` and `examples`, in a schema, a parameter or a media type alike."""
    found = [raw["example"]] if raw.get("example") is not None else []
    many = raw.get("examples")
    if isinstance(many, list):
        found += [value for value in many if value is not None]
    elif isinstance(many, dict):
        found += [value["value"] for value in many.values() if isinstance(value, dict) and "value" in value]
    elif isinstance(many, str):
        found.append(many)
    return found


def _name_from(pointer: Pointer) -> str:
    parts = [part for part in pointer[-3:] if part not in _STRUCTURE and not part.endswith("Schema")]
    return "_".join(parts) or "Root"


def _implied_type(raw: JsonObject) -> str:
    if isinstance(raw.get("properties"), dict) or isinstance(raw.get("additionalProperties"), dict):
        return "object"
    return "array" if "items" in raw or "prefixItems" in raw else ""


def _required_names(raw: JsonObject) -> list[str]:
    """The `required` list, with properties that carry `required: true` themselves (JSON Schema draft 3 style)."""
    names = [name for name in as_list(raw.get("required")) if isinstance(name, str)]
    for name, child in as_mapping(raw.get("properties")).items():
        if isinstance(child, dict) and child.get("required") is True:
            names.append(name)
    return list(dict.fromkeys(names))


def _set_exclusive(raw: JsonObject, schema: JsonObject, exclusive: str, inclusive: str) -> None:
    given = raw.get(exclusive)
    if given is True and inclusive in schema:
        schema[exclusive] = schema.pop(inclusive)
    elif (number := number_of(given)) is not None:
        schema[exclusive] = number


def _absorb(schema: JsonObject, only: JsonObject) -> None:
    """Make `schema` its only variant: what it says itself stays, properties and required names are joined."""
    properties = {**only.get("properties", {}), **schema.get("properties", {})}
    required = list(dict.fromkeys([*only.get("required", []), *schema.get("required", [])]))
    if "$ref" in only and ("$ref" in schema or "properties" in schema):
        schema["allOf"] = [*schema.get("allOf", []), only]
        return
    for key, value in only.items():
        schema.setdefault(key, value)
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = required


def _join_values(schema: JsonObject, variants: list[JsonObject]) -> None:
    """Values that are described one by one (`oneOf` of constants, the way of OpenAPI 3.1) are one enum."""
    kinds = {variant.get("type") for variant in variants}
    if len(kinds) == 1 and None not in kinds:
        schema.setdefault("type", kinds.pop())
    values: list[Json] = []
    for value in (value for variant in variants for value in variant["enum"]):
        if value not in values:
            values.append(value)
    schema["enum"] = values


def _discriminator(raw: Json, name_of: Callable[[str], str]) -> JsonObject:
    if isinstance(raw, str):
        return {"propertyName": raw}
    name = as_text(as_mapping(raw).get("propertyName"))
    if not name:
        return {}
    mapping = as_mapping(as_mapping(raw).get("mapping"))
    named = {key: name_of(ref) for key, ref in mapping.items() if isinstance(ref, str)}
    return {"propertyName": name, "mapping": {key: f"#/schemas/{value}" for key, value in named.items() if value}}
