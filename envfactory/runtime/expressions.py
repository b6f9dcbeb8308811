"""The expression language of contracts: SQLite expressions over `:parameter`, `$let`, `$row.column`, `$now`, `$today`.

`translate` rewrites `$row.column` to the bound name `:row__column` and `$name` to `:name`, leaving string literals,
quoted identifiers and comments alone, so that every expression runs as an ordinary prepared statement.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"'(?:[^']|'')*'"  # string literal
    r'|"(?:[^"]|"")*"'  # quoted identifier
    r"|--[^\n]*|/\*.*?\*/"  # comments
    r"|\$(?P<let>[A-Za-z_]\w*)(?:\.(?P<column>[A-Za-z_]\w*))?"
    r"|:(?P<parameter>[A-Za-z_]\w*)",
    re.DOTALL,
)


class Translated(NamedTuple):
    """SQL with named placeholders only, the bound names it uses, and the lets (not parameters) among them."""

    sql: str
    names: frozenset[str]
    lets: frozenset[str]


@lru_cache(maxsize=8192)
def translate(expression: str) -> Translated:
    """Rewrite one expression or statement; never fails, unknown names show when it is bound."""
    names: set[str] = set()
    lets: set[str] = set()

    def replace(match: re.Match[str]) -> str:
        let, column, parameter = match["let"], match["column"], match["parameter"]
        if let:
            lets.add(let)
            name = f"{let}__{column}" if column else let
        elif parameter:
            name = parameter
        else:
            return match[0]
        names.add(name)
        return f":{name}"

    sql = _TOKEN.sub(replace, expression)
    return Translated(sql, frozenset(names), frozenset(lets))
