"""Faults inside one SQL text: what a tired author gets wrong in a query, one at a time.

Each operator changes the tree in place, yields the fault's kind, and puts the tree back; whoever iterates writes the
tree down while it is changed. Texts that come out the same are one mutant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from sqlglot import exp

from envfactory.bench.sql.parse import Tree, UnreadableSqlError, conjuncts, is_query, restore, statement, write
from envfactory.bench.sql.schema import Schema
from envfactory.gate.mutation.columns import Neighbours

CONTROL = "control"
_EXPRESSION = "SELECT "
_BOUNDARY: dict[type[Tree], type[Tree]] = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}
_OPPOSITE: dict[type[Tree], type[Tree]] = {
    **{exp.LT: exp.GTE, exp.LTE: exp.GT, exp.GT: exp.LTE, exp.GTE: exp.LT},
    **{exp.EQ: exp.NEQ, exp.NEQ: exp.EQ, exp.NullSafeEQ: exp.NullSafeNEQ, exp.NullSafeNEQ: exp.NullSafeEQ},
}
_ARITHMETIC: dict[type[Tree], type[Tree]] = {
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.Mul: exp.Div,
    exp.Div: exp.Mul,
    exp.Mod: exp.Mul,
}
_WHOLE = {"typed": True, "safe": True}  # SQLite's division of integers, and null where one divides by nothing
_AGGREGATES: dict[type[Tree], type[Tree]] = {exp.Min: exp.Max, exp.Max: exp.Min, exp.Avg: exp.Max, exp.Sum: exp.Max}
_CONDITIONS = (exp.In, exp.Exists, exp.Like, exp.Glob, exp.Between, exp.Is)
_SPAN = re.compile(r"([+-]?)(\d+)( (?:day|month|year|hour|minute)s?)")


class SqlMutant(NamedTuple):
    """One faulty text and the kind of its fault."""

    kind: str
    text: str


Operator = Callable[[Tree, Neighbours], Iterator[str]]


def sql_mutants(text: str, schema: Schema, swaps: Mapping[str, str] | None = None) -> list[SqlMutant]:
    """Return the mutants of a statement, query or contract expression; none where it cannot be read.

    The first is no fault: a `control` is the text as read and written back, to show that this alone does no harm.
    `swaps` says for a placeholder (`room__price`, as translated) which other one could be mistaken for it.
    """
    whole = is_query(text) or text.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))
    try:
        tree = statement(text if whole else _EXPRESSION + text).copy()
    except UnreadableSqlError:
        return []
    neighbours = Neighbours(tree, schema, swaps or {})
    skip = 0 if whole else len(_EXPRESSION)
    found = {write(tree): CONTROL}
    for kind in _faults(tree, neighbours):
        found.setdefault(write(tree, copy=False), kind)  # a copy for each would cost as much again as the writing
    rows = " ".join(f"${name.replace('__', '.', 1)}" for name in (swaps or {}).values() if "__" in name)
    return [SqlMutant(kind, restore(changed[skip:], f"{text} {rows}")) for changed, kind in found.items()]


def _faults(tree: Tree, neighbours: Neighbours) -> Iterator[str]:
    nodes = [node for node in tree.walk() if not _is_idle(node)]
    for node in nodes:
        for operator in _OPERATORS:
            yield from operator(node, neighbours)


def _is_idle(node: Tree) -> bool:
    """Tell whether a node stands where its value does not matter: what EXISTS selects."""
    child, above = node, node.parent
    while above is not None:
        if isinstance(above, exp.Select) and isinstance(above.parent, exp.Exists) and child.arg_key == "expressions":
            return True
        child, above = above, above.parent
    return False


@contextmanager
def _swapped(node: Tree, new: Tree) -> Iterator[None]:
    node.replace(new)
    try:
        yield
    finally:
        new.replace(node)


@contextmanager
def _with(node: Tree, key: str, value: object) -> Iterator[None]:
    before = node.args.get(key)
    node.set(key, value)
    try:
        yield
    finally:
        node.set(key, before)


def _is_assignment(node: Tree) -> bool:
    return isinstance(node, exp.EQ) and isinstance(node.parent, exp.Update) and node.arg_key == "expressions"


def _comparisons(node: Tree, _: Neighbours) -> Iterator[str]:
    for kind, table in (("boundary", _BOUNDARY), ("comparison", _OPPOSITE)):
        other = table.get(type(node))
        if other is not None and not _is_assignment(node):
            with _swapped(node, other(this=node.this.copy(), expression=node.expression.copy())):
                yield kind


def _negations(node: Tree, _: Neighbours) -> Iterator[str]:
    if isinstance(node, exp.Not):
        with _swapped(node, node.this.copy()):
            yield "comparison"
    elif isinstance(node, _CONDITIONS) and not isinstance(node.parent, exp.Not):
        with _swapped(node, exp.Not(this=exp.Paren(this=node.copy()))):
            yield "comparison"


def _between(node: Tree, _: Neighbours) -> Iterator[str]:
    if not isinstance(node, exp.Between):
        return
    subject, low, high = (node.args[key] for key in ("this", "low", "high"))
    for first, second in ((exp.GT, exp.LTE), (exp.GTE, exp.LT)):
        above = first(this=subject.copy(), expression=low.copy())
        below = second(this=subject.copy(), expression=high.copy())
        with _swapped(node, exp.Paren(this=exp.And(this=above, expression=below))):
            yield "boundary"


def _dropped_conditions(node: Tree, _: Neighbours) -> Iterator[str]:
    if isinstance(node, exp.Where | exp.Having) or (isinstance(node, exp.And) and not isinstance(node.parent, exp.And)):
        parts = conjuncts(node.this if isinstance(node, exp.Where | exp.Having) else node)
        yield from _each_swapped(parts, exp.true, "dropped-conjunct")
    elif isinstance(node, exp.Join) and node.args.get("on") is not None:
        parts = conjuncts(node.args["on"])
        yield from _each_swapped(parts if len(parts) > 1 else [], exp.true, "dropped-conjunct")
    elif isinstance(node, exp.Or):
        yield from _each_swapped([node.this, node.expression], exp.false, "dropped-disjunct")


def _each_swapped(parts: list[Tree], make: Callable[[], Tree], kind: str) -> Iterator[str]:
    for part in parts:
        with _swapped(part, make()):
            yield kind


def _numbers(node: Tree, _: Neighbours) -> Iterator[str]:
    if not isinstance(node, exp.Literal) or node.is_string or not node.this.isdigit() or _is_ordinal(node):
        return
    if isinstance(node.parent, exp.Limit) and _gives_one_value(node.parent.parent):
        return
    with _swapped(node, exp.Literal.number(max(0, int(node.this) + _step(node)))):
        yield "constant"


def _gives_one_value(query: Tree | None) -> bool:
    """Tell whether a query stands where only its first row counts, whatever its LIMIT says."""
    above = query.parent if query is not None else None
    return isinstance(above, exp.Subquery) and not isinstance(above.parent, exp.From | exp.Join | exp.In)


def _is_ordinal(node: Tree) -> bool:
    return isinstance(node.parent, exp.Ordered | exp.Group)


def _step(node: Tree) -> int:
    """The step to the side that the boundary's own mutant does not reach."""
    right = node.arg_key == "expression"
    lower = isinstance(node.parent, exp.GTE | exp.LT) if right else isinstance(node.parent, exp.LTE | exp.GT)
    return -1 if lower else 1


def _texts(node: Tree, neighbours: Neighbours) -> Iterator[str]:
    if not isinstance(node, exp.Literal) or not node.is_string:
        return
    other = neighbours.value(node)
    span = _SPAN.fullmatch(node.this)
    if span is not None:
        with _swapped(node, exp.Literal.string(f"{span[1]}{int(span[2]) + 1}{span[3]}")):
            yield "constant"
    elif other is not None:
        with _swapped(node, other):
            yield "literal"


def _arithmetic(node: Tree, _: Neighbours) -> Iterator[str]:
    other = _ARITHMETIC.get(type(node))
    if other is not None:
        whole = _WHOLE if other is exp.Div else {}
        with _swapped(node, other(this=node.this.copy(), expression=node.expression.copy(), **whole)):
            yield "arithmetic"
    if isinstance(node, exp.Div):
        more = exp.Sub(this=node.expression.copy(), expression=exp.Literal.number(1))
        above = exp.Paren(this=exp.Add(this=node.this.copy(), expression=exp.Paren(this=more)))
        with _swapped(node, exp.Div(this=above, expression=node.expression.copy(), **_WHOLE)):
            yield "rounding"


def _names(node: Tree, neighbours: Neighbours) -> Iterator[str]:
    if (
        isinstance(node, exp.Column)
        and not isinstance(node.parent, exp.Ordered | exp.Group)
        and not _is_set_target(node)
    ):
        other = neighbours.column(node)
        if other is not None:
            shown = isinstance(node.parent, exp.Select) and node.arg_key == "expressions"
            with _swapped(node, exp.alias_(other, node.name) if shown else other):
                yield "column"
    elif isinstance(node, exp.Placeholder):
        name = neighbours.swaps.get(node.name)
        if name is not None:
            with _swapped(node, exp.Placeholder(this=name)):
                yield "parameter"


def _is_set_target(node: Tree) -> bool:
    return node.parent is not None and _is_assignment(node.parent) and node.arg_key == "this"


def _order(node: Tree, _: Neighbours) -> Iterator[str]:
    if isinstance(node, exp.Ordered):
        descending = not node.args.get("desc")
        with _with(node, "desc", descending), _with(node, "nulls_first", not descending):
            yield "order"
    elif isinstance(node, exp.Order) and len(node.expressions) > 1:
        for number in range(len(node.expressions) - 1):  # lint sees a tie-break that is missing
            with _with(node, "expressions", _without(node.expressions, number)):
                yield "order"


def _without(items: list[Tree], number: int) -> list[Tree]:
    return items[:number] + items[number + 1 :]


def _aggregates(node: Tree, _: Neighbours) -> Iterator[str]:
    other = _AGGREGATES.get(type(node))
    if other is not None:
        with _swapped(node, other(this=node.this.copy())):
            yield "aggregate"
    elif isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        with _swapped(node.this, node.this.expressions[0].copy()):
            yield "aggregate"


def _choices(node: Tree, _: Neighbours) -> Iterator[str]:
    if isinstance(node, exp.Coalesce):
        with _swapped(node, node.this.copy()):
            yield "default"
    elif isinstance(node, exp.Lower | exp.Upper | exp.Trim | exp.Abs | exp.Round):
        with _swapped(node, node.this.copy()):
            yield "function"
    elif isinstance(node, exp.Case):
        results = [branch.args["true"] for branch in node.args["ifs"]]
        yield from _each_result(node, [*results, node.args.get("default")])
    elif isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
        yield from _each_result(node, [node.args.get("true"), node.args.get("false")])


def _each_result(node: Tree, results: list[Tree | None]) -> Iterator[str]:
    for result in results:
        if result is not None:
            with _swapped(node, exp.Paren(this=result.copy())):
                yield "case"


def _clauses(node: Tree, _: Neighbours) -> Iterator[str]:
    if isinstance(node, exp.Select | exp.SetOperation):
        for key in ("limit", "distinct"):
            idle = isinstance(node, exp.SetOperation) or (key == "limit" and _gives_one_value(node))
            if node.args.get(key) is not None and not idle:
                with _with(node, key, None):
                    yield key
    elif isinstance(node, exp.Join) and node.side == "LEFT":
        with _with(node, "side", None):
            yield "join"


def _first_only(node: Tree, _: Neighbours) -> Iterator[str]:
    """Have only the first row of a list of values count."""
    if isinstance(node, exp.In) and isinstance(node.args.get("query"), exp.Subquery):
        query = node.args["query"].this
        if isinstance(query, exp.Select) and query.args.get("limit") is None:
            with _with(query, "limit", exp.Limit(expression=exp.Literal.number(1))):
                yield "first-only"


def _assignments(node: Tree, neighbours: Neighbours) -> Iterator[str]:
    if isinstance(node, exp.Update):
        for number, assignment in enumerate(node.expressions):
            if len(node.expressions) > 1:
                with _with(node, "expressions", _without(node.expressions, number)):
                    yield "dropped-set"
            else:
                with _swapped(assignment.expression, assignment.this.copy()):
                    yield "dropped-set"
    elif isinstance(node, exp.Insert) and isinstance(node.this, exp.Schema):
        yield from _insert_columns(node, neighbours)


def _insert_columns(node: exp.Insert, neighbours: Neighbours) -> Iterator[str]:
    """Leave out a column that may be left out, with its value."""
    values = node.expression
    rows = values.expressions if isinstance(values, exp.Values) else []
    columns = node.this.expressions
    if len(rows) != 1 or len(rows[0].expressions) != len(columns):
        return
    for number, column in enumerate(columns):
        if neighbours.optional(node.this.this.name, column.name) and not isinstance(
            rows[0].expressions[number], exp.Null
        ):
            with (
                _with(node.this, "expressions", _without(columns, number)),
                _with(rows[0], "expressions", _without(rows[0].expressions, number)),
            ):
                yield "dropped-set"


def _projections(node: Tree, _: Neighbours) -> Iterator[str]:
    top = isinstance(node, exp.Select) and node.parent is None and node.args.get("from_") is not None
    if top and len(node.expressions) > 1:
        for number in range(len(node.expressions)):
            with _with(node, "expressions", _without(node.expressions, number)):
                yield "dropped-field"


_OPERATORS: tuple[Operator, ...] = (
    _comparisons,
    _negations,
    _between,
    _dropped_conditions,
    _numbers,
    _texts,
    _arithmetic,
    _names,
    _order,
    _aggregates,
    _choices,
    _clauses,
    _first_only,
    _assignments,
    _projections,
)
