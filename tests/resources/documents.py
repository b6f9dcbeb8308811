"""Small valid documents, one of each format, that the tests of this folder start from."""

from __future__ import annotations

from typing import Any

from envfactory.resources import Resource, import_document
from envfactory.resources.tolerant import JsonObject

UNEXPECTED = "the importer failed on this document"  # what the boundary says of an exception that is our own fault

OPENAPI: JsonObject = {
    "openapi": "3.0.3",
    "info": {"title": "Shelter", "version": "1.0", "license": {"name": "MIT"}, "description": "Animals. And homes."},
    "x-env": {"version": 1},
    "paths": {
        "/animals": {
            "parameters": [{"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
            "get": {
                "operationId": "listAnimals",
                "tags": ["animals"],
                "parameters": [
                    {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["cat", "dog"]}},
                    {"$ref": "#/components/parameters/Limit"},
                ],
                "responses": {
                    "200": {
                        "description": "Some",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Animal"}}
                            }
                        },
                    }
                },
            },
            "post": {
                "operationId": "addAnimal",
                "x-env": {"guards": []},
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Animal"}}},
                },
                "responses": {"201": {"description": "Added"}, "409": {"$ref": "#/components/responses/Conflict"}},
            },
        },
        "/animals/{animal_id}": {
            "get": {
                "operationId": "getAnimal",
                "parameters": [{"name": "animal_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "One",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Animal"}}},
                    }
                },
            }
        },
    },
    "components": {
        "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}}},
        "responses": {"Conflict": {"description": "Taken", "x-code": "NAME_TAKEN"}},
        "schemas": {
            "Animal": {
                "type": "object",
                "required": ["name", "id"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "name": {"type": "string", "x-env-seed": {"kind": "first_name"}},
                    "mother": {"$ref": "#/components/schemas/Animal"},
                },
            }
        },
    },
}

SWAGGER: JsonObject = {
    "swagger": "2.0",
    "info": {"title": "Boats", "version": "2"},
    "paths": {
        "/boats": {
            "post": {
                "operationId": "add_boat",
                "parameters": [
                    {"name": "boat", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Boat"}}
                ],
                "responses": {"201": {"description": "", "schema": {"$ref": "#/definitions/Boat"}}},
            },
        },
        "/boats/{id}/photo": {
            "put": {
                "operationId": "set_photo",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "integer", "minimum": 1},
                    {"name": "photo", "in": "formData", "type": "file", "required": True},
                    {"name": "caption", "in": "formData", "type": "string"},
                ],
                "responses": {"204": {"description": ""}},
            }
        },
    },
    "definitions": {
        "Boat": {"type": "object", "properties": {"name": {"type": "string"}, "berths": {"type": "integer"}}}
    },
}

DISCOVERY: JsonObject = {
    "kind": "discovery#restDescription",
    "discoveryVersion": "v1",
    "name": "herbarium",
    "title": "Herbarium API",
    "version": "v1",
    "description": "Pressed plants.",
    "documentationLink": "https://herbarium.example/docs",
    "parameters": {"alt": {"type": "string", "location": "query"}},
    "resources": {
        "sheets": {
            "methods": {
                "insert": {
                    "id": "herbarium.sheets.insert",
                    "httpMethod": "POST",
                    "path": "v1/sheets",
                    "flatPath": "v1/sheets",
                    "parameters": {"tag": {"type": "string", "location": "query", "repeated": True}},
                    "request": {"$ref": "Sheet"},
                    "response": {"$ref": "Sheet"},
                }
            },
            "resources": {
                "plants": {
                    "methods": {
                        "get": {
                            "id": "herbarium.sheets.plants.get",
                            "httpMethod": "GET",
                            "path": "v1/{+name}",
                            "flatPath": "v1/sheets/{sheetsId}/plants/{plantsId}",
                            "parameters": {"name": {"type": "string", "location": "path", "required": True}},
                            "response": {"$ref": "Sheet"},
                        }
                    }
                }
            },
        }
    },
    "schemas": {
        "Sheet": {
            "id": "Sheet",
            "type": "object",
            "properties": {
                "number": {"type": "string", "description": "Output only. The number."},
                "family": {"type": "string", "annotations": {"required": ["herbarium.sheets.insert"]}},
                "state": {
                    "type": "string",
                    "description": 'The state. Possible values are: \n- "pressed" - Dry. \n- "drying" - Not yet.',
                },
                "parts": {"type": "array", "items": {"$ref": "Sheet"}},
            },
        }
    },
}

BOTOCORE: JsonObject = {
    "version": "2.0",
    "metadata": {"apiVersion": "2030-01-01", "serviceFullName": "Ferry Service", "protocol": "rest-json"},
    "operations": {
        "CreateCrossing": {
            "name": "CreateCrossing",
            "http": {"method": "POST", "requestUri": "/ports/{port}/crossings?new", "responseCode": 201},
            "input": {"shape": "CreateCrossingRequest"},
            "output": {"shape": "Crossing"},
            "errors": [{"shape": "PortClosedException"}],
            "documentation": "<p>Plans a crossing. It must &quot;fit&quot;.</p>",
        },
        "ListCrossings": {
            "name": "ListCrossings",
            "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "ListCrossingsRequest"},
        },
    },
    "shapes": {
        "CreateCrossingRequest": {
            "type": "structure",
            "required": ["Port", "Deck"],
            "members": {
                "Port": {"shape": "PortName", "location": "uri", "locationName": "port"},
                "DryRun": {"shape": "Flag", "location": "querystring", "locationName": "dry"},
                "Deck": {"shape": "Deck", "documentation": "Which deck."},
                "Stops": {"shape": "PortList"},
            },
        },
        "ListCrossingsRequest": {"type": "structure", "members": {"Limit": {"shape": "Limit"}}},
        "Crossing": {"type": "structure", "members": {"Id": {"shape": "PortName"}, "Next": {"shape": "Crossing"}}},
        "PortClosedException": {
            "type": "structure",
            "members": {},
            "error": {"httpStatusCode": 409},
            "exception": True,
            "documentation": "<p>The port is closed.</p>",
        },
        "PortName": {"type": "string", "min": 2, "max": 30, "pattern": "[a-z]+"},
        "PortList": {"type": "list", "member": {"shape": "PortName"}, "max": 5},
        "Deck": {"type": "string", "enum": ["upper", "lower"]},
        "Limit": {"type": "integer", "min": 1, "max": 100},
        "Flag": {"type": "boolean"},
    },
}

MCP: JsonObject = {
    "serverInfo": {"name": "lamp-server", "version": "0.1"},
    "tools": [
        {
            "name": "switch_lamp",
            "description": "Turn a lamp on or off. Slowly.",
            "inputSchema": {
                "type": "object",
                "properties": {"lamp": {"$ref": "#/$defs/Lamp"}, "on": {"type": "boolean", "default": True}},
                "required": ["lamp"],
                "$defs": {"Lamp": {"type": "string", "enum": ["desk", "door"]}},
            },
            "outputSchema": {"type": "object", "properties": {"on": {"type": "boolean"}}},
            "annotations": {"readOnlyHint": False, "destructiveHint": False},
        },
        {
            "name": "read-lamp",
            "description": "Say whether a lamp is on",
            "inputSchema": {
                "type": "object",
                "properties": {"lamp": {"$ref": "#/$defs/Lamp"}},
                "$defs": {"Lamp": {"type": "string", "enum": ["desk", "door"]}},
            },
            "annotations": {"readOnlyHint": True},
        },
    ],
}

ALL: dict[str, JsonObject] = {
    "openapi": OPENAPI,
    "swagger": SWAGGER,
    "google-discovery": DISCOVERY,
    "botocore": BOTOCORE,
    "mcp": MCP,
}


def imported(document: Any, source: str = "document.json") -> Resource:
    """The resource of a document given as a value or as text."""
    import json

    text = document if isinstance(document, str) else json.dumps(document)
    return import_document(text.encode("utf-8"), source=source)


def dangling_references(resource: Resource) -> list[str]:
    """References in the resource's schemas, wherever they stand, that name no schema of it."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if isinstance(node.get("$ref"), str) and node["$ref"].removeprefix("#/schemas/") not in resource.schemas:
                found.append(node["$ref"])
            for key, value in node.items():
                if not key.startswith("x-") and key not in ("examples", "enum", "default"):
                    walk(value)

    walk(list(resource.schemas.values()))
    for operation in resource.operations:
        walk([parameter.schema for parameter in operation.parameters])
        walk([operation.body.schema] if operation.body else [])
        walk([each.schema for each in [*operation.responses, *operation.errors]])
    return found
