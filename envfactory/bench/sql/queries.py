"""What a SELECT reads: its sources, the columns it gives, and the table column each of them comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlglot import exp

from envfactory.bench.sql.parse import Tree
from envfactory.bench.sql.schema import Schema

Origin = tuple[str, str]
_TABLE_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "json_each": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path"),
    "json_tree": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path"),
}


class Output(NamedTuple):
    """A column a query gives: its name, its expression, and the table column it is, if it is one unchanged."""

    name: str
    tree: Tree | None
    origin: Origin | None


@dataclass(frozen=True)
class Source:
    """One thing a query reads from. `table` is set for a plain table; `query` for a subquery or a CTE."""

    alias: str
    columns: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    table: str | None = None
    query: Tree | None = None
    outputs: tuple[Output, ...] = ()
    left_joined: bool = False

    def origin(self, column: str) -> Origin | None:
        """Return the table column behind a column of this source."""
        if self.table is not None:
            return (self.table, column) if column in self.columns else None
        return next((output.origin for output in self.outputs if output.name == column), None)


Known = Mapping[str, Source]


def unwrap(tree: Tree) -> Tree:
    """Return the query inside brackets."""
    while isinstance(tree, exp.Subquery | exp.Paren):
        tree = tree.this
    return tree


def sources(select: Tree, schema: Schema, known: Known | None = None) -> list[Source]:
    """Return what a SELECT reads from, in order; `known` are the CTEs around it."""
    available = {**(known or {}), **ctes(select, schema, known)}
    found = []
    start = select.args.get("from_")
    if start is not None:
        found.append(_source(start.this, schema, available, left=False))
    for join in select.args.get("joins") or []:
        found.append(_source(join.this, schema, available, left=join.side in ("LEFT", "FULL")))
    return found


def ctes(query: Tree, schema: Schema, known: Known | None = None) -> dict[str, Source]:
    """Return the sources a WITH defines, by name."""
    found: dict[str, Source] = {}
    clause = query.args.get("with_")
    for cte in clause.expressions if clause else []:
        available = {**(known or {}), **found}
        given = outputs(cte.this, schema, available)
        names = [identifier.name for identifier in cte.args["alias"].columns] or [output.name for output in given]
        renamed = tuple(Output(name, output.tree, output.origin) for name, output in zip(names, given, strict=False))
        found[cte.alias] = Source(cte.alias, tuple(names), query=cte.this, outputs=renamed)
    return found


def outputs(query: Tree, schema: Schema, known: Known | None = None) -> list[Output]:
    """Return the columns a query gives (of a compound: those of its first part)."""
    query = unwrap(query)
    if isinstance(query, exp.SetOperation):
        return outputs(query.this, schema, {**(known or {}), **ctes(query, schema, known)})
    if not isinstance(query, exp.Select):
        return []
    read = sources(query, schema, known)
    found: list[Output] = []
    for projection in query.expressions:
        found += _outputs_of(projection, read)
    return found


def _outputs_of(projection: Tree, read: list[Source]) -> list[Output]:
    if projection.is_star:
        wanted = projection.table if isinstance(projection, exp.Column) else ""
        return [
            Output(column, None, source.origin(column))
            for source in read
            if wanted in ("", source.alias)
            for column in source.columns
        ]
    plain = projection.unalias()
    name = projection.alias_or_name or plain.sql(dialect="sqlite")
    return [Output(name, plain, origin_of(plain, read))]


def origin_of(tree: Tree, read: list[Source]) -> Origin | None:
    """Return the table column that an expression is, or None where it is anything else."""
    found = resolve(tree, read)
    return found[0].origin(found[1]) if found else None


def resolve(tree: Tree, read: list[Source]) -> tuple[Source, str] | None:
    """Return the source and column that a column expression names; None for another source's column or no column."""
    if not isinstance(tree, exp.Column):
        return None
    for source in read:
        if (tree.table or source.alias) == source.alias and tree.name in source.columns:
            return source, tree.name
    return None


def _source(tree: Tree, schema: Schema, known: Known, *, left: bool) -> Source:
    alias = tree.alias_or_name
    if isinstance(tree, exp.Table) and isinstance(tree.this, exp.Func):
        function = tree.this.name.lower()
        columns = _TABLE_FUNCTIONS.get(function, ())
        return Source(alias or function, columns, (("key",), ("id",)) if columns else (), left_joined=left)
    if isinstance(tree, exp.Table) and tree.name in known:
        cte = known[tree.name]
        return Source(alias, cte.columns, cte.keys, query=cte.query, outputs=cte.outputs, left_joined=left)
    if isinstance(tree, exp.Table):
        facts = schema.tables.get(tree.name)
        columns, keys = (tuple(facts.columns), facts.keys) if facts else ((), ())
        return Source(alias, (*columns, "rowid"), (*keys, ("rowid",)), table=tree.name, left_joined=left)
    given = tuple(outputs(tree, schema, known))
    return Source(alias, tuple(output.name for output in given), query=unwrap(tree), outputs=given, left_joined=left)
