"""contracts.json against the schema: what is referred to exists, expressions compile, orders are total, all is pure."""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.bench.sql.parse import UnreadableSqlError, statement
from envfactory.bench.sql.purity import timed_parameters
from envfactory.bench.sql.queries import outputs
from envfactory.bench.sql.templates import Part, result_parts
from envfactory.environments.contract import (
    Contract,
    Contracts,
    Delete,
    Effect,
    IdStep,
    Insert,
    Parameter,
    RowStep,
    Update,
    effect_table,
    step_expression,
)
from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.running import Desk
from envfactory.runtime.expressions import translate

FILE = "contracts.json"


def agreement_findings(contracts: Contracts, desk: Desk) -> Iterator[Finding]:
    """Yield every objection to the contracts."""
    for contract in contracts.tools:
        yield from _ContractReader(contract, desk).findings()
    for invariant in contracts.invariants:
        for objection in desk.objections(f"SELECT ({invariant.sql}) AS value", use="truth"):
            yield Finding(objection.rule, f"{FILE} invariants.{invariant.name}", objection.message, objection.remedy)
    for cycle in contracts.lifecycles:
        yield from _lifecycle(contracts, cycle.table, cycle.column, list(cycle.transitions), desk)
    if contracts.principal is not None and contracts.principal not in desk.schema.tables:
        yield Finding(
            "schema", f"{FILE} principal", f"there is no table {contracts.principal}", "name an existing table, or none"
        )


def _lifecycle(contracts: Contracts, table: str, column: str, tools: list[str], desk: Desk) -> Iterator[Finding]:
    where = f"{FILE} lifecycles.{table}"
    if desk.schema.column(table, column) is None:
        yield Finding("schema", where, f"there is no column {table}.{column}", "name an existing column")
    known = {tool.name for tool in contracts.tools}
    for tool in tools:
        if tool not in known:
            yield Finding("schema", where, f"{tool} is no tool", "name an existing tool")


def free_texts(contract: Contract) -> set[str]:
    """Return the string parameters whose text is neither a time by format nor one of a few values."""
    return {
        name
        for name, parameter in contract.parameters.items()
        if parameter.type == "string" and not _is_bounded(parameter)
    }


def _is_bounded(parameter: Parameter) -> bool:
    return parameter.enum is not None or parameter.format in ("date", "date-time", "time")


class _ContractReader:
    """Reads one contract with the columns of its looked-up rows in mind."""

    def __init__(self, contract: Contract, desk: Desk) -> None:
        self._contract = contract
        self._desk = desk
        self._rows: dict[str, set[str]] = {}

    def findings(self) -> Iterator[Finding]:
        for name, parameter in self._contract.parameters.items():
            yield from self._parameter(f"parameters.{name}", parameter)
        for number, step in enumerate(self._contract.steps):
            place = f"steps[{number}]"
            if isinstance(step, RowStep):
                yield from self._query(place, step.row, "first")
                self._rows[step.let] = self._columns(step.row)
            elif not isinstance(step, IdStep) or step.when:
                yield from self._expression(place, step_expression(step))
        for number, effect in enumerate(self._contract.effects):
            yield from self._effect(f"effects[{number}]", effect)
        for part in result_parts(self._contract):
            yield from self._part(part)

    def _finding(self, rule: str, place: str, message: str, remedy: str) -> Finding:
        return Finding(rule, f"{FILE} {self._contract.name}.{place}", message, remedy, self._contract.name)

    def _parameter(self, place: str, parameter: Parameter) -> Iterator[Finding]:
        if parameter.ref:
            table, _, column = parameter.ref.partition(".")
            if self._desk.schema.column(table, column) is None:
                yield self._finding(
                    "ref", place, f"there is no column {parameter.ref}", "refer to an existing table.column"
                )
        if parameter.items is not None:
            yield from self._parameter(f"{place}.items", parameter.items)
        for name, field in (parameter.properties or {}).items():
            yield from self._parameter(f"{place}.properties.{name}", field)

    def _query(self, place: str, text: str, use: str) -> Iterator[Finding]:
        yield from self._statement(place, text, use)
        yield from self._names(place, text)

    def _expression(self, place: str, text: str) -> Iterator[Finding]:
        yield from self._statement(place, f"SELECT ({text}) AS value", "truth")
        yield from self._names(place, text)

    def _statement(self, place: str, text: str, use: str) -> Iterator[Finding]:
        for objection in self._desk.objections(text, use=use):
            yield self._finding(objection.rule, place, f"{objection.message}: {text}", objection.remedy)

    def _names(self, place: str, text: str) -> Iterator[Finding]:
        """Yield the `$row.column` that no row has."""
        translated = translate(text)
        for name in sorted(translated.names):
            let, _, column = name.partition("__")
            if let in self._rows and column and column not in self._rows[let]:
                remedy = f"${let} has: {', '.join(sorted(self._rows[let]))}"
                yield self._finding("column", place, f"${let} has no column {column}", remedy)
        for name in sorted(timed_parameters(text) & free_texts(self._contract)):
            yield self._finding(
                "clock",
                place,
                f":{name} is read as a time but may be any text, 'now' for one",
                f"give {name} a date format",
            )

    def _columns(self, row: str) -> set[str]:
        try:
            return {output.name for output in outputs(statement(row), self._desk.schema)} - {"rowid"}
        except UnreadableSqlError:
            return set()

    def _effect(self, place: str, effect: Effect) -> Iterator[Finding]:
        table = self._desk.schema.tables.get(effect_table(effect))
        if table is None:
            yield self._finding("effect", place, f"there is no table {effect_table(effect)}", "write an existing table")
            return
        if effect.when:
            yield from self._expression(f"{place}.when", effect.when)
        columns = list(effect.set) if isinstance(effect, Insert | Update) else []
        for column in columns:
            if column not in table.columns:
                yield self._finding(
                    "effect",
                    place,
                    f"there is no column {table.name}.{column}",
                    f"{table.name} has: {', '.join(table.columns)}",
                )
        if isinstance(effect, Insert):
            yield from self._insert(place, effect)
        elif set(columns) <= set(table.columns):
            yield from self._statement(place, _change_sql(effect), "write")
            for text in [effect.where, *(effect.set.values() if isinstance(effect, Update) else ())]:
                yield from self._names(place, text)

    def _insert(self, place: str, effect: Insert) -> Iterator[Finding]:
        fresh = any(isinstance(value, dict) for value in effect.set.values())
        if effect.each:
            yield from self._query(f"{place}.each", effect.each, "rows" if fresh else "unordered")
            self._rows["each"] = self._columns(effect.each)
        for column, value in effect.set.items():
            if isinstance(value, str):
                yield from self._expression(f"{place}.set.{column}", value)
        self._rows.pop("each", None)
        yield from self._missing(place, effect)

    def _missing(self, place: str, effect: Insert) -> Iterator[Finding]:
        table = self._desk.schema.tables[effect.insert]
        for column in table.columns.values():
            numbered = table.primary_key == (column.name,) and column.type == "INTEGER"
            needed = (column.not_null or column.name in table.primary_key) and not numbered
            if needed and column.default is None and column.name not in effect.set:
                yield self._finding(
                    "effect",
                    place,
                    f"gives no value for {table.name}.{column.name}",
                    "set every column that may not be null",
                )

    def _part(self, part: Part) -> Iterator[Finding]:
        place = f"result.{part.place}"
        if part.kind in ("value", "boolean"):
            yield from self._expression(place, part.text)
            return
        yield from self._query(place, part.text, "rows" if part.kind == "rows" else "first")
        columns = self._columns(part.text)
        for name in part.shaped:
            if columns and name not in columns:
                remedy = f"they have: {', '.join(sorted(columns))}"
                yield self._finding("column", place, f"the rows have no column {name}", remedy)


def _change_sql(effect: Update | Delete) -> str:
    """Return an update or delete as the interpreter runs it."""
    if isinstance(effect, Update):
        assignments = ", ".join(f"{column} = ({value})" for column, value in effect.set.items())
        return f"UPDATE {effect.update} SET {assignments} WHERE {effect.where}"
    return f"DELETE FROM {effect.delete} WHERE {effect.where}"
