"""Proofs that a mutant is no fault at all: what no input could tell apart, worked out and not believed.

Three kinds: the error code is declared to come always after another one; the changed term of an order stands behind
terms that are total already; two expressions over finitely many values agree on all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from envfactory.bench.sql.order import is_total
from envfactory.bench.sql.parse import Tree, UnreadableSqlError, is_query, read, statement
from envfactory.bench.sql.queries import outputs
from envfactory.bench.sql.schema import Schema
from envfactory.environments.contract import Contract, Parameter, RowStep
from envfactory.gate.mutation.contract import ContractMutant
from envfactory.runtime.expressions import translate
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Session

_MOST_COMBINATIONS, _LONGEST_RANGE = 600, 64
Values = tuple[Any, ...]


class Prover:
    """Looks for a proof. `session` reckons in SQL, on the true contracts' side."""

    def __init__(self, session: Session, schema: Schema) -> None:
        self._session = session
        self._schema = schema

    def reason(self, contract: Contract, mutant: ContractMutant) -> str | None:
        """Return why a mutant is equivalent, or None where no proof is found."""
        spec = contract.errors.get(self._code(contract, mutant))
        if spec is not None and spec.subsumed_by:
            return f"subsumed by {spec.subsumed_by}"
        if mutant.kind == "order" and self._is_idle_order(mutant):
            return "the order is total before the term"
        if mutant.text and not is_query(mutant.text) and self._agree(contract, mutant):
            return "equal for all values its variables can have"
        return None

    def _code(self, contract: Contract, mutant: ContractMutant) -> str:
        if mutant.code:
            return mutant.code
        if not mutant.place.startswith("steps["):
            return ""
        step = contract.steps[int(mutant.place[6 : mutant.place.index("]")])]
        return str(getattr(step, "otherwise", "") or "")

    def _is_idle_order(self, mutant: ContractMutant) -> bool:
        try:
            before, after = read(mutant.text), read(mutant.mutated)
        except UnreadableSqlError:
            return False
        orders = zip(before.find_all(exp.Order), after.find_all(exp.Order), strict=False)
        for first, second in orders:
            if first != second and first.parent is not None:
                same = sum(
                    1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
                )
                return self._is_total_with(first.parent, same)
        return False

    def _is_total_with(self, query: Tree, terms: int) -> bool:
        shorter = query.copy()
        order = shorter.args["order"]
        order.set("expressions", order.expressions[:terms])
        shorter.set("order", order if terms else None)
        return is_total(shorter, self._schema)

    def _agree(self, contract: Contract, mutant: ContractMutant) -> bool:
        try:
            trees = [read(mutant.text), read(mutant.mutated)]
        except UnreadableSqlError:
            return False
        if any(tree.find(exp.Column, exp.Query) for tree in trees):
            return False
        names = sorted(translate(mutant.text).names | translate(mutant.mutated).names)
        domains = [self._domain(contract, name) for name in names]
        if any(domain is None for domain in domains):
            return False
        finite = [domain for domain in domains if domain is not None]
        combinations = list(itertools.islice(itertools.product(*finite), _MOST_COMBINATIONS + 1))
        if len(combinations) > _MOST_COMBINATIONS:
            return False
        guard = mutant.place.endswith((".guard", ".when"))
        return all(self._equal(mutant, dict(zip(names, values, strict=True)), guard) for values in combinations)

    def _equal(self, mutant: ContractMutant, values: Mapping[str, Any], guard: bool) -> bool:
        first, second = translate(mutant.text).sql, translate(mutant.mutated).sql
        truth = " IS TRUE" if guard else ""
        try:
            rows = self._session.query(f"SELECT (({first}){truth}) IS (({second}){truth}) AS same", values)
        except HandlerFault:
            return False
        return bool(rows[0]["same"])

    def _domain(self, contract: Contract, name: str) -> Values | None:
        parameter = contract.parameters.get(name)
        if parameter is not None:
            return _parameter_values(parameter)
        let, _, column = name.partition("__")
        step = next((step for step in contract.steps if isinstance(step, RowStep) and step.let == let), None)
        return self._column_values(step, column) if step is not None else None

    def _column_values(self, step: RowStep, column: str) -> Values | None:
        try:
            given = outputs(statement(step.row), self._schema)
        except UnreadableSqlError:
            return None
        origin = next((output.origin for output in given if output.name == column), None)
        facts = self._schema.column(*origin) if origin else None
        if facts is None or not facts.values:
            return None
        return (*facts.values, None) if step.optional or not facts.not_null else facts.values


def _parameter_values(parameter: Parameter) -> Values | None:
    values: Values | None = None
    if parameter.enum is not None:
        values = tuple(parameter.enum)
    elif parameter.type == "boolean":
        values = (0, 1)
    elif parameter.type == "integer" and parameter.minimum is not None and parameter.maximum is not None:
        low, high = int(parameter.minimum), int(parameter.maximum)
        values = tuple(range(low, high + 1)) if high - low <= _LONGEST_RANGE else None
    if values is None or parameter.required or parameter.default is not None:
        return values
    return (*values, None)
