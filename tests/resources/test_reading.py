from __future__ import annotations

import codecs
import gzip

import pytest

from envfactory.errors import ResourceError
from envfactory.resources.reading import decode, read_tree, unpack
from envfactory.resources.tolerant import Json, Notes


@pytest.mark.parametrize(
    "data",
    [
        "Grüße".encode(),
        codecs.BOM_UTF8 + "Grüße".encode(),
        "Grüße".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"),
        "Grüße".encode("utf-32"),
    ],
)
def test_text_is_found_by_its_byte_order_mark(data: bytes) -> None:
    notes = Notes()

    assert decode(data, notes) == "Grüße"
    assert notes.messages() == []


def test_what_is_not_utf_8_is_read_as_windows_1252_and_said() -> None:
    notes = Notes()

    assert decode(b"caf\xe9 \x93x\x94", notes) == "café “x”"
    assert len(notes.messages()) == 1


def test_gzip_is_unpacked() -> None:
    assert unpack(gzip.compress(b"openapi")) == b"openapi"


def test_a_gzip_bomb_is_refused_without_being_unpacked() -> None:
    packed = gzip.compress(b"\0" * (64 * 2**20))

    assert len(packed) < 100_000
    with pytest.raises(ResourceError, match="larger than"):
        unpack(packed)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('{"a": [1, 2.5, null, true, "x"]}', {"a": [1, 2.5, None, True, "x"]}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ("a: 1", {"a": 1}),
        ('{"a": NaN, "b": 1e999, "c": -Infinity}', {"a": None, "b": "1e999", "c": None}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('{"\\udc00": 1}', {"\ufffd": 1}),
    ],
)
def test_json_and_yaml_give_clean_trees(text: str, tree: Json) -> None:
    assert read_tree(text, Notes()) == (tree, "")


def test_a_number_too_long_for_an_integer_stays_a_text() -> None:
    tree, problem = read_tree('{"a": ' + "9" * 5000 + "}", Notes())

    assert problem == ""
    assert tree["a"] == "9" * 5000


def test_a_key_that_stands_twice_in_json_is_said() -> None:
    notes = Notes()

    tree, _ = read_tree('{"a": {"x": 1}, "b": 1, "a": {"y": 2}, "b": 3}', notes)

    assert tree == {"a": {"x": 1, "y": 2}, "b": 3}
    assert len(notes.messages()) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1', "JSON: Expecting ',' delimiter at line 1, column 8"),
        ("a: [1,\nb: }", "YAML: "),
        ("a:\n\t- b: [", "which YAML forbids"),
    ],
)
def test_what_cannot_be_read_gives_the_place(text: str, problem: str) -> None:
    tree, why = read_tree(text, Notes())

    assert tree is None
    assert problem in why


def test_tabs_are_read_as_two_spaces() -> None:
    notes = Notes()

    tree, _ = read_tree("a:\n\tb:\n\t\t- c\n\t\t- d: 1\n", notes)

    assert tree == {"a": {"b": ["c", {"d": 1}]}}
    assert "tabs" in notes.messages()[0]


@pytest.mark.parametrize("text", ["[" * 101 + "]" * 101, "[" * 50_000])
def test_deep_json_is_refused(text: str) -> None:
    with pytest.raises(ResourceError, match="deeper than 100"):
        read_tree(text, Notes())
