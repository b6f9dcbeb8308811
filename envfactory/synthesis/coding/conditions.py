"""Guards as Python conditions, where that is provably what SQLite would decide; else nothing.

SQL's logic has three values and a guard holds only if its expression is true. So a condition is built for "is true" or
for "is false", with the null checks that needs, and the code tests its negation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from envfactory.synthesis.coding.facts import Fact, parse_expression
from envfactory.synthesis.coding.scope import Scope

_OPERATORS = {exp.EQ: "==", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_OPPOSITE = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
}


@dataclass(frozen=True)
class Test:
    """A comparison of two Python expressions, or the truth of one (no operator)."""

    __test__ = False

    left: str
    operator: str = ""
    right: str = ""
    negated: bool = False


@dataclass(frozen=True)
class Both:
    """All parts (`joint` is "and") or any of them ("or")."""

    joint: str
    parts: tuple[Condition, ...]


Condition = Test | Both


@dataclass(frozen=True)
class _Atom:
    """A value that Python has at hand."""

    python: str
    fact: Fact


class _UntranslatableError(Exception):
    """The expression has to stay SQL."""


def failing_condition(expression: str, scope: Scope) -> Condition | None:
    """Return the condition under which a guard fails, or None where SQLite has to decide."""
    holds = holding_condition(expression, scope)
    return None if holds is None else negation(holds)


def holding_condition(expression: str, scope: Scope) -> Condition | None:
    """Return the condition under which an expression is true, or None where SQLite has to decide."""
    tree = parse_expression(expression)
    if tree is None:
        return None
    try:
        return _decided(tree, scope, truth=True)
    except _UntranslatableError:
        return None


def negation(condition: Condition) -> Condition:
    """Return the condition that holds exactly where this one does not."""
    if isinstance(condition, Both):
        return Both("or" if condition.joint == "and" else "and", tuple(map(negation, condition.parts)))
    if not condition.operator:
        return Test(condition.left, negated=not condition.negated)
    return Test(condition.left, _OPPOSITE[condition.operator], condition.right)


def render(condition: Condition) -> str:
    """Return the condition as Python source."""
    if isinstance(condition, Test):
        if condition.operator:
            return f"{condition.left} {condition.operator} {condition.right}"
        return f"not {condition.left}" if condition.negated else condition.left
    parts = []
    for part in condition.parts:
        mixed = isinstance(part, Both) and part.joint != condition.joint
        parts.append(f"({render(part)})" if mixed else render(part))
    return f" {condition.joint} ".join(parts)


def _decided(tree: exp.Expression, scope: Scope, *, truth: bool) -> Condition:
    """The condition under which `tree` is true (or false, but not null)."""
    if isinstance(tree, exp.Paren):
        return _decided(tree.this, scope, truth=truth)
    if isinstance(tree, exp.Not):
        return _decided(tree.this, scope, truth=not truth)
    if isinstance(tree, exp.And | exp.Or):
        joint = "and" if isinstance(tree, exp.And) == truth else "or"
        return Both(joint, (_decided(tree.this, scope, truth=truth), _decided(tree.expression, scope, truth=truth)))
    if isinstance(tree, exp.Is):
        return _null_test(tree, scope, truth=truth)
    if isinstance(tree, exp.In):
        return _membership(tree, scope, truth=truth)
    if isinstance(tree, exp.Between):
        low, high = (
            exp.GTE(this=tree.this, expression=tree.args["low"]),
            exp.LTE(this=tree.this, expression=tree.args["high"]),
        )
        return _decided(exp.And(this=low, expression=high), scope, truth=truth)
    return _comparison(tree, scope, truth=truth)


def _null_test(tree: exp.Is, scope: Scope, *, truth: bool) -> Condition:
    if not isinstance(tree.expression, exp.Null) or not isinstance(tree.this, exp.Placeholder):
        raise _UntranslatableError
    value = scope.python(tree.this.name)
    if value is None:
        raise _UntranslatableError
    return Test(value, "is" if truth else "is not", "None")


def _membership(tree: exp.In, scope: Scope, *, truth: bool) -> Condition:
    atom = _atom(tree.this, scope)
    items = [_literal(item) for item in tree.expressions]
    if tree.args.get("query") or not items or any(_kind(item) != atom.fact.kind for item in items):
        raise _UntranslatableError
    listed = ", ".join(map(repr_literal, items)) + ("," if len(items) == 1 else "")
    test = Test(atom.python, "in" if truth else "not in", f"({listed})")
    return test if truth else _when_known([atom], test)


def _comparison(tree: exp.Expression, scope: Scope, *, truth: bool) -> Condition:
    if isinstance(tree, exp.NullSafeEQ | exp.NullSafeNEQ):
        left, right = _alike(tree, scope)
        same = isinstance(tree, exp.NullSafeEQ) == truth
        return Test(left.python, "==" if same else "!=", right.python)
    operator = next((word for kind, word in _OPERATORS.items() if isinstance(tree, kind)), None)
    if operator is None:
        return _truthiness(tree, scope, truth=truth)
    left, right = _alike(tree, scope)
    test = Test(left.python, operator if truth else _OPPOSITE[operator], right.python)
    unknown = [atom for atom in (left, right) if atom.fact.nullable]
    plain = test.operator == "==" and len(unknown) < 2  # None equals nothing that is not None
    return test if plain else _when_known(unknown, test)


def _truthiness(tree: exp.Expression, scope: Scope, *, truth: bool) -> Condition:
    atom = _atom(tree, scope)
    if atom.fact.kind != "number" or not isinstance(tree, exp.Placeholder):
        raise _UntranslatableError
    test = Test(atom.python, negated=not truth)
    return test if truth else _when_known([atom], test)


def _when_known(atoms: list[_Atom], test: Test) -> Condition:
    checks = tuple(Test(atom.python, "is not", "None") for atom in atoms if atom.fact.nullable)
    return Both("and", (*checks, test)) if checks else test


def _alike(tree: exp.Expression, scope: Scope) -> tuple[_Atom, _Atom]:
    left, right = _atom(tree.this, scope), _atom(tree.expression, scope)
    if left.fact.kind != right.fact.kind:
        raise _UntranslatableError
    return left, right


def _atom(tree: exp.Expression, scope: Scope) -> _Atom:
    if isinstance(tree, exp.Paren):
        return _atom(tree.this, scope)
    if isinstance(tree, exp.Placeholder):
        value, fact = scope.python(tree.name), scope.fact(tree.name)
        if value is None or fact is None:
            raise _UntranslatableError
        return _Atom(value, fact)
    constant = _literal(tree)
    return _Atom(repr_literal(constant), Fact(_kind(constant), nullable=False))


def _literal(tree: exp.Expression) -> Any:
    """The value of a string or integer literal; other numbers are left to SQLite, which reads them its own way."""
    if isinstance(tree, exp.Neg):
        value = _literal(tree.this)
        if isinstance(value, int):
            return -value
    if isinstance(tree, exp.Literal):
        if tree.is_string:
            return tree.this
        if tree.this.isdigit() and len(tree.this) < 19:
            return int(tree.this)
    raise _UntranslatableError


def _kind(value: Any) -> Any:
    return "text" if isinstance(value, str) else "number"


def repr_literal(value: Any) -> str:
    """Return a constant as Python source, strings in double quotes where they allow it."""
    if isinstance(value, str) and '"' not in value and "\\" not in value and value.isprintable():
        return f'"{value}"'
    return repr(value)
