"""Plays the same random calls through the contracts and through code, and compares what each of them does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from envfactory.environments.contract import Contract, Contracts, Parameter
from envfactory.runtime.host import Host

Rows = dict[str, list[dict[str, Any]]]
_WORDS = ["", "a", "Lisbon", "café", "it's", "100%", "\\n", "Z", "zebra", "été"]


def spec(contracts: Contracts, schema: str, rows: Rows, tools: str | None) -> dict[str, Any]:
    """The payload of the op `load`."""
    dumped = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in contracts.tools]
    return {"contracts": dumped, "now": contracts.now, "schema": schema, "seed_rows": rows, "tools": tools}


def differences(contracts: Contracts, schema: str, rows: Rows, tools: str, seed: int, calls: int) -> Iterator[str]:
    """Yield a line for every call after which code and contracts differ in outcome or changes."""
    oracle, code = Host(), Host()
    oracle.handle("load", spec(contracts, schema, rows, None))
    code.handle("load", spec(contracts, schema, rows, tools))
    played = list(random_calls(contracts, rows, random.Random(seed), calls))
    expected, found = (host.handle("walk", {"calls": played})["steps"] for host in (oracle, code))
    for (tool, arguments), wanted, got in zip(played, expected, found, strict=True):
        wanted["outcome"].pop("codes", None)
        if wanted != got or kinds(wanted) != kinds(got):
            yield f"{tool} {arguments}\n  contract: {wanted}\n  code:     {got}"


def accepted(contracts: Contracts, schema: str, rows: Rows, seed: int, calls: int) -> set[str]:
    """The tools that accept at least one of the random calls."""
    oracle = Host()
    oracle.handle("load", spec(contracts, schema, rows, None))
    played = list(random_calls(contracts, rows, random.Random(seed), calls))
    steps = oracle.handle("walk", {"calls": played})["steps"]
    return {tool for (tool, _), step in zip(played, steps, strict=True) if step["outcome"]["status"] == "ok"}


def kinds(value: Any) -> Any:
    """The types within a value, so that 1 differs from true and from 1.0."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    return [kinds(inner) for inner in value] if isinstance(value, list) else type(value)


def random_calls(
    contracts: Contracts, rows: Rows, rng: random.Random, calls: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield calls whose arguments come from the rows where a parameter refers to them, else from its type."""
    for _ in range(calls):
        contract = rng.choice(contracts.tools)
        yield contract.name, dict(_arguments(contract, rows, contracts.now, rng))


def _arguments(contract: Contract, rows: Rows, now: str, rng: random.Random) -> Iterator[tuple[str, Any]]:
    for name, parameter in contract.parameters.items():
        if parameter.required or rng.random() < 0.6:
            yield name, _value(parameter, rows, now, rng)


def _value(parameter: Parameter, rows: Rows, now: str, rng: random.Random) -> Any:
    if parameter.ref and rng.random() < 0.95:
        table, _, column = parameter.ref.partition(".")
        return rng.choice([row[column] for row in rows[table]] or [""])
    if parameter.enum:
        return rng.choice(parameter.enum)
    if parameter.type == "array":
        return [_value(parameter.items or Parameter(type="string"), rows, now, rng) for _ in range(rng.randrange(4))]
    if parameter.type == "object":
        fields = parameter.properties or {}
        return {
            name: _value(field, rows, now, rng)
            for name, field in fields.items()
            if field.required or rng.random() < 0.6
        }
    return _scalar(parameter, now, rng)


def _scalar(parameter: Parameter, now: str, rng: random.Random) -> Any:
    if parameter.format == "date":
        return f"{now[:8]}{rng.randrange(1, 29):02d}"
    if parameter.format == "email":
        return "someone@example.org"
    low, high = int(parameter.minimum or 0), int(parameter.maximum or 12)
    drawn: Mapping[str, Any] = {
        "boolean": rng.random() < 0.5,
        "integer": rng.randint(low, high),
        "number": rng.choice([rng.randint(low, high), round(rng.uniform(low, high), 2)]),
        "string": rng.choice(_WORDS),
    }
    return drawn[parameter.type]
