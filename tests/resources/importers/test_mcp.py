from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.resources.documents import MCP, imported


@pytest.mark.parametrize(
    "document",
    [
        MCP,
        {"jsonrpc": "2.0", "id": 2, "result": MCP},
        {"result": MCP},
        MCP["tools"],
        [{"type": "function", "function": tool} for tool in MCP["tools"]],
    ],
)
def test_every_wrapping_of_a_tool_list(document: Any) -> None:
    resource = imported(document)

    assert [(each.id, each.name) for each in resource.operations] == [
        ("switch_lamp", "switch_lamp"),
        ("read-lamp", "read_lamp"),
    ]
    assert resource.warnings == []


def test_the_parameters_keys_of_other_apis_are_understood() -> None:
    tools = [
        {"name": "a", "description": "d", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}}
    ]

    assert [each.name for each in imported(tools).operations[0].parameters] == ["x"]


def test_a_tool_is_an_operation() -> None:
    operation = imported(MCP).operation("switch_lamp")

    assert (operation.summary, operation.description) == ("Turn a lamp on or off.", "Turn a lamp on or off. Slowly.")
    assert [(each.name, each.location, each.required) for each in operation.parameters] == [
        ("lamp", "body", True),
        ("on", "body", False),
    ]
    assert operation.citation == "#/tools/0"


def test_annotations_and_output_schema_are_kept() -> None:
    resource = imported(MCP)

    assert [each.read_only for each in resource.operations] == [False, True]
    assert resource.operations[0].extensions["x-annotations"]["destructiveHint"] is False
    assert resource.operations[0].responses[0].schema == {"type": "object", "properties": {"on": {"type": "boolean"}}}
    assert resource.operations[1].responses[0].schema == {}


def test_equal_definitions_of_several_tools_are_one_schema() -> None:
    resource = imported(MCP)

    assert resource.schemas == {"Lamp": {"type": "string", "enum": ["desk", "door"]}}
    assert resource.operations[1].parameters[0].schema == {"$ref": "#/schemas/Lamp"}


def test_different_definitions_of_one_name_are_two_schemas() -> None:
    document = copy.deepcopy(MCP)
    document["tools"][1]["inputSchema"]["$defs"]["Lamp"]["enum"] = ["roof"]

    resource = imported(document)

    assert {name: schema["enum"] for name, schema in resource.schemas.items()} == {
        "Lamp": ["desk", "door"],
        "Lamp_2": ["roof"],
    }
    assert resource.operations[1].parameters[0].schema == {"$ref": "#/schemas/Lamp_2"}


def test_a_schema_may_refer_to_itself() -> None:
    tool = {"name": "a", "inputSchema": {"type": "object", "properties": {"inner": {"$ref": "#"}}}}

    resource = imported({"tools": [tool]})

    name = resource.operations[0].parameters[0].schema["$ref"].removeprefix("#/schemas/")
    assert resource.schemas[name]["properties"]["inner"] == {"$ref": f"#/schemas/{name}"}


def test_a_tool_without_parameters_has_no_body() -> None:
    operation = imported({"tools": [{"name": "now", "inputSchema": {"type": "object", "properties": {}}}]}).operations[
        0
    ]

    assert operation.body is None
    assert operation.parameters == []


def test_the_server_is_the_title() -> None:
    resource = imported({**MCP, "instructions": "Lamps of a house. Be gentle."})

    assert (resource.title, resource.provenance.version, resource.summary) == (
        "lamp-server",
        "0.1",
        "Lamps of a house.",
    )


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("choir_mcp.json", "choir"),
        ("https://lamps.example/house-lamps/tools/list.json?page=1", "MCP tools"),
        ("tools-list.json", "MCP tools"),
    ],
)
def test_a_list_without_a_server_is_called_by_its_file(file: str, title: str) -> None:
    assert imported({"tools": MCP["tools"]}, source=file).title == title
