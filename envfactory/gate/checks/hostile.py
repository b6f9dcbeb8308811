"""Arguments as a confused or hostile caller sends them: wrong in one place, or odd but admitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envfactory.bench.inputs.facts import Leaf, ToolFacts
from envfactory.bench.inputs.vary import replaced
from envfactory.environments.contract import Contract, Parameter

Arguments = dict[str, Any]
_DEEP: Any = [[[[[[{"a": [None, {"b": [[]]}]}]]]]]]
JUNK: tuple[Any, ...] = (
    True,
    "",
    "x",
    "12",
    "٢٠٢٦",
    "a\x00b",
    "\ud800",
    "DROP TABLE x",
    "2026-02-31",
    "2026-13-01",
    "٢٠٢٦-٠٥-٢٠",
    "2026-05-20T25:00:00Z",
    "2026-5-2",
    0,
    -1,
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    2**63,
    -(2**63) - 1,
    10**300,
    "y" * 100_000,
    [],
    {},
    _DEEP,
    {"$ne": None},
)
NOT_OBJECTS: tuple[Any, ...] = (None, [], "x", 5, [["customer_id", 1]])


def wrong_arguments(contract: Contract, facts: ToolFacts, accepted: Arguments) -> Iterator[tuple[str, Any]]:
    """Yield (what is wrong, arguments), each wrong in one place."""
    for value in NOT_OBJECTS:
        yield "not an object", value
    yield "unknown parameter", {**accepted, "no_such_parameter": 1}
    yield "unknown parameter", {**accepted, "\ud800%s": "x"}
    for name, parameter in contract.parameters.items():
        if parameter.required:
            yield "missing", {other: value for other, value in accepted.items() if other != name}
            yield "missing", {**accepted, name: None}
        if parameter.type in ("array", "object"):
            yield from (("ill-typed", {**accepted, name: value}) for value in JUNK if not _admitted(parameter, value))
            yield from _wrong_lengths(name, parameter, accepted)
    for path, leaf in facts.leaves.items():
        for what, value in _wrong_values(leaf):
            yield from ((what, made) for made in replaced(accepted, path, value, contract.parameters))


def extreme_arguments(contract: Contract, facts: ToolFacts, accepted: Arguments) -> Iterator[Arguments]:
    """Yield arguments that are admitted, with one value at the end of what its schema allows."""
    for path, leaf in facts.leaves.items():
        for value in _extremes(leaf.parameter):
            if leaf.admits(value):
                yield from replaced(accepted, path, value, contract.parameters)


def _admitted(parameter: Parameter, value: Any) -> bool:
    return Leaf("", parameter, ()).admits(value)


def _wrong_lengths(name: str, parameter: Parameter, accepted: Arguments) -> Iterator[tuple[str, Arguments]]:
    items = accepted.get(name)
    if parameter.type == "array" and items:
        for wrong in (items * 200, items[:1] * ((parameter.max_items or 100) + 1)):
            yield "out of range", {**accepted, name: wrong}
        if parameter.min_items:
            yield "out of range", {**accepted, name: items[: parameter.min_items - 1]}
        if parameter.unique_items:
            yield "out of range", {**accepted, name: [items[0], items[0]]}


def _wrong_values(leaf: Leaf) -> Iterator[tuple[str, Any]]:
    parameter = leaf.parameter
    outside: list[Any] = []
    if parameter.minimum is not None:
        outside.append(parameter.minimum - 1)
    if parameter.maximum is not None:
        outside.append(parameter.maximum + 1)
    if parameter.max_length is not None:
        outside.append("x" * (parameter.max_length + 1))
    if parameter.enum:
        outside += ["no such choice", str(parameter.enum[0]).swapcase()]
    yield from (("out of range", value) for value in outside if not leaf.admits(value))
    yield from (("ill-typed", value) for value in JUNK if not leaf.admits(value))


def _extremes(parameter: Parameter) -> list[Any]:
    if parameter.enum is not None or parameter.type == "boolean":
        return []
    if parameter.type in ("integer", "number"):
        return [v for v in (parameter.minimum, parameter.maximum) if v is not None] + [2**63 - 1, -(2**63), 0]
    if parameter.format == "date":
        return ["0001-01-01", "9999-12-31", "2028-02-29"]
    if parameter.format == "date-time":
        return ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    return ["x" * (parameter.max_length or 20_000), "", " ", "%", "'", "\u202e\u0000"[:1], "\x7f", "🛶" * 5, "null"]
