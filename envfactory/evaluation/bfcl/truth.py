"""BFCL's ground truth as a policy would write it: what the oracle says.

Of single-turn entries the truth is a list of acceptable values for each parameter; the oracle takes the first, and
leaves out what may be left out (`""` among the values). Java and JavaScript values are written as source text, which is what those
entries' tools ask for. Of multi-turn entries the truth is Python source, positional arguments included.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from envfactory.evaluation.bfcl.package import Entry, functions_of
from envfactory.rollouts.formats import ToolCall

_LEFT_OUT = ""


def calls_of_answer(entry: Entry, answer: Sequence[Mapping[str, Any]], category: str) -> list[ToolCall]:
    """Return the calls of a single-turn entry (loaded for checking)."""
    described = {function["name"]: function for function in entry["function"]}
    return [
        ToolCall(name.replace(".", "_"), _arguments(described[name]["parameters"], wanted, category))
        for each in answer
        for name, wanted in each.items()
    ]


def calls_of_source(entry: Entry, sources: Sequence[str]) -> list[ToolCall]:
    """Return the calls of one turn."""
    described = {function["name"]: list(function["parameters"]["properties"]) for function in functions_of(entry)}
    return [_call(source, described) for source in sources]


def _call(source: str, described: Mapping[str, Sequence[str]]) -> ToolCall:
    node = ast.parse(source, mode="eval").body
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError(f"{source} is no call")
    by_place = zip(described[node.func.id], node.args, strict=False)
    named = ((each.arg or "", each.value) for each in node.keywords)
    arguments = {name: ast.literal_eval(value) for name, value in [*by_place, *named]}
    return ToolCall(node.func.id, json.loads(json.dumps(arguments)))


def _arguments(parameters: Mapping[str, Any], wanted: Mapping[str, Sequence[Any]], category: str) -> dict[str, Any]:
    properties, required = parameters["properties"], parameters.get("required", [])
    kept = {name: values for name, values in wanted.items() if name in required or _LEFT_OUT not in values}
    plain = {name: _chosen(_first(values)) for name, values in kept.items()}
    if "javascript" in category:
        return {name: _javascript(value, properties[name]) for name, value in plain.items()}
    if "java" in category:
        return {name: _java(value, properties[name]) for name, value in plain.items()}
    return plain


def _first(values: Sequence[Any]) -> Any:
    """Return the first acceptable value that is one."""
    return next((each for each in values if each != _LEFT_OUT), _LEFT_OUT)


def _chosen(value: Any) -> Any:
    """Return an acceptable value whole: within dictionaries each entry is a list of acceptable ones again."""
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if not isinstance(inner, list) or _LEFT_OUT not in inner}
        return {name: _first(inner) if isinstance(inner, list) else inner for name, inner in kept.items()}
    if isinstance(value, list):
        return [_chosen(each) for each in value]
    return value


def _java(value: Any, described: Mapping[str, Any]) -> str:
    kind = described["type"]
    if isinstance(value, list):
        return _java_list(value, kind, described.get("items", {}).get("type", "any"))
    if isinstance(value, dict):
        puts = " ".join(f'put("{name}", {_java_element(each, "any")});' for name, each in value.items())
        return f"new HashMap<String, Object>() {{{{ {puts} }}}}" if value else "new HashMap<>()"
    return value if isinstance(value, str) else _java_number(value, kind)


def _java_list(values: list[Any], kind: str, inner: str) -> str:
    if kind == "ArrayList":
        told = ", ".join(_java_element(each, inner) for each in values)
        return f"new ArrayList<>(Arrays.asList({told}))" if values else "new ArrayList<>()"
    told = ", ".join(each if isinstance(each, str) else _java_number(each, inner) for each in values)
    return f"new Object[]{{{told}}}"  # whose texts the checker wants without quotes


def _java_element(value: Any, kind: str) -> str:
    return f'"{value}"' if isinstance(value, str) else _java_number(value, kind)


def _java_number(value: Any, kind: str) -> str:
    ending = {"float": "f", "long": "L"}.get(kind, "")
    return json.dumps(value) + ("" if isinstance(value, bool) else ending)


def _javascript(value: Any, described: Mapping[str, Any]) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value) + ("n" if described["type"] == "Bigint" and not isinstance(value, bool) else "")
