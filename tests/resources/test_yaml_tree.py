from __future__ import annotations

import pytest
import yaml

from envfactory.errors import ResourceError
from envfactory.resources.tolerant import Json, Notes
from envfactory.resources.yaml_tree import MAX_DEPTH, parse_yaml, plain_scalar


def parsed(text: str) -> tuple[Json, list[str]]:
    notes = Notes()
    return parse_yaml(text, notes), notes.messages()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("7", 7),
        ("-12", -12),
        ("3.5", 3.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("0", 0),
        # YAML 1.1 would make these booleans, numbers in base 60 or 8, or dates
        ("yes", "yes"),
        ("NO", "NO"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("2024-01-31", "2024-01-31"),
        ("0441", "0441"),
        ("1_000", "1_000"),
        # beyond any number
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("9" * 60, "9" * 60),
    ],
)
def test_a_plain_scalar_follows_yaml_1_2(text: str, value: Json) -> None:
    result = plain_scalar(text)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: '7'", {"a": "7"}),
        ('a: "true"', {"a": "true"}),
        ("a: !!str 7", {"a": "7"}),
        ("a: !custom [1]", {"a": [1]}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("200: ok", {"200": "ok"}),
        ("1.10: ok", {"1.10": "ok"}),
        ("null: ok", {"null": "ok"}),
        ("true: ok", {"true": "ok"}),
        ("- - 1\n  - 2\n- 3", [[1, 2], 3]),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x b\n*x : c", {"a": "b", "b": "c"}),
        ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
        ("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}", {"base": {"x": 1, "y": 2}, "more": {"y": 3, "x": 1}}),
        ("a: &a {x: 1}\nb: {<<: [*a, {z: 2}]}", {"a": {"x": 1}, "b": {"x": 1, "z": 2}}),
        ("'<<': plain", {"<<": "plain"}),
        ("42", 42),
        ("", None),
    ],
)
def test_documents_without_fault(text: str, value: Json) -> None:
    assert parsed(text) == (value, [])


@pytest.mark.parametrize(
    ("text", "value", "warning"),
    [
        ("a: 1\na: 2", {"a": 2}, "'a' stands twice"),
        ("a: {x: 1}\na: {y: 2}", {"a": {"x": 1, "y": 2}}, "'a' stands twice"),
        ("a: &a [1, *a]", {"a": [1, {}]}, "*a refers to itself"),
        ("a: *nowhere", {"a": {}}, "*nowhere refers to itself or to nothing"),
        ("? [1, 2]\n: x\nb: 1", {"b": 1}, "no text was left out"),
        ("a: 1\n---\nb: 2", {"a": 1}, "several YAML documents"),
    ],
)
def test_faults_are_mended_and_named(text: str, value: Json, warning: str) -> None:
    tree, warnings = parsed(text)

    assert tree == value
    assert [warning in each for each in warnings] == [True]


def test_a_later_alias_means_the_later_anchor() -> None:
    tree, _ = parsed("a: &x 1\nb: *x\nc: &x 2\nd: *x")

    assert (tree["b"], tree["d"]) == (1, 2)


@pytest.mark.parametrize("opening", ["- ", "[", "{a: "])
def test_depth_is_bounded(opening: str) -> None:
    with pytest.raises(ResourceError, match="nests deeper"):
        parsed(opening * (MAX_DEPTH + 1) + "x")


def test_syntax_errors_are_left_to_the_reader() -> None:
    with pytest.raises(yaml.YAMLError):
        parsed("a: [1, 2")
