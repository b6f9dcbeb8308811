"""The SQL in tool code: every statement a literal, each of them found with the call that runs it.

What is built from pieces cannot be read, mutated or trusted, so only literals (or module-level string constants) may
be given to the context's methods; the database handle itself is for `execute` and `executemany` alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Function, Module, line
from envfactory.runtime.expressions import translate

READS, WRITES = frozenset({"one", "all", "value"}), frozenset({"execute", "executemany"})
_RUNNERS = READS | WRITES
_HANDLE = frozenset({"db"})
_LITERAL = "write the statement as one string literal, with :name for every value"
_ORDER_FREE = frozenset({"len", "sum", "any", "all", "set", "frozenset", "sorted", "min", "max", "bool"})


class Statement(NamedTuple):
    """One statement: its text, the call that runs it, the function it stands in, and what its result is used for.

    `use` is "rows", "first" (the first row or value), "truth" (whether there is a row), "unordered" or "write".
    """

    text: str
    method: str
    node: ast.Call
    function: Function
    use: str

    @property
    def where(self) -> str:
        return line(self.node)

    def names(self) -> set[str]:
        """Return the names of the values the statement wants."""
        return set(translate(self.text).names)

    def given(self) -> set[str] | None:
        """Return the names of the values given, or None where they cannot be seen."""
        if len(self.node.args) > 1 and not isinstance(self.node.args[1], ast.Dict):
            return None
        names = {keyword.arg for keyword in self.node.keywords}
        if len(self.node.args) > 1 and isinstance(self.node.args[1], ast.Dict):
            names |= {str(key.value) if isinstance(key, ast.Constant) else None for key in self.node.args[1].keys}
        return None if None in names else {name for name in names if name is not None}


def statements(module: Module) -> Iterator[Statement | Finding]:
    """Yield every statement of the module's functions, and a finding for each that is not a literal."""
    for function in module.functions.values():
        yield from _of_function(module, function)


def _of_function(module: Module, function: Function) -> Iterator[Statement | Finding]:
    parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in _RUNNERS | {"executescript"} and _is_context(node.value):
            yield from _runner(module, function, node, parents)
        elif isinstance(node, ast.Attribute) and node.attr in _HANDLE:
            yield from _handle(function, node, parents)


def _is_context(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and node.attr in _HANDLE)


def _runner(
    module: Module, function: Function, node: ast.Attribute, parents: dict[ast.AST, ast.AST]
) -> Iterator[Statement | Finding]:
    call = parents.get(node)
    if not isinstance(call, ast.Call) or call.func is not node or node.attr == "executescript":
        yield Finding(
            "sql",
            line(node),
            f"uses {ast.unparse(node)} other than by calling it with a statement",
            _LITERAL,
            function.name,
        )
        return
    text = module.text(call.args[0]) if call.args else None
    if text is None:
        shown = ast.unparse(call.args[0])[:80] if call.args else "nothing"
        yield Finding("sql", line(call), f"SQL that is not a literal: {shown}", _LITERAL, function.name)
        return
    yield Statement(text, node.attr, call, function, _use(node.attr, call, parents))


def _handle(function: Function, node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> Iterator[Finding]:
    outer = parents.get(node)
    if isinstance(outer, ast.Attribute) and outer.attr in WRITES:
        return
    shown = ast.unparse(outer if isinstance(outer, ast.Attribute) else node)
    remedy = "use context.one, all, value and execute; the runtime keeps transactions and settings"
    yield Finding("sql", line(node), f"uses the database handle: {shown}", remedy, function.name)


def _use(method: str, call: ast.Call, parents: dict[ast.AST, ast.AST]) -> str:
    if method in WRITES:
        return "write"
    outer = parents.get(call)
    if _is_truth(call, outer):
        return "truth"
    if method != "all":
        return "first"
    if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _ORDER_FREE:
        return "unordered"
    if isinstance(outer, ast.comprehension):
        return _comprehension_use(parents.get(outer), parents)
    return "unordered" if isinstance(outer, ast.For) and outer.iter is call and _order_free(outer) else "rows"


def _is_truth(call: ast.Call, outer: ast.AST | None) -> bool:
    if isinstance(outer, ast.If | ast.IfExp | ast.While):
        return outer.test is call
    if isinstance(outer, ast.Compare):
        return all(isinstance(item, ast.Constant) and item.value is None for item in outer.comparators)
    return isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not)


def _comprehension_use(made: ast.AST | None, parents: dict[ast.AST, ast.AST]) -> str:
    if isinstance(made, ast.SetComp):
        return "unordered"
    outer = parents.get(made) if made is not None else None
    free = isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _ORDER_FREE
    return "unordered" if free else "rows"


def _order_free(loop: ast.For) -> bool:
    """Tell whether a loop over rows does the same in any order: it only writes and adds up."""
    for node in ast.walk(ast.Module(loop.body, [])):
        if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Yield):
            return False
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("append", "new_id", "extend")
        ):
            return False
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Subscript) for target in node.targets):
            return False
    return True
