"""Contracts whose effects are wrong in ways a person might write them, and whether the state shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from envfactory.bench.bench import Bench
from envfactory.bench.sql.schema import Column, Schema
from envfactory.environments.contract import Contract, Delete, Effect, Insert, Invariant, Update, effect_table
from envfactory.sandbox.session import Observation, Probe, Session


class Wrong(NamedTuple):
    """One way to be wrong: which table it concerns, how, and the effects."""

    table: str
    how: str
    effects: list[dict[str, Any]]


def wrong_writes(tool: Contract, schema: Schema) -> Iterator[Wrong]:
    """Yield the contract's effects, each time wrong in one place."""
    plain = [effect.model_dump(mode="json", exclude_defaults=True) for effect in tool.effects]
    for number, effect in enumerate(tool.effects):
        table = effect_table(effect)
        before, after = plain[:number], plain[number + 1 :]
        yield Wrong(table, f"{_kind(effect)} dropped", [*before, *after])
        if not isinstance(effect, Delete):
            yield Wrong(
                table, f"{_kind(effect)} done twice", [*before, plain[number], *_again(effect, plain[number]), *after]
            )
            for how, changed in _changed(effect, plain[number], schema):
                yield Wrong(table, how, [*before, changed, *after])


def play_wrong(bench: Bench, tool: Contract, wrong: list[Wrong], bases: list[Probe]) -> list[tuple[Wrong, str]]:
    """Return each wrong write with what noticed it in one of the calls: an invariant, `constraint`, or nothing.

    The invariants are read as part of each wrong contract's own result, that is after its effects.
    """
    plain = tool.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    contracts = [
        {
            **plain,
            "name": f"{tool.name}__wrong_{number}",
            "kind": "write",
            "effects": item.effects,
            "result": _first_broken(bench.contracts.invariants),
        }
        for number, item in enumerate(wrong)
    ]
    spec = {**bench.oracle_spec, "contracts": [*bench.oracle_spec["contracts"], *contracts]}
    noticed = [""] * len(wrong)
    with Session(bench.open_worker, spec) as session:
        for base in bases:  # what one call shows need not be tried in another: the invariants cost more than the calls
            open_ = [number for number, by in enumerate(noticed) if not by]
            seen = session.probe(base._replace(tool=contracts[number]["name"]) for number in open_)
            for number, observed in zip(open_, seen, strict=True):
                noticed[number] = _notice(observed)
    return list(zip(wrong, noticed, strict=True))


def _notice(observed: Observation) -> str:
    if observed.status == "crash":
        return "constraint"
    return str(observed.outcome["result"]) if observed.ok else ""


def _first_broken(invariants: Iterable[Invariant]) -> str:
    """Return the SQL that names an invariant which does not hold, or is empty: the simple ones are looked at first."""
    ordered = sorted(invariants, key=lambda invariant: invariant.sql.upper().count("SELECT"))
    named = ((invariant.sql, invariant.name.replace("'", "''")) for invariant in ordered)
    cases = "".join(f" WHEN NOT (({sql}) IS TRUE) THEN '{name}'" for sql, name in named)
    return f"CASE{cases} ELSE '' END" if cases else "''"


def _kind(effect: Effect) -> str:
    return type(effect).__name__.lower()


def _again(effect: Effect, plain: dict[str, Any]) -> list[dict[str, Any]]:
    """The effect a second time; an inserted row keeps its key only where it has no other than the id."""
    if isinstance(effect, Insert):
        fresh = {
            column: {"new_id": "twin"} if isinstance(value, dict) else value for column, value in plain["set"].items()
        }
        fresh |= {column: {"new_id": "twin"} for column in plain["set"] if column == "id"}
        return [{**plain, "set": fresh}]
    return [plain]


def _changed(effect: Insert | Update, plain: dict[str, Any], schema: Schema) -> Iterator[tuple[str, dict[str, Any]]]:
    table = effect_table(effect)
    for name, value in effect.set.items():
        column = schema.column(table, name)
        if column is None or not isinstance(value, str):
            continue
        for wrong in _wrong_values(column, value):
            yield f"{name} = {wrong}"[:120], {**plain, "set": {**plain["set"], name: wrong}}
        if isinstance(effect, Update) and len(effect.set) > 1:
            yield f"{name} not set", {**plain, "set": {k: v for k, v in plain["set"].items() if k != name}}


def _wrong_values(column: Column, value: str) -> list[str]:
    if column.values:
        others = [f"'{item}'" if isinstance(item, str) else str(item) for item in column.values]
        return [other for other in others if other != value][:3]
    if column.type in ("INTEGER", "REAL"):
        return [f"({value}) + 1", f"({value}) * 2", "0"]
    return []
