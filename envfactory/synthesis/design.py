"""From an annotated resource to a design: schema, contracts, seed data (the `schema_designer` of the rules backend)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field

from envfactory.environments.contract import Contracts, Strict
from envfactory.errors import DesignError
from envfactory.resources.model import Resource
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Worker
from envfactory.synthesis.contracts import played_operations, write_contracts
from envfactory.synthesis.ddl import schema_sql
from envfactory.synthesis.seed import naming
from envfactory.synthesis.seed.bench import SeedBench
from envfactory.synthesis.seed.draws import bench_seed
from envfactory.synthesis.seed.plan import fill_tables
from envfactory.synthesis.seed.play import Player, final_rows, load_contracts
from envfactory.synthesis.tables import Tables, read_tables

Rows = dict[str, list[dict[str, Any]]]


class Design(Strict):
    """What an environment is before it has code: schema, initial rows, contracts, and remarks for its author."""

    schema_sql: str
    seed_rows: Rows
    contracts: Contracts
    notes: list[str] = Field(default_factory=list)


def design_environment(resource: Resource, operation_ids: Sequence[str] | None, *, seed: int, worker: Worker) -> Design:
    """Design an environment of the chosen operations (all, if None); SQL of the document runs in `worker` only.

    Raises DesignError naming what in the document is contradictory or incomplete, and what to write.
    """
    notes = [f"{resource.title}: {warning}" for warning in resource.warnings]
    tables = read_tables(resource)
    contracts = write_contracts(resource, tables, operation_ids, notes)
    schema = schema_sql(tables)
    try:
        rows = _seed_rows(tables, _with_played(resource, tables, contracts), schema, seed, worker, notes)
    except HandlerFault as fault:
        raise DesignError(f"{resource.title}: the design does not run: {fault.message}") from fault
    notes += _late_rows(tables, rows, contracts.now)
    return Design(schema_sql=schema, seed_rows=rows, contracts=contracts, notes=notes)


def _with_played(resource: Resource, tables: Tables, contracts: Contracts) -> Contracts:
    """The contracts with those of tools that are played for seed data though they were not chosen."""
    chosen = {tool.source.operation for tool in contracts.tools if tool.source}
    missing = [operation for operation in played_operations(resource, tables) if operation not in chosen]
    if not missing:
        return contracts
    others = write_contracts(resource, tables, missing, []).tools
    return contracts.model_copy(update={"tools": [*contracts.tools, *others]})


def _seed_rows(tables: Tables, contracts: Contracts, schema: str, seed: int, worker: Worker, notes: list[str]) -> Rows:
    bench = SeedBench(worker, schema, contracts.now, bench_seed(seed))
    fill_tables(tables, contracts, bench, seed, notes)
    image = bench.image()
    if any(table.seed and table.seed.calls for table in tables.values()):
        load_contracts(worker, contracts, image)
        Player(tables, contracts, worker, seed, notes).play()
    rows = final_rows(worker, tables)
    broken = _broken_invariants(contracts, schema, rows, worker)
    notes += [f"the seed data breaks the invariant {name}" for name in broken]
    return rows


def _late_rows(tables: Tables, rows: Rows, now: str) -> Iterator[str]:
    """Remarks on rows that were made, by their own word, after the clock of the environment."""
    for table in tables.values():
        made = [each.name for each in table.columns.values() if each.read_only and naming.is_made(each.name)]
        for column in made:
            late = [row for row in rows[table.name] if isinstance(row[column], str) and row[column] > now]
            if late:
                key = ", ".join(str(late[0][name]) for name in table.key)
                yield f"seed of {table.name}: {len(late)} rows have {column} after the clock, for instance {key}"


def _broken_invariants(contracts: Contracts, schema: str, rows: Rows, worker: Worker) -> list[str]:
    payload: dict[str, Any] = {
        "contracts": [],
        "now": contracts.now,
        "tools": None,
        "schema": schema,
        "seed_rows": rows,
    }
    worker.request("load", payload, deadline=60.0)
    expressions = {invariant.name: invariant.sql for invariant in contracts.invariants}
    answers = worker.request("check", {"expressions": expressions}, deadline=60.0)
    return [name for name, holds in answers.items() if holds is not True]
