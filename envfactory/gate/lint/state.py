"""Nothing may outlive a call but the database: no module state, no caches, no attributes on functions.

A module may hold imports, functions, private classes and constants that cannot change. Everything else that a later
call could find again is refused, because episodes share the module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Function, Module, line

_FIXED_CALLS = frozenset(
    {"frozenset", "date", "time", "datetime", "timedelta", "timezone", "Decimal", "Fraction", "compile", "TypeVar"}
)
_CACHES = frozenset({"cache", "lru_cache", "cached_property"})
_REMEDY = "keep it in the database or in a local variable; a constant may be a number, a string or a tuple of them"


def state_findings(module: Module) -> Iterator[Finding]:
    """Yield every place where something could outlive a call."""
    for node in module.tree.body:
        yield from _module_level(node)
    for inner in ast.walk(module.tree):
        yield from _anywhere(inner)
        if isinstance(inner, Function | ast.Lambda):
            yield from _defaults(inner)
        if isinstance(inner, Function) and inner.decorator_list:
            message = f"{inner.name} is decorated, and a decorator may remember between calls"
            yield Finding("module-state", line(inner), message, "write the function plainly")


def _module_level(node: ast.stmt) -> Iterator[Finding]:
    if isinstance(node, ast.Import | ast.ImportFrom | Function):
        return
    if isinstance(node, ast.ClassDef):
        yield from _class(node)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        if node.value is not None and not is_fixed(node.value):
            yield Finding("module-state", line(node), f"module-level value that can change: {_short(node)}", _REMEDY)
    elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) and not _is_typing_block(node):
        yield Finding(
            "module-state", line(node), f"code at module level: {_short(node)}", "move it into the tool that needs it"
        )


def _is_typing_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _class(node: ast.ClassDef) -> Iterator[Finding]:
    if not node.name.startswith("_"):
        yield Finding("stray", line(node), f"public class {node.name}", f"call it _{node.name}, or do without")
    for item in node.body:
        value = item.value if isinstance(item, ast.Assign | ast.AnnAssign) else None
        if value is not None and not is_fixed(value):
            yield Finding("module-state", line(item), f"class-level value that can change: {_short(item)}", _REMEDY)


def is_fixed(node: ast.expr) -> bool:
    """Tell whether an expression gives a value that cannot be changed in place."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple):
        return all(map(is_fixed, node.elts))
    if isinstance(node, ast.UnaryOp):
        return is_fixed(node.operand)
    if isinstance(node, ast.BinOp):
        return is_fixed(node.left) and is_fixed(node.right)
    if isinstance(node, ast.Subscript | ast.Attribute | ast.Name):
        return True  # a type alias, or another constant: what it names is judged where it is made
    return isinstance(node, ast.Call) and _called(node) in _FIXED_CALLS


def _called(node: ast.Call) -> str:
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )


def _anywhere(node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Global | ast.Nonlocal):
        word = "global" if isinstance(node, ast.Global) else "nonlocal"
        yield Finding("module-state", line(node), f"{word} {', '.join(node.names)}", _REMEDY)
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and not _is_self(node):
        yield Finding("module-state", line(node), f"sets the attribute {_short(node)}", _REMEDY)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if name in _CACHES:
        yield Finding("module-state", line(node), f"{name} remembers between calls", "compute it anew in each call")


def _is_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _defaults(function: Function | ast.Lambda) -> Iterator[Finding]:
    for default in [*function.args.defaults, *function.args.kw_defaults]:
        if default is not None and not is_fixed(default):
            message = f"default value that is shared between calls: {_short(default)}"
            yield Finding(
                "mutable-default", line(default), message, "default to None and make the value in the function"
            )


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 80 else text[:77] + "..."
