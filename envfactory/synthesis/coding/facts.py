"""What can be known of an SQL value without running anything: is it text or a number, and can it be null?

Only where both sides of a comparison are known to be of one kind does Python compare as SQLite does (text by code
points, which is the order of UTF-8; integers and reals exactly). Everything unknown stays with SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from envfactory.environments.contract import Parameter
from envfactory.runtime.expressions import translate
from envfactory.synthesis.coding.sql import statements

Kind = Literal["text", "number"]


class Fact(NamedTuple):
    """The kind of a value, whether it can be null, and whether it is a date or time that SQLite can read."""

    kind: Kind
    nullable: bool
    temporal: bool = False


Columns = dict[str, Fact]
Resolve = Callable[[exp.Expression], Fact | None]
_TEXT = Fact("text", nullable=False)
_NUMBER = Fact("number", nullable=False)
CLOCK = {"now": Fact("text", nullable=False, temporal=True), "today": Fact("text", nullable=False, temporal=True)}
_KINDS: dict[str, Kind] = {
    "TEXT": "text",
    "INT": "number",
    "BIGINT": "number",
    "REAL": "number",
    "FLOAT": "number",
    "DOUBLE": "number",
}
_PARAMETER_KINDS: dict[str, Kind] = {"string": "text", "integer": "number", "number": "number", "boolean": "number"}
_TEMPORAL_FORMATS = ("date", "date-time")
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
_LOGIC = (exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like, exp.Glob)
_MAYBE_NUMBERS = (exp.Div, exp.IntDiv, exp.Mod, exp.Sum, exp.Avg, exp.In, exp.Between)
_NEVER_NULL = (exp.Count, exp.Exists, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ)
_TEXT_FUNCTIONS = (exp.Lower, exp.Upper, exp.DPipe, exp.Trim)
_NUMBER_FUNCTIONS = (exp.Abs, exp.Round, exp.Length)


def parse_expression(expression: str) -> exp.Expression | None:
    """Return the tree of a contract's expression, or None where it cannot be read."""
    query = parse_query(f"SELECT {translate(expression).sql}")
    if not isinstance(query, exp.Select) or len(query.expressions) != 1 or query.args.get("from_"):
        return None
    found: exp.Expression = query.expressions[0]
    return found


def parse_query(sql: str) -> exp.Expression | None:
    """Return the tree of a statement, or None where it cannot be read."""
    try:
        tree = sqlglot.parse_one(sql, dialect="sqlite")
    except (SqlglotError, RecursionError):
        return None
    return tree if isinstance(tree, exp.Expression) else None


def parameter_fact(parameter: Parameter) -> Fact | None:
    """Return what is known of an argument once it was checked; nothing for lists and objects."""
    kind = _PARAMETER_KINDS.get(parameter.type)
    if kind is None:
        return None
    return Fact(kind, not parameter.required and parameter.default is None, parameter.format in _TEMPORAL_FORMATS)


def table_facts(schema_sql: str) -> dict[str, Columns]:
    """Return the columns of each STRICT table; other tables hold what they like, so nothing is known of them."""
    found = {}
    for statement in statements(schema_sql):
        tree = parse_query(statement)
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema) and tree.find(exp.StrictProperty):
            found[tree.this.this.name] = _columns(tree.this)
    return found


def _columns(schema: exp.Schema) -> Columns:
    key = {identifier.name for primary in schema.find_all(exp.PrimaryKey) for identifier in primary.expressions}
    columns: Columns = {}
    for definition in (each for each in schema.expressions if isinstance(each, exp.ColumnDef)):
        declared = definition.args.get("kind")
        kind = _KINDS.get(declared.this.name) if declared else None
        if kind is None:
            return {}
        constraints = [constraint.kind for constraint in definition.constraints]
        filled = any(
            isinstance(each, exp.NotNullColumnConstraint | exp.PrimaryKeyColumnConstraint) for each in constraints
        )
        temporal = any(isinstance(each, exp.CheckColumnConstraint) and _checks_moment(each) for each in constraints)
        columns[definition.name] = Fact(kind, not filled and definition.name not in key, temporal)
    return columns


def _checks_moment(check: exp.CheckColumnConstraint) -> bool:
    """Whether a CHECK admits only dates or times that SQLite reads, as ddl.py writes it."""
    return isinstance(check.this, exp.NullSafeEQ) and "'+0 days'" in check.sql(dialect="sqlite")


def row_facts(select: str, tables: Mapping[str, Columns]) -> Columns:
    """Return what is known of the columns of a look-up's row."""
    query = parse_query(translate(select).sql)
    if not isinstance(query, exp.Select):
        return {}
    sources = _sources(query, tables)
    if sources is None:
        return {}
    resolve = _column_resolver(sources)
    found: Columns = {}
    for item in query.expressions:
        if isinstance(item, exp.Star):
            found |= {name: fact for columns in sources.values() for name, fact in columns.items()}
        elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            found |= sources.get(item.table, {})
        elif fact := value_fact(item.unalias(), resolve):
            found[item.alias_or_name] = fact
        else:
            found.pop(item.alias_or_name, None)
    return found


def _sources(query: exp.Select, tables: Mapping[str, Columns]) -> dict[str, Columns] | None:
    """The columns of each table in FROM by alias; None where a join can make rows of nulls or a source is no table."""
    origin = query.args.get("from_")
    joins = query.args.get("joins") or []
    if (
        query.args.get("with_")
        or origin is None
        or any(join.side or join.args.get("using") or join.method for join in joins)
    ):
        return None
    found = {}
    for source in (origin.this, *(join.this for join in joins)):
        if not isinstance(source, exp.Table) or source.name not in tables:
            return None
        found[source.alias_or_name] = tables[source.name]
    return found


def _column_resolver(sources: Mapping[str, Columns]) -> Resolve:
    def resolve(tree: exp.Expression) -> Fact | None:
        if not isinstance(tree, exp.Column):
            return None
        owners = [tree.table] if tree.table else [alias for alias, columns in sources.items() if tree.name in columns]
        return sources.get(owners[0], {}).get(tree.name) if len(owners) == 1 else None

    return resolve


def value_fact(tree: exp.Expression | None, resolve: Resolve) -> Fact | None:
    """Return what is known of an expression's value; `resolve` knows placeholders and columns."""
    if tree is None:
        return None
    if isinstance(tree, exp.Placeholder | exp.Column):
        return resolve(tree)
    if isinstance(tree, exp.Literal):
        return _TEXT if tree.is_string else _NUMBER
    if isinstance(tree, exp.Paren):
        return value_fact(tree.this, resolve)
    if isinstance(tree, _NEVER_NULL):
        return _NUMBER
    for kinds, rule in _RULES:
        if isinstance(tree, kinds):
            return rule(tree, resolve)
    return None


def _nullable(trees: list[exp.Expression], resolve: Resolve) -> bool:
    facts = [value_fact(tree, resolve) for tree in trees]
    return any(fact is None or fact.nullable for fact in facts)


def _operands(tree: exp.Expression) -> list[exp.Expression]:
    return [
        each
        for each in (tree.args.get("this"), tree.args.get("expression"), *tree.expressions)
        if isinstance(each, exp.Expression)
    ]


def _number_of_operands(tree: exp.Expression, resolve: Resolve) -> Fact:
    return Fact("number", _nullable(_operands(tree), resolve))


def _maybe_number(_tree: exp.Expression, _resolve: Resolve) -> Fact:
    return Fact("number", nullable=True)


def _text_of_operands(tree: exp.Expression, resolve: Resolve) -> Fact:
    return Fact("text", _nullable(_operands(tree), resolve))


def _cast(tree: exp.Expression, resolve: Resolve) -> Fact | None:
    kind = _KINDS.get(tree.args["to"].this.name)
    return Fact(kind, _nullable([tree.this], resolve)) if kind else None


def _coalesced(tree: exp.Expression, resolve: Resolve) -> Fact | None:
    facts = [value_fact(each, resolve) for each in _operands(tree)]
    known = [fact for fact in facts if fact is not None]
    if len(known) < len(facts) or len({fact.kind for fact in known}) > 1:
        return None
    return Fact(known[0].kind, all(fact.nullable for fact in known))


def _case(tree: exp.Expression, resolve: Resolve) -> Fact | None:
    default = tree.args.get("default")
    results = [branch.args["true"] for branch in tree.args["ifs"]] + ([default] if default else [])
    facts = [value_fact(each, resolve) for each in results]
    known = [fact for fact in facts if fact is not None]
    if len(known) < len(facts) or len({fact.kind for fact in known}) > 1:
        return None
    return Fact(known[0].kind, default is None or any(fact.nullable for fact in known))


def _function(tree: exp.Expression, resolve: Resolve) -> Fact | None:
    """`julianday` of one date or time; of other functions nothing is known."""
    if tree.name.lower() != "julianday" or len(tree.expressions) != 1:
        return None
    moment = value_fact(tree.expressions[0], resolve)
    return Fact("number", moment is None or moment.nullable or not moment.temporal)


def _subquery(tree: exp.Expression, resolve: Resolve) -> Fact | None:
    """A scalar subquery: certain to give a row only where it aggregates without grouping."""
    query = tree.this
    if not isinstance(query, exp.Select) or len(query.expressions) != 1:
        return None
    item = query.expressions[0].unalias()
    fact = value_fact(item, lambda inner: resolve(inner) if isinstance(inner, exp.Placeholder) else None)
    if fact is None:
        return None
    return fact if _gives_one_row(query, item) else fact._replace(nullable=True)


def _gives_one_row(query: exp.Select, item: exp.Expression) -> bool:
    if item.find(exp.Window) or any(query.args.get(part) for part in ("group", "having", "limit", "offset")):
        return False
    nested = (exp.Subquery, exp.Select, exp.Exists)
    return any(isinstance(node, exp.AggFunc) for node in item.walk(prune=lambda node: isinstance(node, nested)))


_RULES: tuple[tuple[tuple[type[exp.Expression], ...], Callable[[exp.Expression, Resolve], Fact | None]], ...] = (
    ((*_ARITHMETIC, exp.Neg, *_LOGIC, *_NUMBER_FUNCTIONS), _number_of_operands),
    (_MAYBE_NUMBERS, _maybe_number),
    (_TEXT_FUNCTIONS, _text_of_operands),
    ((exp.Cast,), _cast),
    ((exp.Coalesce,), _coalesced),
    ((exp.Case,), _case),
    ((exp.Anonymous,), _function),
    ((exp.Subquery,), _subquery),
)
