"""The expression language of contracts: SQLite expressions over `:parameter`, `$let`, `$row.column`, `$now`, `$today`.

`translate` rewrites `$row.column` to the bound name `:row__column` and `$name` to `:name`, leaving string literals,
quoted identifiers and comments alone, so that every expression runs as an ordinary prepared statement.
"""

from __future__ import annotations

import re
from collections.abc import KeysView
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
    """SQL with named placeholders only, the bound names it uses, and the lets (not parameters) among them.

    Both are sets in the order of first appearance, so that whoever goes through them does the same in every process.
    """

    sql: str
    names: KeysView[str]
    lets: KeysView[str]


@lru_cache(maxsize=8192)
def translate(expression: str) -> Translated:
    """Rewrite one expression or statement; never fails, unknown names show when it is bound."""
    names: dict[str, None] = {}
    lets: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        let, column, parameter = match["let"], match["column"], match["parameter"]
        if let:
            lets[let] = None
            name = f"{let}__{column}" if column else let
        elif parameter:
            name = parameter
        else:
            return match[0]
        names[name] = None
        return f":{name}"

    sql = _TOKEN.sub(replace, expression)
    return Translated(sql, names.keys(), lets.keys())
