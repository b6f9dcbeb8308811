"""MCP tool lists: `{"tools": [...]}`, the JSON-RPC answer around it, or the bare list (function lists of chat APIs
are much the same).

Each tool's input schema is a document of its own with its own `$defs`; equal definitions of several tools become one
schema.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from envfactory.errors import ResourceError
from envfactory.resources.importers.common import Naming, Source, finished_resource
from envfactory.resources.model import Body, Operation, Provenance, Resource, Response
from envfactory.resources.naming import snake_case
from envfactory.resources.references import References, parse_pointer, pointer_text
from envfactory.resources.schema_form import SchemaTable
from envfactory.resources.tolerant import (
    Json,
    JsonObject,
    Notes,
    as_mapping,
    as_text,
    extensions_of,
    first_sentence,
)

_INPUT_KEYS = ("inputSchema", "input_schema", "parameters")
_DEFINITIONS = ("$defs", "definitions")
_LIST_WORDS = ("mcp", "tool", "tools", "list")


def tools_of(tree: Json) -> list[Json] | None:
    """The list of tools in any of its wrappings; None where `tree` is no tool list."""
    answer = as_mapping(tree)
    inside = as_mapping(answer.get("result")) if "jsonrpc" in answer or "result" in answer else answer
    tools = tree if isinstance(tree, list) else inside.get("tools")
    if not isinstance(tools, list):
        return None
    if isinstance(tree, list) and not any(_is_tool(_unwrapped(tool)) for tool in tools):
        return None
    return tools


def read_mcp(tree: Json, source: Source, notes: Notes) -> Resource:
    return _McpTools(tree, source, notes).read()


def refuse_rpc_error(tree: Json) -> None:
    """A JSON-RPC answer that is an error instead of a tool list: its own message is the best reason."""
    error = as_mapping(tree).get("error")
    if "jsonrpc" in as_mapping(tree) and isinstance(error, dict):
        raise ResourceError(
            f"the MCP server answered with an error: {as_text(error.get('message')) or 'no message'}",
            remedy="store the answer of a successful tools/list call",
        )


class _McpTools:
    def __init__(self, tree: Json, source: Source, notes: Notes) -> None:
        envelope = as_mapping(tree)
        self.envelope = as_mapping(envelope.get("result")) or envelope
        self.tools = [_unwrapped(tool) for tool in tools_of(tree) or []]
        self.notes = notes
        self.source = source
        self.naming = Naming(notes)
        seen: dict[str, str] = {}
        self.root = {"tools": [_rebased_tool(tool, number, seen) for number, tool in enumerate(self.tools)]}
        self.table = SchemaTable(References(self.root, notes), notes)

    def read(self) -> Resource:
        server = as_mapping(self.envelope.get("serverInfo"))
        if self.envelope.get("nextCursor"):
            self.notes.add("the tool list has further pages (nextCursor) that are not in this document")
        operations = [
            self._operation(number, tool) for number, tool in enumerate(self.root["tools"]) if self._usable(tool)
        ]
        provenance = Provenance(
            source=self.source.name,
            sha256=self.source.sha256,
            format="mcp",
            format_version=as_text(self.envelope.get("protocolVersion")),
            title=as_text(server.get("title")) or as_text(server.get("name")) or _title_of(self.source.name),
            version=as_text(server.get("version")),
        )
        extensions = extensions_of(self.envelope)
        summary = as_text(self.envelope.get("instructions"))
        return finished_resource(provenance, summary, operations, self.table.finish(), self.notes, extensions)

    def _usable(self, tool: JsonObject) -> bool:
        if not as_text(tool.get("name")):
            self.notes.add("a tool without a name was ignored")
        return bool(as_text(tool.get("name")))

    def _operation(self, number: int, tool: JsonObject) -> Operation:
        wanted = as_text(tool["name"])
        operation_id, name = self.naming.claim(wanted, snake_case(wanted))
        annotations = as_mapping(tool.get("annotations"))
        hint = annotations.get("readOnlyHint")
        description = as_text(tool.get("description"))
        title = as_text(tool.get("title")) or as_text(annotations.get("title"))
        return Operation(
            id=operation_id,
            name=name,
            summary=title or first_sentence(description),
            description=description,
            body=self._body(operation_id, tool),
            responses=self._responses(tool),
            read_only=hint if isinstance(hint, bool) else None,
            extensions={**extensions_of(tool), **({"x-annotations": annotations} if annotations else {})},
            citation=pointer_text(("tools", str(number))),
        )

    def _body(self, operation_id: str, tool: JsonObject) -> Body | None:
        raw = next((tool[key] for key in _INPUT_KEYS if key in tool), None)
        if not isinstance(raw, dict):
            self.notes.add(f"{operation_id}: the tool has no input schema; it was taken to have no parameters")
            return None
        schema = self.table.form(raw)
        if not schema.get("properties") and schema.keys() <= {
            "type",
            "properties",
            "additionalProperties",
            "description",
        }:
            return None
        return Body(required=bool(schema.get("required")), schema=schema)

    def _responses(self, tool: JsonObject) -> list[Response]:
        output = tool.get("outputSchema")
        schema = self.table.form(output) if isinstance(output, dict) else {}
        return [Response(status="200", schema=schema, content_type="application/json" if schema else "")]


def _unwrapped(tool: Json) -> JsonObject:
    """The tool itself, where it is wrapped as `{"type": "function", "function": {...}}`."""
    inner = as_mapping(tool).get("function")
    return inner if isinstance(inner, dict) else as_mapping(tool)


def _is_tool(tool: JsonObject) -> bool:
    return bool(as_text(tool.get("name"))) and ("description" in tool or any(key in tool for key in _INPUT_KEYS))


def _rebased_tool(tool: JsonObject, number: int, seen: dict[str, str]) -> JsonObject:
    """The tool with the references of its schemas counted from the whole document instead of from each schema."""
    rebased = dict(tool)
    for key in (*_INPUT_KEYS, "outputSchema"):
        if isinstance(tool.get(key), dict):
            base = pointer_text(("tools", str(number), key))
            rebased[key] = _rebased(tool[key], base, _shared_definitions(tool[key], base, seen))
    return rebased


def _shared_definitions(schema: JsonObject, base: str, seen: dict[str, str]) -> dict[str, str]:
    """Where each definition of `schema` first stood, with the same name and content, in any tool so far."""
    places: dict[str, str] = {}
    for home in _DEFINITIONS:
        for name, definition in as_mapping(schema.get(home)).items():
            local = pointer_text((home, name))
            content = name + json.dumps(definition, sort_keys=True)
            places[local] = seen.setdefault(content, base + local[1:])
    return places


def _rebased(node: Json, base: str, places: dict[str, str]) -> Json:
    if isinstance(node, list):
        return [_rebased(item, base, places) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _rebased(value, base, places) for key, value in node.items()}
    ref = node.get("$ref")
    if isinstance(ref, str) and ref.startswith("#"):
        canonical = pointer_text(parse_pointer(ref))
        copy["$ref"] = places.get(canonical, base + canonical[1:])
    return copy


def _title_of(file: str) -> str:
    """What a list that does not name its server is called: by its file, where that says more than that it is one."""
    words = re.findall(r"[^\W_]+", PurePosixPath(file.split("?")[0]).stem)
    return " ".join(word for word in words if word.lower() not in _LIST_WORDS) or "MCP tools"
