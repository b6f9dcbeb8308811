"""Where a result's fields come from, and which rows a parameter names: both as table columns, so that they can meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp

from envfactory.bench.inputs.facts import Leaf, ToolFacts
from envfactory.bench.sql.parse import Tree, UnreadableSqlError, read, statement
from envfactory.bench.sql.queries import Origin, Output, origin_of, outputs, sources
from envfactory.bench.sql.schema import Schema
from envfactory.bench.sql.templates import Part, result_parts
from envfactory.environments.contract import Contract, IdStep, Insert, RowStep, ValueStep, step_expression


class Field(NamedTuple):
    """A field of a result: the column it is (None where it is computed), and the parameter it merely repeats."""

    path: str
    column: Origin | None
    repeats: str = ""


class Slot(NamedTuple):
    """A parameter (by its path) that names a row: the column whose value it takes."""

    path: str
    leaf: Leaf
    column: Origin


def canonical(column: Origin, schema: Schema) -> Origin:
    """Return what a foreign key stands for in the end: the key it refers to."""
    seen = {column}
    while True:
        target = schema.target(*column)
        if target is None or target in seen:
            return column
        seen.add(target)
        column = target


def slots(facts: ToolFacts, schema: Schema) -> list[Slot]:
    """Return the parameters that name rows: by `ref`, or because the contract looks up a row by them."""
    compared = dict(_compared(facts.contract, schema))
    found = []
    for path, leaf in facts.leaves.items():
        column = _reference(leaf) or compared.get(path)
        if column is not None:
            found.append(Slot(path, leaf, canonical(column, schema)))
    return found


def _reference(leaf: Leaf) -> Origin | None:
    if leaf.parameter.ref is None or not leaf.columns:
        return None
    return leaf.columns[0]


def _compared(contract: Contract, schema: Schema) -> Iterator[tuple[str, Origin]]:
    """Yield the parameters that look-ups compare with a key."""
    for step in contract.steps:
        tree = _tree(step.row) if isinstance(step, RowStep) else None
        for equality in tree.find_all(exp.EQ) if tree is not None else ():
            for side, other in ((equality.this, equality.expression), (equality.expression, equality.this)):
                origin = _origin_in(side, tree, schema)
                if isinstance(other, exp.Placeholder) and origin is not None and _is_key(origin, schema):
                    yield other.name, origin


def _is_key(column: Origin, schema: Schema) -> bool:
    return (column[1],) in schema.tables[column[0]].keys


def _origin_in(node: Tree, tree: Tree | None, schema: Schema) -> Origin | None:
    return origin_of(node, sources(tree, schema)) if isinstance(tree, exp.Select) else None


def fields(contract: Contract, schema: Schema) -> list[Field]:
    """Return every field of a tool's result with where it comes from."""
    return [found for part in result_parts(contract) for found in _Reader(contract, schema).fields(part)]


class _Reader:
    """Follows a contract's names back to columns and parameters."""

    def __init__(self, contract: Contract, schema: Schema) -> None:
        self._contract = contract
        self._schema = schema
        self._rows = {step.let: self._columns(step.row) for step in contract.steps if isinstance(step, RowStep)}

    def fields(self, part: Part) -> Iterator[Field]:
        place = ".".join(part.path)
        if part.kind == "value":
            tree = _tree(part.text)
            if tree is not None:
                yield self._field(place, tree)
        elif part.kind in ("rows", "row"):
            prefix = f"{place}[]" if part.kind == "rows" else place
            for output in self._outputs(part.text):
                yield self._output(f"{prefix}.{output.name}", output)

    def _output(self, path: str, output: Output) -> Field:
        if output.origin is not None:
            return Field(path, output.origin)
        return self._field(path, output.tree) if output.tree is not None else Field(path, None)

    def _field(self, path: str, tree: Tree) -> Field:
        column, parameter = self._follow(tree)
        return Field(path, column, parameter)

    def _follow(self, tree: Tree, depth: int = 4) -> tuple[Origin | None, str]:
        while isinstance(tree, exp.Paren):
            tree = tree.this
        if isinstance(tree, exp.Subquery):
            given = outputs(tree, self._schema)
            return (given[0].origin, "") if len(given) == 1 else (None, "")
        if not isinstance(tree, exp.Placeholder) or depth == 0:
            return None, ""
        name = tree.name
        if name in self._contract.parameters:
            return self._parameter(name), name
        let, _, column = name.partition("__")
        if column:
            return self._rows.get(let, {}).get(column), ""
        return self._let(let, depth)

    def _let(self, let: str, depth: int) -> tuple[Origin | None, str]:
        step = next((s for s in self._contract.steps if getattr(s, "let", None) == let), None)
        if isinstance(step, IdStep):
            return self._inserted(let), ""
        tree = _tree(step_expression(step)) if isinstance(step, ValueStep) else None
        return self._follow(tree, depth - 1) if tree is not None else (None, "")

    def _parameter(self, name: str) -> Origin | None:
        reference = self._contract.parameters[name].ref
        return (reference.partition(".")[0], reference.partition(".")[2]) if reference else None

    def _inserted(self, let: str) -> Origin | None:
        for effect in self._contract.effects:
            for column, value in effect.set.items() if isinstance(effect, Insert) else ():
                if value == f"${let}":
                    return effect.insert, column  # type: ignore[union-attr]
        return None

    def _columns(self, row: str) -> Mapping[str, Origin | None]:
        return {output.name: output.origin for output in self._outputs(row)}

    def _outputs(self, query: str) -> list[Output]:
        try:
            return [output for output in outputs(statement(query), self._schema) if output.name != "rowid"]
        except UnreadableSqlError:
            return []


def _tree(text: str) -> Tree | None:
    try:
        return read(text)
    except UnreadableSqlError:
        return None
