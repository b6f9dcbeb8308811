"""Code may take nothing from the machine: allow-listed imports, no clock, randomness, reflection, input or output.

The sandbox's walls do not depend on this; it tells the author early, and keeps environments deterministic.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Module, context_name, line
from envfactory.runtime.toolmodule import ALLOWED_IMPORTS

_CLOCK_ATTRIBUTES = frozenset({"now", "utcnow", "today"})
_ZONE_ATTRIBUTES = frozenset({"fromtimestamp", "timestamp", "localtime", "mktime"})
_REFUSED_NAMES = {
    **dict.fromkeys(("eval", "exec", "compile", "__import__"), "runs text as code"),
    **dict.fromkeys(("open", "input", "print", "breakpoint"), "input and output are not a tool's business"),
    **dict.fromkeys(
        ("globals", "locals", "vars", "dir", "getattr", "hasattr", "setattr", "delattr", "memoryview"), "reflection"
    ),
    **dict.fromkeys(("hash", "id"), "differs from one process to the next"),
}
_LASTING = frozenset({"getcontext", "setcontext", "setfirstweekday", "register"})
_BROAD = frozenset({"Exception", "BaseException"})


def effect_findings(module: Module) -> Iterator[Finding]:
    """Yield every place where the code reaches outside of its arguments, its context and the database."""
    contexts = {context_name(function) for function in module.functions.values()} - {""}
    local = _bound_names(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import(node)
        elif isinstance(node, ast.Attribute):
            yield from _attribute(node, contexts)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in local:
            yield from _name(node)
        elif isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.ExceptHandler):
            yield from _handler(node)
        elif isinstance(node, ast.Assert):
            yield Finding("crash", line(node), "assert ends in a crash", "raise ToolError with a declared code")
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Yield | ast.YieldFrom):
            yield Finding(
                "signature", line(node), "a coroutine or generator", "write a plain function that returns its result"
            )


def _bound_names(tree: ast.Module) -> set[str]:
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return (arguments | stored) - {"eval", "exec", "open", "globals", "__import__"}


def _import(node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    for name in names:
        if name.split(".")[0] not in ALLOWED_IMPORTS or (isinstance(node, ast.ImportFrom) and node.level):
            remedy = f"use only: {', '.join(sorted(ALLOWED_IMPORTS))}; clock, ids and data come from the context"
            yield Finding("import", line(node), f"imports {name}", remedy)
    if any(alias.name == "*" for alias in node.names):
        yield Finding("import", line(node), "imports *", "name what is used")


def _attribute(node: ast.Attribute, contexts: set[str]) -> Iterator[Finding]:
    if node.attr.startswith("__") or node.attr in ("f_globals", "gi_frame", "tb_frame", "f_back"):
        yield Finding("reflection", line(node), f"reads .{node.attr}", "do without the interpreter's internals")
    base = node.value.id if isinstance(node.value, ast.Name) else ""
    if node.attr in _CLOCK_ATTRIBUTES and base not in contexts:
        remedy = "the episode's clock is context.now (2026-05-01T09:00:00Z) and context.today (2026-05-01)"
        yield Finding("clock", line(node), f"reads the machine's clock: {ast.unparse(node)}", remedy)
    if node.attr in _ZONE_ATTRIBUTES:
        yield Finding(
            "clock",
            line(node),
            f".{node.attr} depends on the machine's time zone",
            "compare dates as text, or as datetime.date",
        )
    if node.attr.startswith("_") and not node.attr.startswith("__") and base in contexts:
        yield Finding(
            "reflection",
            line(node),
            f"reaches into the context: .{node.attr}",
            "use now, today, new_id, one, all, value and execute",
        )
    if node.attr in _LASTING:
        yield Finding("module-state", line(node), f"{node.attr} outlives the call", "pass what differs as an argument")


def _name(node: ast.Name) -> Iterator[Finding]:
    if node.id in _REFUSED_NAMES:
        why = _REFUSED_NAMES[node.id]
        yield Finding(
            "builtin", line(node), f"uses {node.id}: {why}", "do without it; ids come from context.new_id(prefix)"
        )
    elif node.id.startswith("__") and node.id not in ("__name__",):
        yield Finding("reflection", line(node), f"uses {node.id}", "do without the interpreter's internals")
    elif node.id in _LASTING:
        yield Finding("module-state", line(node), f"{node.id} outlives the call", "pass what differs as an argument")


def _call(node: ast.Call) -> Iterator[Finding]:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "astimezone" and not node.args:
        yield Finding("clock", line(node), ".astimezone() without a zone is the machine's", "give it a zone")


def _handler(node: ast.ExceptHandler) -> Iterator[Finding]:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    names = {
        item.id if isinstance(item, ast.Name) else getattr(item, "attr", "") for item in caught if item is not None
    }
    raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    if node.type is None or names & _BROAD:
        yield Finding("swallow", line(node), "catches every error", "catch what you expect by name, or let it show")
    elif "ToolError" in names and not raises:
        yield Finding("swallow", line(node), "catches ToolError and goes on", "let a refusal reach the caller")
