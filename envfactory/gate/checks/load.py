"""load: schema, seed, contracts and code load; keys, CHECKs and invariants hold; the seed gives something to choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envfactory.bench.bench import Bench
from envfactory.bench.inputs.facts import scalars
from envfactory.environments.contract import Contracts, Insert
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.sandbox import HandlerFault

LEAST_ROWS, LEAST_IN_LARGEST, LEAST_CHOICES = 20, 8, 2
_ENOUGH_TO_VARY = 5
_SHARE_CONSTANT = 0.5
Tables = dict[str, list[dict[str, Any]]]


def load(bench: Bench) -> CheckResult:
    """Load everything afresh, then ask the database about its own soundness and the seed about its variety."""
    faults = list(_loading(bench))
    if faults:
        return verdict("load", faults, passed="", failed="it does not load", measured={}, rfc008=["static.manifest"])
    tables = bench.tables
    faults = [*_integrity(bench), *_invariants(bench), *_triviality(tables, bench.contracts)]
    rows = sum(map(len, tables.values()))
    return verdict(
        "load",
        faults,
        passed=f"{len(tables)} tables with {rows} rows; {len(bench.contracts.invariants)} invariants hold",
        failed="the seed has {} faults",
        measured={"tables": len(tables), "rows": rows, "invariants": len(bench.contracts.invariants)},
        rfc008=["static.manifest", "runtime.tool_declaration_accuracy"],
    )


def _loading(bench: Bench) -> Iterator[Evidence]:
    for part, session in (("contracts, schema and seed", bench.oracle), ("tools.py", bench.code)):
        try:
            session.request("check", {"expressions": {}})
        except HandlerFault as fault:
            yield {"part": part, "message": fault.message}
            return


def _integrity(bench: Bench) -> Iterator[Evidence]:
    for row in bench.oracle.query("PRAGMA integrity_check"):
        if row["integrity_check"] != "ok":
            yield {"part": "schema.sql", "message": row["integrity_check"]}
    for row in bench.oracle.query("PRAGMA foreign_key_check"):
        yield {
            "part": "seed.json",
            "table": row["table"],
            "message": f"row {row['rowid']} refers to no row of {row['parent']}",
        }


def _invariants(bench: Bench) -> Iterator[Evidence]:
    held = bench.oracle.check({invariant.name: invariant.sql for invariant in bench.contracts.invariants})
    for name, answer in held.items():
        if answer is not True:
            yield {"part": "seed.json", "invariant": name, "message": "does not hold" if answer is False else answer}


def _triviality(tables: Tables, contracts: Contracts) -> Iterator[Evidence]:
    sizes = {name: len(rows) for name, rows in tables.items()}
    if sum(sizes.values()) < LEAST_ROWS or max(sizes.values(), default=0) < LEAST_IN_LARGEST:
        yield {"part": "seed.json", "message": f"{sum(sizes.values())} rows are too few to make choices real"}
    filled = {effect.insert for tool in contracts.tools for effect in tool.effects if isinstance(effect, Insert)}
    for name, rows in tables.items():
        if not rows and name not in filled:
            yield {"part": "seed.json", "table": name, "message": "is empty, and no tool fills it"}
        elif len(rows) >= _ENOUGH_TO_VARY:
            yield from _constant(name, rows)
    yield from _choices(tables, contracts, filled)
    for cycle in contracts.lifecycles:
        states = {row.get(cycle.column) for row in tables.get(cycle.table, [])}
        if len(states) < LEAST_CHOICES and tables.get(cycle.table):
            yield {"part": "seed.json", "table": cycle.table, "message": f"every row has the {cycle.column} {states}"}


def _constant(table: str, rows: list[dict[str, Any]]) -> Iterator[Evidence]:
    constant = [column for column in rows[0] if len({repr(row[column]) for row in rows}) == 1]
    if len(constant) > _SHARE_CONSTANT * len(rows[0]):
        message = f"has the same {', '.join(constant)} in all of its {len(rows)} rows"
        yield {"part": "seed.json", "table": table, "message": message}


def _choices(tables: Tables, contracts: Contracts, filled: set[str]) -> Iterator[Evidence]:
    """A parameter that names a row needs rows to choose among (unless a tool makes them)."""
    refs = {parameter.ref for tool in contracts.tools for _, parameter in scalars(tool.parameters) if parameter.ref}
    for ref in sorted(refs):
        table, column = ref.split(".")
        values = {row.get(column) for row in tables.get(table, [])}
        if len(values) < LEAST_CHOICES and table not in filled:
            yield {"part": "seed.json", "table": table, "message": f"{column} has {len(values)} values to choose among"}
