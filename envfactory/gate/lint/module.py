"""tools.py as a syntax tree: its tools, its helpers, its constants, and which helpers a tool comes to use."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from envfactory.gate.lint.findings import Finding

FILE = "tools.py"
Function = ast.FunctionDef | ast.AsyncFunctionDef
_MAX_SOURCE = 400_000


@dataclass(frozen=True)
class Module:
    """A parsed tools.py. `texts` are its module-level string constants, which SQL and codes may be named by."""

    tree: ast.Module
    functions: dict[str, Function]
    texts: dict[str, str] = field(default_factory=dict)

    def reach(self, name: str) -> list[Function]:
        """Return a function and every module-level function it comes to call, callees first."""
        found: dict[str, Function] = {}
        self._reach(name, found, set())
        return list(found.values())

    def _reach(self, name: str, found: dict[str, Function], entered: set[str]) -> None:
        if name in entered or name not in self.functions:
            return
        entered.add(name)
        for used in names_read(self.functions[name]):
            self._reach(used, found, entered)
        found[name] = self.functions[name]

    def owner(self, function: Function, tools: Iterable[str]) -> str:
        """Return the tool a function is or serves: the first that reaches it."""
        return next((tool for tool in tools if function in self.reach(tool)), "")

    def text(self, node: ast.expr) -> str | None:
        """Return the string a literal, or the name of a module-level one, stands for."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return self.texts.get(node.id) if isinstance(node, ast.Name) else None


def parse_module(source: str) -> Module | Finding:
    """Return the parsed module, or what keeps it from being one."""
    if len(source) > _MAX_SOURCE:
        return Finding("syntax", FILE, f"{len(source)} characters of source", f"stay below {_MAX_SOURCE}")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return Finding("syntax", f"{FILE}:{error.lineno or 1}", f"not Python: {error.msg}", "mend the syntax")
    except (ValueError, RecursionError, MemoryError) as error:
        return Finding(
            "syntax", FILE, f"cannot be read: {error}", "write it plainly, without NUL bytes or deep nesting"
        )
    functions = {node.name: node for node in tree.body if isinstance(node, Function)}
    return Module(tree, functions, dict(_texts(tree)))


def _texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((target.id, value.value) for target in targets if isinstance(target, ast.Name))


def names_read(node: ast.AST) -> set[str]:
    """Return the names a node reads."""
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)}


def context_name(function: Function) -> str:
    """Return what a function calls its context: its first parameter."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else ""


def line(node: ast.AST) -> str:
    """Return where a node stands."""
    return f"{FILE}:{getattr(node, 'lineno', 1)}"
