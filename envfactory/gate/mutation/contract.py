"""Faulty versions of a contract: what generated inputs must tell apart before any code exists.

An input that notices that a rule is gone, or off by one, is what makes `conforms` a proof; where no input does, the
seed lacks the rows that would show it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from envfactory.bench.sql.parse import UnreadableSqlError, statement
from envfactory.bench.sql.queries import outputs
from envfactory.bench.sql.schema import Schema
from envfactory.environments.artefact import dump
from envfactory.environments.contract import Contract
from envfactory.gate.mutation.faults import delta
from envfactory.gate.mutation.sql import CONTROL, sql_mutants

MUST_SHOW = frozenset({"dropped-guard", "dropped-lookup", "dropped-effect", "wrong-code"})
Data = dict[str, Any]
Path = tuple[str | int, ...]


class ContractMutant(NamedTuple):
    """One faulty contract, as plain data. `place` and `what` show the change, `code` the error code it is about.

    `text` and `mutated` are the SQL before and after, where the fault is inside SQL.
    """

    tool: str
    kind: str
    place: str
    what: str
    contract: Data
    code: str = ""
    text: str = ""
    mutated: str = ""


def contract_mutants(contract: Contract, schema: Schema) -> list[ContractMutant]:
    """Return the mutants of a contract, in the order of its parts."""
    return list(_Mutator(contract, schema).mutants())


class _Mutator:
    """Makes the mutants of one contract."""

    def __init__(self, contract: Contract, schema: Schema) -> None:
        self._tool = contract.name
        self._data: Data = dump(contract)
        self._schema = schema
        self._swaps = _swaps(contract, schema)

    def mutants(self) -> Iterator[ContractMutant]:
        """Yield every mutant."""
        for number, step in enumerate(self._data.get("steps", [])):
            yield from self._step(("steps", number), step)
        for number, effect in enumerate(self._data.get("effects", [])):
            yield from self._effect(("effects", number), effect)
        yield from self._template(("result",), self._data["result"])
        for name, parameter in self._data.get("parameters", {}).items():
            if isinstance(parameter.get("default"), int) and not isinstance(parameter["default"], bool):
                yield self._with(("parameters", name, "default"), parameter["default"] + 1, "default", "default + 1")

    def _step(self, path: Path, step: Data) -> Iterator[ContractMutant]:
        code = step.get("else", "")
        if "guard" in step:
            yield self._without(path, "dropped-guard", step["guard"], code)
            yield from self._sql((*path, "guard"), step["guard"])
        elif "row" in step:
            if code:
                optional = {"let": step["let"], "row": step["row"], "optional": True}
                yield self._with(path, optional, "dropped-lookup", f"{step['row']} may find nothing", code)
            yield from self._sql((*path, "row"), step["row"])
        elif "value" in step:
            yield from self._sql((*path, "value"), step["value"])
        else:
            yield from self._new_id(path, step)
        if code:
            other = self._other_code(code)
            yield self._with((*path, "else"), other, "wrong-code", f"{code} -> {other}", code)

    def _new_id(self, path: Path, step: Data) -> Iterator[ContractMutant]:
        yield self._with((*path, "new_id"), "zz", "prefix", "an id of another prefix")
        if "when" in step:
            always = {key: value for key, value in step.items() if key != "when"}
            yield self._with(path, always, "dropped-condition", f"always, not when {step['when']}")
            yield from self._sql((*path, "when"), step["when"])

    def _other_code(self, code: str) -> str:
        codes = list(self._data.get("errors", {}))
        return codes[(codes.index(code) + 1) % len(codes)] if len(codes) > 1 else "WRONG_CODE"

    def _effect(self, path: Path, effect: Data) -> Iterator[ContractMutant]:
        verb = next(word for word in ("insert", "update", "delete") if word in effect)
        yield self._without(path, "dropped-effect", f"{verb} {effect[verb]}")
        for key in ("when", "where", "each"):
            if key in effect:
                yield from self._sql((*path, key), effect[key])
        if "when" in effect:
            always = {key: value for key, value in effect.items() if key != "when"}
            yield self._with(path, always, "dropped-condition", f"always, not when {effect['when']}")
        if "where" in effect:
            yield self._with((*path, "where"), "TRUE", "dropped-where", f"every row, not where {effect['where']}")
        if "each" in effect:
            first = f"SELECT * FROM ({effect['each']}) LIMIT 1"
            yield self._with((*path, "each"), first, "first-only", "only the first row")
        for column, value in effect.get("set", {}).items():
            yield from self._set((*path, "set"), verb, effect, column, value)

    def _set(self, path: Path, verb: str, effect: Data, column: str, value: Any) -> Iterator[ContractMutant]:
        facts = self._schema.column(effect[verb], column)
        may_go = verb == "update" or facts is None or not facts.not_null or facts.default is not None
        if may_go and len(effect["set"]) > 1 and value != "NULL" and column not in self._keys(effect[verb]):
            rest = {name: text for name, text in effect["set"].items() if name != column}
            yield self._with(path, rest, "dropped-set", f"{effect[verb]}.{column} is not set")
        if isinstance(value, str):
            yield from self._sql((*path, column), value)

    def _keys(self, table: str) -> tuple[str, ...]:
        return self._schema.tables[table].primary_key if table in self._schema.tables else ()

    def _template(self, path: Path, template: Any) -> Iterator[ContractMutant]:
        if isinstance(template, str):
            yield from self._sql(path, template)
            return
        for key, value in template.items():
            if key in ("booleans", "json_columns"):
                continue
            if len(path) == 1 and len(template) > 1:
                rest = {name: part for name, part in template.items() if name != key}
                yield self._with(path, rest, "dropped-field", f"no {key} in the result")
            yield from self._template((*path, key), value)

    def _sql(self, path: Path, text: str) -> Iterator[ContractMutant]:
        made = sql_mutants(text, self._schema, self._swaps)
        for mutant in made:
            if mutant.kind != CONTROL:
                changed = delta(made[0].text, mutant.text)
                yield self._with(path, mutant.text, mutant.kind, changed, text=text)

    def _without(self, path: Path, kind: str, what: str, code: str = "") -> ContractMutant:
        data = copy.copy(self._data)
        name, number = str(path[0]), path[1]
        data[name] = [part for place, part in enumerate(data[name]) if place != number]
        return ContractMutant(self._tool, kind, _shown(path), f"without: {what}", data, code)

    def _with(self, path: Path, value: Any, kind: str, what: str, code: str = "", text: str = "") -> ContractMutant:
        mutated = value if text else ""
        return ContractMutant(
            self._tool, kind, _shown(path), what, _set_in(self._data, path, value), code, text, mutated
        )


def _set_in(data: Any, path: Path, value: Any) -> Any:
    """Return a copy of nested data with one place changed; what lies beside the path is shared."""
    if not path:
        return value
    changed = copy.copy(data)
    changed[path[0]] = _set_in(data[path[0]], path[1:], value)
    return changed


def _shown(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _swaps(contract: Contract, schema: Schema) -> Mapping[str, str]:
    """Return for a placeholder the next of its kind: a parameter of like type, a column of the same looked-up row."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name, parameter in contract.parameters.items():
        kinds.setdefault((parameter.type, parameter.format or "", "list" if parameter.enum else ""), []).append(name)
    for step in dump(contract).get("steps", []):
        for column, kind in _row_columns(step, schema):
            kinds.setdefault((step["let"], kind), []).append(f"{step['let']}__{column}")
    return {
        name: alike[(number + 1) % len(alike)]
        for alike in kinds.values()
        if len(alike) > 1
        for number, name in enumerate(alike)
    }


def _row_columns(step: Data, schema: Schema) -> Iterator[tuple[str, str]]:
    if "row" not in step:
        return
    try:
        given = outputs(statement(step["row"]), schema)
    except UnreadableSqlError:
        return
    for output in given:
        column = schema.column(*output.origin) if output.origin else None
        if column is not None:
            yield output.name, column.type
