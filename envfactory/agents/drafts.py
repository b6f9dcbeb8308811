"""A design as a language model writes it: whole at first, afterwards only the parts that it corrects.

Tables of the seed may be written short (column names once), or as a SELECT over the tables before, for calendars and
the like. Contracts are judged one by one, so that every fault is told at once and by the name of its tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, SkipValidation, ValidationError

from envfactory.environments.artefact import dump
from envfactory.environments.contract import Contract, Contracts, Invariant, Lifecycle, Strict
from envfactory.errors import BadAnswer, DesignError
from envfactory.sandbox.pool import HandlerFault
from envfactory.sandbox.session import Worker
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.design import Design, Rows
from envfactory.synthesis.seed.bench import SeedBench

_SHOWN_FAULTS = 12
Part = TypeVar("Part", bound=BaseModel)
Named = dict[str, Any]


class Short(Strict):
    """Rows with the names of their columns said once."""

    columns: list[str]
    rows: list[list[Any]]


class Query(Strict):
    """Rows that a SELECT gives over the tables given as rows, those of SELECTs before it, days(n, date) and numbers(n)."""

    select: str


Seeding = Query | Short | list[dict[str, Any]]


class DesignAnswer(Strict):
    """The schema designer's answer: everything at first; after a refusal the parts that change.

    A contract that is not well formed is told of together with all others, hence the validation by hand.
    """

    schema_sql: str | None = None
    seed_rows: dict[str, Seeding] = {}
    now: str | None = None
    tools: list[SkipValidation[Contract]] = []
    invariants: list[SkipValidation[Invariant]] = []
    lifecycles: list[SkipValidation[Lifecycle]] = []
    principal: str | None = None


class ChangedRow(Strict):
    """Rows of a table with these values get others, or go (where `set` is left out)."""

    table: str
    where: dict[str, Any]
    set: dict[str, Any] | None = None


class DesignChange(DesignAnswer):
    """A reviser's changes of a design: tools, invariants and life cycles by name, tables whole or row by row."""

    added_rows: dict[str, list[dict[str, Any]] | Short] = {}
    changed_rows: list[ChangedRow] = []
    dropped_tools: list[str] = []
    dropped_invariants: list[str] = []


class Draft:
    """A design under way. `base` is what a reviser starts from; a designer starts from nothing."""

    def __init__(self, base: Design | None = None) -> None:
        self._schema = base.schema_sql if base else None
        self._seed: dict[str, Seeding] = dict(base.seed_rows) if base else {}
        self._contracts: Named = dump(base.contracts) if base else {}

    def take(self, answer: DesignAnswer) -> None:
        """Take over what an answer says; what it leaves out stays."""
        self._schema = answer.schema_sql or self._schema
        self._seed |= answer.seed_rows
        told = {"now": answer.now, "principal": answer.principal}
        self._contracts |= {key: value for key, value in told.items() if value is not None}
        for part, key in (("tools", "name"), ("invariants", "name"), ("lifecycles", "table")):
            self._contracts[part] = _merged(self._contracts.get(part, []), getattr(answer, part), key)
        if isinstance(answer, DesignChange):
            self._change(answer)

    def _change(self, change: DesignChange) -> None:
        dropped = {"tools": change.dropped_tools, "invariants": change.dropped_invariants}
        for part, names in dropped.items():
            self._contracts[part] = [each for each in self._contracts[part] if each.get("name") not in names]
        for life in self._contracts.get("lifecycles", []):
            moves = life.get("transitions", {})
            life["transitions"] = {tool: pairs for tool, pairs in moves.items() if tool not in change.dropped_tools}
        for each in change.changed_rows:
            self._seed[each.table] = _changed(self._rows(each.table), each)
        for table, added in change.added_rows.items():
            self._seed[table] = [*self._rows(table), *_spelled(added)]

    def _rows(self, table: str) -> list[Named]:
        rows = self._seed.get(table, [])
        if isinstance(rows, Query):
            raise BadAnswer(f"{table} is filled by a SELECT; correct that, or give its rows")
        return _spelled(rows)

    def design(self, tier: str) -> Design:
        """Return the product, its seed filled in the sandbox; BadAnswer with all that is wrong with its parts."""
        if not self._schema or not self._seed or not self._contracts.get("tools") or "now" not in self._contracts:
            raise BadAnswer("a whole design has schema_sql, seed_rows, now and tools; some of these are missing")
        contracts = _contracts(self._contracts)
        rows = filled(self._schema, contracts.now, self._seed, tier)
        return Design(schema_sql=self._schema, seed_rows=rows, contracts=contracts, notes=[])


def filled(schema: str, now: str, seed: Mapping[str, Seeding], tier: str) -> Rows:
    """Fill the tables in the sandbox, SELECTs last, and return all rows; BadAnswer with those that do not fit."""
    ordered = sorted(seed.items(), key=lambda item: isinstance(item[1], Query))
    with shared_sandbox(tier).open() as worker:
        try:
            bench = SeedBench(worker, schema, now, 0)
            faults = [fault for table, rows in ordered for fault in _inserted(bench, table, rows)]
            faults += _dangling(bench)
            if faults:
                raise BadAnswer("the seed does not fit the schema:\n" + listed(faults))
            return _all_rows(worker, bench)
        except DesignError as error:
            raise BadAnswer(f"the seed cannot be made: {error}") from error
        except HandlerFault as error:
            raise BadAnswer(f"it does not load: {error.message}") from error


def listed(faults: list[str]) -> str:
    """Return faults as a list of which the first few are shown."""
    more = len(faults) - _SHOWN_FAULTS
    return "\n".join(f"- {fault}" for fault in [*faults[:_SHOWN_FAULTS], *([f"and {more} more"] if more > 0 else [])])


def _inserted(bench: SeedBench, table: str, rows: Seeding) -> Iterator[str]:
    given = bench.select(rows.select, f"seed_rows.{table}") if isinstance(rows, Query) else _spelled(rows)
    for number, (row, fault) in enumerate(zip(given, bench.insert(table, given, []), strict=True), 1):
        if fault is not None:
            yield f"row {number} of {table} ({', '.join(str(value) for value in list(row.values())[:3])}): {fault}"


def _dangling(bench: SeedBench) -> list[str]:
    found = bench.select('SELECT "table" AS own, rowid AS row, parent FROM pragma_foreign_key_check', "seed_rows")
    return [f"row {each['row']} of {each['own']} refers to a missing row of {each['parent']}" for each in found]


def _all_rows(worker: Worker, bench: SeedBench) -> Rows:
    listing = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    tables = [row["name"] for row in bench.select(listing, "schema_sql")]
    rows: Rows = worker.request("seed_rows", {"tables": tables})
    return rows


def _spelled(rows: Short | list[Named]) -> list[Named]:
    """Return rows as objects."""
    if isinstance(rows, list):
        return rows
    uneven = [row for row in rows.rows if len(row) != len(rows.columns)]
    if uneven:
        raise BadAnswer(f"{uneven[0]} has {len(uneven[0])} values for the columns {', '.join(rows.columns)}")
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]


def _changed(rows: list[Named], change: ChangedRow) -> list[Named]:
    meant = [all(row.get(column) == value for column, value in change.where.items()) for row in rows]
    if not any(meant):
        raise BadAnswer(f"changed_rows: {change.table} has no row with {change.where}")
    instead = [] if change.set is None else [change.set]
    return [new for row, hit in zip(rows, meant, strict=True) for new in ([row | s for s in instead] if hit else [row])]


def _merged(old: list[Named], new: list[Any], key: str) -> list[Named]:
    """Return parts replaced by name; a contract that is replaced still comes from the operation it came from."""
    named = {str(each.get(key)): each for each in old}
    for each in (part if isinstance(part, dict) else {key: part} for part in new):
        before = named.get(str(each.get(key)), {})
        named[str(each.get(key))] = {**each, "source": before["source"]} if "source" in before else each
    return list(named.values())


def _contracts(parts: Named) -> Contracts:
    faults: list[str] = []
    for part, model in (("tools", Contract), ("invariants", Invariant), ("lifecycles", Lifecycle)):
        for each in parts.get(part, []):
            faults += _faults(each, f"{part} {each.get('name') or each.get('table')}", model)
    if faults:
        raise BadAnswer("these are not well formed:\n" + listed(faults))
    try:
        return Contracts.model_validate(parts)
    except ValidationError as error:
        raise BadAnswer(f"the contracts do not fit together: {error.errors()[0]['msg']}") from error


def _faults(given: Named, place: str, model: type[BaseModel]) -> list[str]:
    """Return what is wrong with one part; of a union's alternatives only those that come nearest."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        told = {".".join(map(str, fault["loc"])) or "as a whole": fault["msg"] for fault in error.errors()}
        return [f"{place}: {where}: {message}" for where, message in list(told.items())[:4]]
    return []
