"""Places in a syntax tree where a node can be exchanged for another and put back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Slot(NamedTuple):
    """One node with the place that holds it: a field of its parent, at a place where the field is a list."""

    node: ast.AST
    parent: ast.AST
    field: str
    at: int | None

    @contextmanager
    def holding(self, new: ast.AST) -> Iterator[None]:
        """Have the place hold another node for a while."""
        self._put(new)
        try:
            yield
        finally:
            self._put(self.node)

    def _put(self, node: ast.AST) -> None:
        if self.at is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.at] = node


@contextmanager
def changed(node: ast.AST, **fields: Any) -> Iterator[None]:
    """Have a node's fields hold other values for a while."""
    before = {name: getattr(node, name) for name in fields}
    for name, value in fields.items():
        setattr(node, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(node, name, value)


def slots(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Slot]:
    """Return every place in a function's body, outermost first; annotations and the docstring left out."""
    found: list[Slot] = []
    start = 1 if ast.get_docstring(function) is not None else 0
    for index, statement in enumerate(function.body[start:], start):
        found.append(Slot(statement, function, "body", index))
        found += _below(statement)
    return found


def _below(node: ast.AST) -> Iterator[Slot]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "ctx", "type_comment"):
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                yield Slot(child, node, field, index if isinstance(value, list) else None)
                yield from _below(child)
