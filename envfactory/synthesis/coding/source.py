"""Python source with indentation: statements, calls over one or many lines, docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from envfactory.runtime.expressions import translate
from envfactory.synthesis.coding.conditions import repr_literal
from envfactory.synthesis.coding.scope import Scope
from envfactory.synthesis.coding.sql import LINE, bound_names, flat, literal_lines, renamed

Lines = list[str]
STEP = 4


def database_call(
    method: str, contract_sql: str, scope: Scope, indent: int, bindings: Mapping[str, str] | None = None
) -> Lines:
    """Return `ctx.<method>(sql, name=value, ...)` for a contract's SQL; the first line is not indented."""
    sql = flat(translate(contract_sql).sql)
    values = {**scope.bindings(sql), **(bindings or {})}
    names = bound_names(values)
    arguments = [f"{names[name]}={value}" for name, value in values.items()]
    return call(f"{scope.context}.{method}", renamed(sql, names), arguments, indent)


def call(function: str, sql: str, arguments: Sequence[str], indent: int) -> Lines:
    """Return a call with an SQL string first, on one line where it fits."""
    literal = literal_lines(sql, indent + STEP)
    one = f"{function}({', '.join([literal[0], *arguments])})"
    if len(literal) == 1 and len(one) + indent <= LINE:
        return [one]
    inner = " " * (indent + STEP)
    hugged = f"{inner}{', '.join([literal[0], *arguments])}"
    if len(literal) == 1 and len(hugged) <= LINE:
        return [f"{function}(", hugged, f"{' ' * indent})"]
    listed = [f"{inner}{literal[0]}", *literal[1:]]
    listed[-1] += ","
    return [f"{function}(", *listed, *(f"{inner}{argument}," for argument in arguments), f"{' ' * indent})"]


def docstring(paragraphs: Sequence[str], indent: int) -> Lines:
    """Return a docstring; paragraphs that begin with `name:` hang."""
    margin = " " * indent
    blocks = [_wrapped(text, indent, first=number == 0) for number, text in enumerate(paragraphs)]
    if len(blocks) == 1 and len(blocks[0]) == 1:
        return [f'{margin}"""{blocks[0][0]}"""']
    lines = [f'{margin}"""{blocks[0][0]}', *(f"{margin}{line}" for line in blocks[0][1:])]
    for text, block in zip(paragraphs[1:], blocks[1:], strict=True):
        if not (_is_item(text) and _is_item(paragraphs[paragraphs.index(text) - 1])):
            lines.append("")
        lines += [f"{margin}{line}" for line in block]
    return [*lines, f'{margin}"""']


def _is_item(text: str) -> bool:
    return text.partition(":")[0].isidentifier() and ": " in text


def _wrapped(text: str, indent: int, *, first: bool) -> Lines:
    safe = " ".join(text.split()).replace("\\", "\\\\").replace('"', "'" if '"""' in text else '"')
    if safe.endswith('"'):
        safe += " "
    hanging = " " * STEP if _is_item(text) and not first else ""
    return textwrap.wrap(
        safe, LINE - indent - (6 if first else 0), subsequent_indent=hanging, break_long_words=False
    ) or [""]


def raise_error(scope_indent: int, code: str, message: str) -> Lines:
    """Return the statement that refuses a call."""
    margin = " " * scope_indent
    line = f"{margin}raise ToolError({repr_literal(code)}, {repr_literal(message)})"
    if len(line) <= LINE:
        return [line]
    chunks = textwrap.wrap(
        message, LINE - scope_indent - STEP - 4, drop_whitespace=False, break_long_words=True, replace_whitespace=False
    )
    inner = " " * (scope_indent + STEP)
    return [
        f"{margin}raise ToolError(",
        f"{inner}{repr_literal(code)},",
        *(f"{inner}{repr_literal(chunk)}" for chunk in chunks[:-1]),
        f"{inner}{repr_literal(chunks[-1])},",
        f"{margin})",
    ]
