"""The order of a set of strings differs between processes, so it may not decide what a tool gives or writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Function, Module, line

_ORDERED_CALLS = frozenset({"list", "tuple", "enumerate", "iter", "zip", "map", "filter", "reversed", "dict"})
_SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})


def set_findings(module: Module) -> Iterator[Finding]:
    """Yield every place where the order of a set decides what comes out (it differs between processes)."""
    for function in module.functions.values():
        yield from _set_order(function)


def _set_order(function: Function) -> Iterator[Finding]:
    sets = _set_names(function)
    for node in ast.walk(function):
        for iterated in _iterated(node):
            if _is_set(iterated, sets):
                message = f"takes the items of a set in no fixed order: {ast.unparse(iterated)[:60]}"
                yield Finding("set-order", line(iterated), message, "sort them: sorted(...)", function.name)


def _set_names(function: Function) -> set[str]:
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    given.setdefault(target.id, []).append(node.value)
    return {name for name, values in given.items() if all(_is_set(value, set()) for value in values)}


def _is_set(node: ast.expr, sets: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in sets
    if isinstance(node, ast.GeneratorExp):
        return _is_set(node.generators[0].iter, sets)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
        return _is_set(node.left, sets) or _is_set(node.right, sets)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in _SET_METHODS and _is_set(node.func.value, sets)
    return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")


def _iterated(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.For):
        yield node.iter
    elif isinstance(node, ast.ListComp | ast.DictComp):
        yield from (generator.iter for generator in node.generators)
    elif isinstance(node, ast.Starred):
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from node.args if node.func.id in _ORDERED_CALLS else []
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from node.args if node.func.attr == "join" else []
        if node.func.attr == "pop" and not node.args:
            yield node.func.value
