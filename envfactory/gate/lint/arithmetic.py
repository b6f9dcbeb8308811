"""Whole numbers stay whole: where a contract reckons in integers, code that reckons in floats will round wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sqlglot import exp

from envfactory.bench.sql.parse import Tree, UnreadableSqlError, read
from envfactory.bench.sql.schema import Schema
from envfactory.environments.contract import (
    Contract,
    effect_expressions,
    step_expression,
    template_expressions,
)
from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Module, line

_REAL_FUNCTIONS = frozenset({"JULIANDAY", "UNIXEPOCH", "ROUND", "AVG", "TOTAL", "STRFTIME", "PRINTF", "FORMAT"})


def float_findings(module: Module, contract: Contract, schema: Schema) -> Iterator[Finding]:
    """Yield every float in the code of a tool whose contract knows only whole numbers."""
    if not _is_whole(contract, schema):
        return
    for function in module.reach(contract.name):
        for node in ast.walk(function):
            if _is_float(node):
                message = f"{contract.name} reckons with floats ({ast.unparse(node)[:60]}), its contract with integers"
                yield Finding(
                    "float", line(node), message, "stay with integers: amounts in cents, // for division", contract.name
                )


def _is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return isinstance(node.op, ast.Div)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"


def _is_whole(contract: Contract, schema: Schema) -> bool:
    if any(parameter.type in ("number", "array", "object") for parameter in contract.parameters.values()):
        return False
    texts = [step_expression(step) for step in contract.steps]
    texts += [text for effect in contract.effects for text in effect_expressions(effect)]
    texts += template_expressions(contract.result)
    reals = {
        name for table in schema.tables.values() for name, column in table.columns.items() if column.type == "REAL"
    }
    return not any(_has_real(text, reals) for text in texts if text)


def _has_real(text: str, reals: set[str]) -> bool:
    try:
        tree = read(text)
    except UnreadableSqlError:
        return True
    return any(_is_real(node, reals) and not _cast_to_whole(node) for node in tree.walk())


def _is_real(node: Tree, reals: set[str]) -> bool:
    if isinstance(node, exp.Literal):
        return not node.is_string and "." in node.this
    if isinstance(node, exp.Column):
        return node.name in reals
    if isinstance(node, exp.Placeholder):
        return node.name.rpartition("__")[2] in reals
    if isinstance(node, exp.Cast):
        return bool(node.to.is_type("float", "double"))
    return (
        isinstance(node, exp.Func)
        and (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).upper() in _REAL_FUNCTIONS
    )


def _cast_to_whole(node: Tree) -> bool:
    above: Tree | None = node.parent
    while above is not None:
        if isinstance(above, exp.Cast) and above.to.is_type("int", "bigint"):
            return True
        above = above.parent
    return False
