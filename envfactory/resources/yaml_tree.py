"""YAML to plain JSON values, built from the parser's event stream.

PyYAML's own constructors will not do for documents from strangers: the C composer overflows the stack on deep
nesting, YAML 1.1 turns `no` into false, `2024-01-01` into a date and `12:30` into 750, and a dozen aliases can stand
for a billion nodes. Here scalars follow the JSON schema of YAML 1.2 (which OpenAPI asks for), keys keep their
spelling as text, and depth and expanded size are bounded while reading.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import yaml

from envfactory.errors import ResourceError
from envfactory.resources.tolerant import Json, JsonObject, Notes

MAX_DEPTH = 100
MAX_NODES = 2_000_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,40})")  # a leading zero means a postcode or a telephone number: text
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_NUMBER_STARTS = frozenset("0123456789+-.")
_TEXT_TAG = "tag:yaml.org,2002:str"


def parse_yaml(text: str, notes: Notes) -> Json:
    """The first document of `text`; yaml.YAMLError where it is not YAML, ResourceError where it is too deep or too
    large.
    """
    builder = _Builder(notes)
    for event in yaml.parse(text, Loader=_LOADER):
        builder.feed(event)
        if builder.finished:
            break
    return builder.root


def plain_scalar(text: str) -> Json:
    """An unquoted scalar by the YAML 1.2 JSON schema; anything that is not exactly null, a boolean or a number is
    text.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= 40 and _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


@dataclass
class _Frame:
    """An open collection: where its children go, the key waiting for a value, and how many nodes it stands for."""

    value: JsonObject | list[Json]
    anchor: str | None
    key: str | None = None
    expects_value: bool = False
    size: int = 1
    merges: list[Json] = field(default_factory=list)


class _Builder:
    def __init__(self, notes: Notes) -> None:
        self.root: Json = None
        self.finished = False
        self._documents = 0
        self._notes = notes
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Json, int]] = {}

    def feed(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, event.anchor)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], event.anchor)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._start_document()

    def _start_document(self) -> None:
        self._documents += 1
        if self._documents > 1:
            self._notes.add("the file holds several YAML documents; only the first was read")
            self.finished = True

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.value, dict) and not frame.expects_value:
            frame.key, frame.expects_value = event.value, True
            self._remember(event.anchor, event.value, 1)
            return
        plain = event.implicit[0] and event.tag != _TEXT_TAG
        value = plain_scalar(event.value) if plain else event.value
        self._remember(event.anchor, value, 1)
        self._attach(value, 1)

    def _remember(self, anchor: str | None, value: Json, size: int) -> None:
        if anchor:
            self._anchors[anchor] = (value, size)

    def _open(self, value: JsonObject | list[Json], anchor: str | None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise ResourceError(
                f"the document nests deeper than {MAX_DEPTH} levels", remedy="flatten it, or give the part that matters"
            )
        self._stack.append(_Frame(value, anchor))

    def _close(self) -> None:
        frame = self._stack.pop()
        if isinstance(frame.value, dict):
            for source in frame.merges:
                for key, value in source.items():
                    frame.value.setdefault(key, value)
        self._remember(frame.anchor, frame.value, frame.size)
        self._attach(frame.value, frame.size)

    def _alias(self, anchor: str | None) -> None:
        anchor = anchor or ""
        if anchor not in self._anchors:
            self._notes.add(f"the YAML alias *{anchor} refers to itself or to nothing; it was left empty")
        value, size = self._anchors.get(anchor, ({}, 1))
        self._attach(value, size)

    def _attach(self, value: Json, size: int) -> None:
        if not self._stack:
            self.root = value
            return
        frame = self._stack[-1]
        frame.size += size
        if frame.size > MAX_NODES:
            raise ResourceError(
                f"the document expands to more than {MAX_NODES:,} values",
                remedy="split it, or remove nested YAML aliases",
            )
        if isinstance(frame.value, list):
            frame.value.append(value)
        else:
            self._attach_to_mapping(frame, frame.value, value)

    def _attach_to_mapping(self, frame: _Frame, mapping: JsonObject, value: Json) -> None:
        if not frame.expects_value:  # a key that is an alias or a collection
            frame.key = value if isinstance(value, str) else None
            frame.expects_value = True
            return
        key, frame.key, frame.expects_value = frame.key, None, False
        if key is None:
            self._notes.add("a YAML key that is no text was left out")
        elif key == "<<" and (sources := _merge_sources(value)):
            frame.merges.extend(sources)
        else:
            put(mapping, key, value, self._notes)


def _merge_sources(value: Json) -> list[JsonObject]:
    candidates = value if isinstance(value, list) else [value]
    return [each for each in candidates if isinstance(each, dict)]


def put(mapping: JsonObject, key: str, value: Json, notes: Notes) -> None:
    """Set a key that may be there already: the later value wins, and two mappings are joined (one path written
    twice).
    """
    if key in mapping:
        notes.add(f"the key {key!r} stands twice in one mapping; the later value was taken")
        if isinstance(mapping[key], dict) and isinstance(value, dict):
            value = {**mapping[key], **value}
    mapping[key] = value
