"""The importer imports or refuses, whatever it is given: random bytes, random trees, mutated documents."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envfactory.errors import ResourceError
from envfactory.resources import Resource, import_document
from envfactory.resources.tolerant import Json
from tests.resources.documents import ALL, UNEXPECTED, dangling_references

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_WORDS = """
openapi swagger paths /a/{b} get post parameters name in schema $ref type items properties required allOf
oneOf components schemas responses 200 content enum x-env tools inputSchema $defs resources methods shapes
operations shape members metadata http application/json requestBody example definitions discoveryVersion
rootUrl kind result jsonrpc location requestUri tags annotations description format default
"""
_KEYWORDS = st.sampled_from(_WORDS.split())
_TREES = st.recursive(
    _SCALARS | _KEYWORDS,
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(_KEYWORDS | st.text(max_size=4), children, max_size=5)
    ),
    max_leaves=40,
)
_BYTES = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
_PREFIXES = st.sampled_from(
    [
        b"",
        b"{",
        b"[",
        b"openapi: 3.0.0\n",
        b"\x1f\x8b\x08",
        b"\xff\xfe",
        b"<html>",
        b"# T\n",
        b'{"tools": [',
        b"<![",
        b"&a ",
    ]
)
_HINTS = st.sampled_from([None, "text/html", "text/markdown", "application/json", "x.md", "", "\x00"])


def tried(data: bytes, hint: str | None = None) -> Resource | None:
    """The resource, or None where the document was refused for a reason of its own."""
    try:
        resource = import_document(data, source="fuzz", media_hint=hint)
    except ResourceError as error:
        refusal = error
    else:
        assert dangling_references(resource) == []
        resource.model_dump_json()
        return resource
    assert UNEXPECTED not in refusal.message
    assert refusal.remedy
    return None


@settings(max_examples=300, deadline=None)
@given(_PREFIXES, _BYTES, _HINTS)
def test_any_bytes_are_imported_or_refused(prefix: bytes, rest: bytes, hint: str | None) -> None:
    tried(prefix + rest, hint)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_KEYWORDS, _TREES, max_size=6) | _TREES, st.booleans())
def test_any_tree_is_imported_or_refused(tree: Json, as_yaml: bool) -> None:
    text = yaml.safe_dump(tree) if as_yaml else json.dumps(tree)
    tried(text.encode("utf-8"))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(ALL)), _TREES, st.data())
def test_a_document_with_one_part_replaced_by_anything(kind: str, replacement: Json, data: st.DataObject) -> None:
    document = copy.deepcopy(ALL[kind])
    holder, key = data.draw(st.sampled_from(_places(document)))
    holder[key] = replacement

    tried(json.dumps(document).encode("utf-8"))


@pytest.mark.parametrize("kind", sorted(ALL))
@pytest.mark.parametrize("replacement", ["delete", None, 7, "text", [], {}, {"$ref": "#/"}, {"$ref": 3}, True])
def test_every_single_part_deleted_or_replaced(kind: str, replacement: Json) -> None:
    outcomes = []
    for number in range(len(_places(ALL[kind]))):
        document = copy.deepcopy(ALL[kind])
        holder, key = _places(document)[number]
        if replacement == "delete":
            del holder[key]
        else:
            holder[key] = replacement
        outcomes.append(tried(json.dumps(document).encode("utf-8")))

    survivors = [each for each in outcomes if each is not None]
    assert len(survivors) > 0.8 * len(outcomes)  # a fault in one part is no reason to refuse the rest
    assert sum(bool(each.operations) for each in survivors) > 0.8 * len(outcomes)


@pytest.mark.parametrize("kind", sorted(ALL))
def test_several_random_mutations_at_once(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(120):
        document = copy.deepcopy(ALL[kind])
        for _ in range(chance.randint(2, 8)):
            _mutate(document, chance)
        tried(json.dumps(document).encode("utf-8"))


@pytest.mark.parametrize("kind", sorted(ALL))
def test_every_truncation_of_the_text(kind: str) -> None:
    text = json.dumps(ALL[kind]).encode("utf-8")

    for length in range(0, len(text), 37):
        tried(text[:length])


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) of a tree."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [place for key in keys for place in _places(node[key])]


def _mutate(document: Any, chance: random.Random) -> None:
    places = _places(document)
    if not places:
        return
    holder, key = chance.choice(places)
    other_holder, other_key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del holder[key]
        case 1:
            holder[key] = chance.choice([None, 0, -1.5, "", "x", [], {}, True, {"$ref": "#/components/schemas/Animal"}])
        case 2:
            holder[key] = copy.deepcopy(other_holder[other_key])
        case _ if isinstance(holder, dict):
            holder[chance.choice(["$ref", "type", "allOf", "items", "properties", "x-env", "name"])] = holder.pop(key)
