"""Which format a parsed document is in; and, for formats that cannot be read, which one it is and what to convert it
to.
"""

from __future__ import annotations

from collections.abc import Callable

from envfactory.errors import ResourceError
from envfactory.resources.importers.botocore import read_botocore
from envfactory.resources.importers.common import Importer
from envfactory.resources.importers.discovery import read_discovery
from envfactory.resources.importers.mcp import read_mcp, refuse_rpc_error, tools_of
from envfactory.resources.importers.openapi import read_openapi
from envfactory.resources.importers.swagger2 import read_swagger2
from envfactory.resources.tolerant import Json, JsonObject, as_list, as_mapping, as_text

SUPPORTED = (
    "supported are OpenAPI 3.x and Swagger 2.0 (JSON or YAML), Google discovery documents, botocore service models, "
    "MCP tools/list answers, and documentation pages in Markdown or HTML"
)
_TO_OPENAPI = "convert it to OpenAPI 3 and give that"


def recognise(tree: Json) -> Importer:
    """The importer for `tree`; ResourceError where there is none."""
    for matches, importer in _READABLE:
        if matches(tree):
            return importer
    refuse_rpc_error(tree)
    document = as_mapping(tree)
    for matches, name, remedy in _KNOWN_BUT_UNREADABLE:
        if matches(document):
            raise ResourceError(f"the document is {name}, which cannot be read", remedy=remedy)
    raise ResourceError(f"the document is none of the known formats: it is {_outline(tree)}", remedy=SUPPORTED)


def _outline(tree: Json) -> str:
    if isinstance(tree, list):
        return f"a list of {len(tree)} values"
    keys = ", ".join(key[:40] for key in list(tree)[:6])
    return f"an object with the members {keys}" if keys else "an empty object"


def _is_openapi(tree: Json) -> bool:
    document = as_mapping(tree)
    version = as_text(document.get("openapi"))
    if version:
        return version[:1] not in ("1", "2") and not version.startswith("4")
    return isinstance(document.get("paths"), dict) and "components" in document


def _is_swagger2(tree: Json) -> bool:
    document = as_mapping(tree)
    version = as_text(document.get("swagger"))
    if version:
        return not version.startswith("1")
    return as_text(document.get("openapi")).startswith("2") or (
        isinstance(document.get("paths"), dict) and "openapi" not in document and "components" not in document
    )


def _is_discovery(tree: Json) -> bool:
    document = as_mapping(tree)
    if as_text(document.get("kind")) == "discovery#restDescription":
        return True
    has_methods = isinstance(document.get("resources"), dict) or isinstance(document.get("methods"), dict)
    return has_methods and ("discoveryVersion" in document or "rootUrl" in document or "servicePath" in document)


def _is_botocore(tree: Json) -> bool:
    document = as_mapping(tree)
    return isinstance(document.get("operations"), dict) and isinstance(document.get("shapes"), dict)


def _is_mcp(tree: Json) -> bool:
    return tools_of(tree) is not None


def _has(*keys: str) -> Callable[[JsonObject], bool]:
    return lambda document: all(key in document for key in keys)


_READABLE: tuple[tuple[Callable[[Json], bool], Importer], ...] = (
    (_is_openapi, read_openapi),
    (_is_swagger2, read_swagger2),
    (_is_discovery, read_discovery),
    (_is_botocore, read_botocore),
    (_is_mcp, read_mcp),
)

_KNOWN_BUT_UNREADABLE: tuple[tuple[Callable[[JsonObject], bool], str, str], ...] = (
    (_has("swaggerVersion"), "a Swagger 1.x document", _TO_OPENAPI),
    (lambda document: as_text(document.get("swagger")).startswith("1"), "a Swagger 1.x document", _TO_OPENAPI),
    (_has("openapi"), "an OpenAPI document of an unknown version", "OpenAPI 3.0 to 3.2 and Swagger 2.0 are supported"),
    (
        _has("asyncapi"),
        "an AsyncAPI document",
        "it describes messages, not operations; give the OpenAPI document of the service",
    ),
    (_has("openrpc"), "an OpenRPC document", _TO_OPENAPI),
    (_has("arazzo"), "an Arazzo workflow", "give the OpenAPI document it refers to"),
    (_has("overlay"), "an OpenAPI overlay", "apply it to its document and give the result"),
    (_has("smithy"), "a Smithy model", _TO_OPENAPI),
    (_has("__schema"), "a GraphQL introspection result", _TO_OPENAPI),
    (lambda document: "__schema" in as_mapping(document.get("data")), "a GraphQL introspection result", _TO_OPENAPI),
    (
        lambda document: (
            "_postman_id" in as_mapping(document.get("info")) or ("item" in document and "info" in document)
        ),
        "a Postman collection",
        _TO_OPENAPI,
    ),
    (
        lambda document: isinstance(as_mapping(document.get("log")).get("entries"), list),
        "an HTTP archive (HAR)",
        _TO_OPENAPI,
    ),
    (
        lambda document: as_text(document.get("kind")) == "discovery#directoryList",
        "a list of discovery documents",
        "give one of them (its `discoveryRestUrl`)",
    ),
    (
        lambda document: bool(as_list(document.get("resources"))) and "tools" not in document,
        "a list of resources, not of tools",
        "give the server's tools/list answer",
    ),
    (_has("$schema", "properties"), "a JSON Schema without operations", "give the API document that uses it"),
)
