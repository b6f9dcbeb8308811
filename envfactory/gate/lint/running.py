"""SQL put before SQLite itself: does it compile against this schema, is it pure, is its order decided?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlglot import exp

from envfactory.bench.bench import Bench
from envfactory.bench.sql.order import is_total
from envfactory.bench.sql.parse import Tree, UnreadableSqlError, statement
from envfactory.bench.sql.purity import impurities
from envfactory.bench.sql.queries import ctes
from envfactory.bench.sql.schema import Schema
from envfactory.runtime.expressions import translate
from envfactory.sandbox import HandlerFault

_READS, _WRITES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values), (exp.Insert, exp.Update, exp.Delete)


class Objection(NamedTuple):
    """What is wrong with one statement."""

    rule: str
    message: str
    remedy: str


class Desk:
    """Judges statements; the same text is judged once. `schema` are the facts of the database."""

    def __init__(self, bench: Bench, schema: Schema) -> None:
        self._bench = bench
        self.schema = schema
        self._compiled: dict[str, str | None] = {}

    def objections(self, text: str, *, use: str) -> Iterator[Objection]:
        """Yield what is wrong with a statement used for `use`: rows, first, truth, unordered or write."""
        for impurity in impurities(text):
            yield Objection("clock", f"depends on {impurity}", "use the episode's clock: bind :now or :today")
        try:
            tree = statement(text)
        except UnreadableSqlError as error:
            yield Objection(
                "sql", f"cannot be read: {error}", "write plain SELECT, INSERT, UPDATE or DELETE statements"
            )
            return
        yield from self._kind(tree, use)
        fault = self.fault(text)
        if fault:
            yield Objection("sql", fault, "use the tables and columns of schema.sql")
        elif use in ("rows", "first") and not is_total(tree, self.schema):
            yield _order_objection(use)
        else:
            yield from self._scalars(tree)

    def _scalars(self, tree: Tree) -> Iterator[Objection]:
        """Yield an objection for each subquery that gives one of several values, undecided which."""
        known = ctes(tree, self.schema)
        for subquery in tree.find_all(exp.Subquery):
            if isinstance(subquery.parent, exp.From | exp.Join | exp.In | exp.Exists | exp.Table | exp.Subquery):
                continue
            if not is_total(subquery, self.schema, known):
                yield _order_objection("first")

    def _kind(self, tree: Tree, use: str) -> Iterator[Objection]:
        wanted = _WRITES if use == "write" else _READS
        if not isinstance(tree, wanted):
            asked = "INSERT, UPDATE or DELETE" if use == "write" else "SELECT"
            yield Objection(
                "sql", f"a statement of the kind {tree.key.upper()} where {asked} is wanted", f"use {asked} here"
            )

    def fault(self, text: str) -> str | None:
        """Return SQLite's complaint about a statement, or None where it compiles."""
        if text not in self._compiled:
            self._compiled[text] = self._compile(text)
        return self._compiled[text]

    def _compile(self, text: str) -> str | None:
        sql, names, _ = translate(text)
        values: Mapping[str, Any] = dict.fromkeys(names)
        try:
            self._bench.oracle.query(f"EXPLAIN {sql}", values)
        except HandlerFault as error:
            return error.message.partition(": ")[2] or error.message
        return None


def _order_objection(use: str) -> Objection:
    if use == "rows":
        return Objection(
            "order",
            "the order of the rows is not decided",
            "end ORDER BY with the key of the rows, e.g. ORDER BY price, id",
        )
    return Objection(
        "order",
        "more than one row may match, and which comes first is not decided",
        "look up by a key, or add ORDER BY with the key and LIMIT 1",
    )
