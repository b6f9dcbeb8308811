"""Loads generated tool code: an explicit registry of functions, an import allow-list, fresh globals on demand.

The allow-list here and the missing builtins are manners, not walls: the walls are the sandbox's. They turn a mistake
into a clear error while the code is being written.
"""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Callable, Iterable, Mapping
from types import CodeType
from typing import Any

from envfactory.runtime.context import Context, ToolError

ALLOWED_IMPORTS = frozenset(
    [
        "__future__",
        "bisect",
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "statistics",
        "string",
        "textwrap",
        "typing",
        "unicodedata",
        "zoneinfo",
    ]
)
_REFUSED_BUILTINS = frozenset(
    ["open", "exec", "eval", "compile", "input", "breakpoint", "help", "exit", "quit", "memoryview", "__import__"]
)

ToolFunction = Callable[..., Any]


def _import(name: str, globals: Any = None, locals: Any = None, fromlist: Iterable[str] = (), level: int = 0) -> Any:
    if level or name.split(".")[0] not in ALLOWED_IMPORTS:
        raise ImportError(f"tool code may not import {name}")
    module = importlib.import_module(name)
    return module if fromlist else importlib.import_module(name.split(".")[0])


def _namespace() -> dict[str, Any]:
    safe = {name: value for name, value in vars(builtins).items() if name not in _REFUSED_BUILTINS}
    safe["__import__"] = _import
    return {"__builtins__": safe, "__name__": "tools", "ToolError": ToolError, "Context": Context}


class ToolModule:
    """The functions of one tools.py, by name. `variants` replace single functions (for mutants) until cleared."""

    def __init__(self, source: str, names: Iterable[str]) -> None:
        self._code = compile(source, "tools.py", "exec")
        self._names = list(names)
        self._functions: dict[str, ToolFunction] = {}
        self.refresh()

    def refresh(self) -> None:
        """Execute the module anew, so that no module state survives."""
        self._globals = _namespace()
        exec(self._code, self._globals)  # the sandbox's whole purpose
        missing = [name for name in self._names if not callable(self._globals.get(name))]
        if missing:
            raise ValueError(f"tools.py defines no function {missing[0]}")
        self._functions = {name: self._globals[name] for name in self._names}

    def replace(self, name: str, source: str | CodeType | None) -> None:
        """Let `name` be the function that `source` defines, or the module's own again (None)."""
        if source is None:
            self._functions[name] = self._globals[name]
            return
        scope = dict(self._globals)
        exec(compile(source, "tools.py", "exec") if isinstance(source, str) else source, scope)
        self._functions[name] = scope[name]

    def __call__(self, name: str, context: Context, arguments: Mapping[str, Any]) -> Any:
        return self._functions[name](context, **arguments)
