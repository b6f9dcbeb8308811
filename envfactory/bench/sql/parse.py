"""SQL and contract expressions as syntax trees, and back into the language they were written in.

Contract text (`$row.column`) is translated to placeholders before parsing; `restore` puts the dollars back, so that a
mutated expression is again one that a contract may hold. Trees are cached: copy one before changing it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from envfactory.runtime.expressions import translate

_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|:(\w+)")
Tree = exp.Expr


class UnreadableSqlError(ValueError):
    """Text that is not SQL in SQLite's dialect."""


@lru_cache(maxsize=8192)
def statement(text: str) -> Tree:
    """Return the tree of one statement; raise UnreadableSqlError."""
    try:
        tree = parse_one(translate(text).sql, dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        raise UnreadableSqlError(str(error).splitlines()[0]) from error
    if isinstance(tree, exp.Command):
        raise UnreadableSqlError(f"a {text.split(None, 1)[0].upper()} statement")
    for node in tree.walk():
        node._meta = None  # where each word stood: nobody asks, and copying it is most of what a copy costs
    return tree


def expression(text: str) -> Tree:
    """Return the tree of one expression; raise UnreadableSqlError."""
    tree = statement(f"SELECT {text}")
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or tree.args.get("from_"):
        raise UnreadableSqlError("not one expression")
    found: Tree = tree.expressions[0]
    return found


def is_query(text: str) -> bool:
    """Tell whether the text is a SELECT rather than an expression."""
    return text.lstrip().upper().startswith(("SELECT ", "SELECT\n", "WITH ", "WITH\n", "VALUES"))


def read(text: str) -> Tree:
    """Return the tree of a SELECT or of an expression; raise UnreadableSqlError."""
    return statement(text) if is_query(text) else expression(text)


def write(tree: Tree, *, copy: bool = True) -> str:
    """Return a tree as SQLite's SQL. Without a copy the writer may change what is written, a few rare forms only."""
    return tree.sql(dialect="sqlite", copy=copy)


def restore(sql: str, original: str) -> str:
    """Return translated SQL with `$let` and `$row.column` as the original text has them."""
    spelled = _spellings(original)
    return _PLACEHOLDER.sub(lambda match: spelled.get(match[1] or "", match[0]), sql) if spelled else sql


def _spellings(original: str) -> dict[str, str]:
    translated = translate(original)
    spelled = {}
    for name in translated.names:
        let, _, column = name.partition("__")
        if name in translated.lets:
            spelled[name] = f"${name}"
        elif column and let in translated.lets:
            spelled[name] = f"${let}.{column}"
    return spelled


def conjuncts(tree: Tree | None) -> list[Tree]:
    """Return the operands of the ANDs at the top of a condition."""
    if tree is None:
        return []
    if isinstance(tree, exp.Paren):
        return conjuncts(tree.this)
    if isinstance(tree, exp.And):
        return conjuncts(tree.this) + conjuncts(tree.expression)
    return [tree]
