"""A corpus of broken documents, each with one fault that real ones have, and what must come of it.

Those that can be read are read, with a warning that names the fault; the others are refused with a reason and a remedy.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

import pytest

from envfactory.errors import ResourceError
from envfactory.resources import Resource, import_document
from tests.resources.documents import UNEXPECTED, dangling_references

HEAD = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\n"
GET = "get: {operationId: a, responses: {'200': {description: ok}}}"


@dataclass(frozen=True)
class Read:
    """Read in spite of its fault: the operations, and a part of the warning (none expected where empty)."""

    name: str
    text: str
    operations: list[str]
    warning: str = ""
    source: str = "document.yaml"
    facts: dict[str, object] = field(default_factory=dict)


def api(inside: str, *, method: str = "get", path: str = "/a", more: str = "") -> str:
    """A document of one operation `a` with these members."""
    return f"{HEAD}paths: {{'{path}': {{{method}: {{operationId: a, {inside}}}}}}}\n{more}"


def paths(items: str, more: str = "") -> str:
    return f"{HEAD}paths: {{{items}}}\n{more}"


PLAIN = f"/a: {{{GET}}}"
JSON_GET = '"/a": {"get": {"operationId": "a"}}'

READ = [
    Read("integer status codes", api("responses: {200: {description: ok}}"), ["a"]),
    Read("responses that are a number", api("responses: 200"), ["a"]),
    Read("a response that is a text", api("responses: {'200': fine}"), ["a"], "no object"),
    Read("no paths", HEAD, [], "no `paths`"),
    Read("paths that are a list", HEAD + "paths: [/a, /b]", [], "no `paths`"),
    Read("only webhooks", HEAD + "webhooks: {ping: {post: {responses: {}}}}", [], "webhooks are ignored"),
    Read("a path that is null", HEAD + f"paths:\n  /z:\n  {PLAIN}", ["a"]),
    Read("an operation that is a text", paths(f"/a: {{{GET}, post: todo}}"), ["a"], "'post' holds no operation"),
    Read("an unknown method", paths(f"/a: {{{GET}, fetch: {{}}}}"), ["a"], "'fetch' is no method"),
    Read("no operationId", paths("'/a/{b_id}': {delete: {}}"), ["delete_a_by_b_id"], "without an operationId"),
    Read(
        "the same operationId twice",
        paths("/a: {get: {operationId: x}}, /b: {get: {operationId: x}}"),
        ["x", "x_2"],
        "used more than once",
    ),
    Read(
        "one path written twice",
        HEAD + f"paths:\n  {PLAIN}\n  /a: {{post: {{operationId: b}}}}",
        ["a", "b"],
        "'/a' stands twice",
    ),
    Read("no info", f"openapi: 3.0.0\npaths: {{{PLAIN}}}", ["a"]),
    Read("no version, but components", f"paths: {{{PLAIN}}}\ncomponents: {{}}", ["a"]),
    Read("a version that is a number", f"openapi: 3.1\npaths: {{{PLAIN}}}", ["a"]),
    Read("a version of the future", f"openapi: 3.7.0\npaths: {{{PLAIN}}}", ["a"]),
    Read(
        "a dangling reference",
        api("parameters: [{$ref: '#/components/parameters/No'}]"),
        ["a"],
        "'#/components/parameters/No' leads nowhere",
    ),
    Read("a remote path", paths(f"/r: {{$ref: 'paths/r.yaml'}}, {PLAIN}"), ["a"], "points outside the document"),
    Read(
        "a remote schema by address",
        api("requestBody: {content: {application/json: {schema: {$ref: 'https://x.example/s.json#/A'}}}}"),
        ["a"],
        "points outside",
    ),
    Read(
        "a reference by the file's own name",
        api(
            "parameters: [{$ref: 'document.yaml#/components/parameters/P'}]",
            more="components: {parameters: {P: {name: p, in: query, schema: {type: string}}}}",
        ),
        ["a"],
    ),
    Read(
        "a circle of parameters",
        api(
            "parameters: [{$ref: '#/components/parameters/P'}]",
            more="components: {parameters: {P: {$ref: '#/components/parameters/P'}}}",
        ),
        ["a"],
        "leads in a circle",
    ),
    Read(
        "a circle of schemas",
        paths(
            PLAIN, "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}"
        ),
        ["a"],
        "only refers to itself",
    ),
    Read("a reference that is a number", api("requestBody: {$ref: 7}", method="post"), ["a"], "a $ref that is no text"),
    Read("a parameter without schema", api("parameters: [{name: q, in: query}]"), ["a"], "'q' has no schema"),
    Read("a parameter without name", api("parameters: [{in: query}]"), ["a"], "without a name"),
    Read("a parameter in no place", api("parameters: [{name: q, schema: {}}]"), ["a"], "the place of parameter 'q'"),
    Read("an undeclared path variable", api("summary: b", path="/a/{id}"), ["a"], "{id} of the path is not declared"),
    Read("a variable that the path lacks", api("parameters: [{name: id, in: path}]"), ["a"], "the path has no {id}"),
    Read("a body without content", api("requestBody: {required: true}", method="post"), ["a"], "without content"),
    Read("callbacks", api("callbacks: {done: {}}", method="post"), ["a"], "callbacks are ignored"),
    Read(
        "an unknown type", paths(PLAIN, "components: {schemas: {A: {type: money}}}"), ["a"], "type 'money' is unknown"
    ),
    Read("tabs", "openapi: 3.0.0\npaths:\n\t/a:\n\t\tget:\n\t\t\toperationId: a\n", ["a"], "indented with tabs"),
    Read("a byte-order mark", "\ufeff" + paths(PLAIN), ["a"]),
    Read("a trailing comma in JSON", f'{{"openapi": "3.0.0", "paths": {{{JSON_GET},}}}}', ["a"], "not strict JSON"),
    Read("a comment before a YAML document", "# Our API\n# by hand\n" + paths(PLAIN), ["a"]),
    Read("two YAML documents", paths(PLAIN) + "---\nopenapi: 3.0.0\n", ["a"], "several YAML documents"),
    Read(
        "half a surrogate pair",
        f'{{"openapi": "3.0.0", "info": {{"title": "\\ud83d!"}}, "paths": {{{JSON_GET}}}}}',
        ["a"],
    ),
    Read("numbers beyond bounds", f'{{"openapi": "3.0.0", "x-a": [NaN, 1e999], "paths": {{{JSON_GET}}}}}', ["a"]),
    Read(
        "a body among OpenAPI 3 parameters",
        api("parameters: [{name: thing, in: body, schema: {type: object}}]", method="post"),
        ["a"],
        "stands among the parameters",
    ),
    Read(
        "a shape that is missing",
        '{"metadata": {}, "operations": {"GetA": {"input": {"shape": "No"}, "output": {"shape": "No"}}}, "shapes": {}}',
        ["GetA"],
        "the shape 'No' does not exist",
    ),
    Read("a tool without schema", '{"tools": [{"name": "a"}]}', ["a"], "no input schema"),
    Read(
        "a tool without name",
        '{"tools": [{"description": "?"}, {"name": "a", "inputSchema": {"type": "object"}}]}',
        ["a"],
        "a tool without a name",
    ),
    Read(
        "a tool list with further pages",
        '{"tools": [{"name": "a", "inputSchema": {}}], "nextCursor": "2"}',
        ["a"],
        "further pages",
    ),
    Read("no tools", '{"tools": []}', [], "describes no operation"),
]

ALIAS_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)
REFUSED = {
    "nothing": (b"", "is empty"),
    "white space": (b" \n\t", "is empty"),
    "an image": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
    "damaged gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 20, "damaged"),
    "gzip that ends early": (gzip.compress(b"openapi: 3.0.0\n" * 99)[:40], "ends too early"),
    "XML": (b"<?xml version='1.0'?><definitions/>", "XML"),
    "broken JSON": (b'{"openapi": "3.0.0", "paths": {', "line 1"),
    "broken YAML": (b"openapi: 3.0.0\npaths: {a: [}\n", "line 2"),
    "a sentence": (b"just a sentence", "plain text"),
    "a number": (b"42", "plain text"),
    "an unknown object": (b'{"name": "x", "private": true}', "the members name, private"),
    "an unknown list": (b"[1, 2, 3]", "a list of 3 values"),
    "an empty object": (b"{}", "an empty object"),
    "Swagger 1.2": (b'{"swaggerVersion": "1.2", "apis": []}', "Swagger 1.x"),
    "OpenAPI 4": (b"openapi: 4.0.0\npaths: {}", "unknown version"),
    "AsyncAPI": (b"asyncapi: 2.6.0\nchannels: {}", "AsyncAPI"),
    "OpenRPC": (b'{"openrpc": "1.2.6", "methods": []}', "OpenRPC"),
    "Postman": (b'{"info": {"_postman_id": "1", "name": "x"}, "item": []}', "Postman"),
    "GraphQL": (b'{"data": {"__schema": {"types": []}}}', "GraphQL"),
    "Smithy": (b'{"smithy": "2.0", "shapes": {}}', "Smithy"),
    "an HTTP archive": (b'{"log": {"entries": []}}', "HAR"),
    "a list of discovery documents": (b'{"kind": "discovery#directoryList", "items": []}', "list of discovery"),
    "a JSON Schema": (b'{"$schema": "x", "type": "object", "properties": {}}', "JSON Schema"),
    "an MCP error": (
        b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": "not signed in"}}',
        "not signed in",
    ),
    "MCP resources": (b'{"resources": [{"uri": "a"}]}', "not of tools"),
    "a page without text": (b"<!doctype html><html><script>x()</script></html>", "no text"),
    "too deep JSON": (b'{"a":' * 500 + b"1" + b"}" * 500, "deeper than 100"),
    "far too deep JSON": (b"[" * 200_000, "deeper than 100"),
    "too deep YAML": (b"- " * 50_000 + b"a", "deeper than 100"),
    "an alias bomb": (ALIAS_BOMB.encode(), "expands to more than"),
    "too large": (b"a" * (32 * 2**20 + 1), "larger than 32 MiB"),
    "a gzip bomb": (gzip.compress(b"a" * (40 * 2**20)), "larger than 32 MiB"),
}


@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_a_broken_document_is_read_with_a_warning(case: Read) -> None:
    resource = import_document(case.text.encode("utf-8"), source=case.source)

    assert [operation.id for operation in resource.operations] == case.operations
    assert any(case.warning in warning for warning in resource.warnings) or not case.warning
    assert dangling_references(resource) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_reason_and_remedy(name: str) -> None:
    data, reason = REFUSED[name]

    with pytest.raises(ResourceError) as caught:
        import_document(data, source="thing")

    assert reason in caught.value.message
    assert caught.value.message.startswith("thing: ")
    assert UNEXPECTED not in caught.value.message
    assert caught.value.remedy


def test_the_corpus_is_large_enough() -> None:
    assert len(READ) + len(REFUSED) >= 25


def one(text: str) -> Resource:
    return import_document(text.encode("utf-8"), source="document.yaml")


def test_yaml_dates_stay_texts() -> None:
    resource = one(
        api("parameters: [{name: day, in: query, schema: {type: string, default: 2024-01-31, enum: [2024-01-31]}}]")
    )

    schema = resource.operations[0].parameters[0].schema
    assert (schema["default"], schema["enum"]) == ("2024-01-31", ["2024-01-31"])


def test_words_that_old_yaml_takes_for_booleans_stay_texts() -> None:
    resource = one(paths(PLAIN, "components: {schemas: {Country: {type: string, enum: [NO, SE, on]}}}"))

    assert resource.schemas["Country"]["enum"] == ["NO", "SE", "on"]


def test_a_boolean_in_an_enum_of_texts_becomes_a_text() -> None:
    resource = one(paths(PLAIN, "components: {schemas: {Choice: {type: string, enum: [true, 1, maybe]}}}"))

    assert resource.schemas["Choice"]["enum"] == ["true", "1", "maybe"]


def test_a_document_in_utf_16() -> None:
    resource = import_document(paths(PLAIN).encode("utf-16"), source="x.yaml")

    assert [operation.id for operation in resource.operations] == ["a"]


def test_a_document_in_windows_1252_is_read_with_a_warning() -> None:
    text = api("summary: Café")

    resource = import_document(text.encode("cp1252"), source="x.yaml")

    assert resource.operations[0].summary == "Café"
    assert "not UTF-8" in resource.warnings[0]


def test_a_compressed_document_keeps_the_hash_of_the_file() -> None:
    data = gzip.compress(paths(PLAIN).encode(), mtime=0)

    resource = import_document(data, source="x.yaml.gz")

    assert len(resource.operations) == 1
    assert len(resource.provenance.sha256) == 64
