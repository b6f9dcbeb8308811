"""Faulty versions of tool code: what a model gets wrong in a function, one fault at a time, ready to be tested.

The kind `control` is no fault: an SQL text read and written back. Where a control fails, the writing is at fault, and
the mutants of that statement prove nothing.

A mutant is the source of a tool's function with every helper it reaches, one of them changed, so that it can stand in
for the tool alone. Kinds that start with `sql-` are faults inside an SQL text.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from envfactory.bench.sql.schema import Schema
from envfactory.environments.contract import Contract
from envfactory.gate.lint.module import Function, Module
from envfactory.gate.mutation.faults import Fault, Faults
from envfactory.gate.mutation.sql import CONTROL

MUST_DIE = frozenset({"dropped-guard", "dropped-write", "wrong-code"})
MOST_PER_TOOL = 160
_KEPT = MUST_DIE | {CONTROL}


class CodeMutant(NamedTuple):
    """One faulty tool. `what` shows the change; `code` is the error code a dropped guard or wrong code is about."""

    tool: str
    kind: str
    line: int
    what: str
    source: str
    code: str = ""


def code_mutants(module: Module, contract: Contract, schema: Schema, *, most: int = MOST_PER_TOOL) -> list[CodeMutant]:
    """Return the mutants of one tool: all that must die, then the other kinds in turn up to `most`."""
    functions = module.reach(contract.name)
    if not functions:
        return []
    head = _future_imports(module)
    texts = {function.name: ast.unparse(function) for function in functions}
    found: dict[str, CodeMutant] = {}
    for function in functions:
        printer = _Printer(function)
        for fault in Faults(module, contract, schema, function):
            changed = printer.printed(fault.at)
            if changed != texts[function.name]:
                source = "\n\n".join([*head, *({**texts, function.name: changed}.values())])
                found.setdefault(source, _mutant(contract.name, fault, source))
    return _chosen(found.values(), most)


class _Printer:
    """Prints a function of which one statement has changed; the others were printed before."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._head = len(self._alone(ast.Pass())) - len("    pass")
        self._texts = [self._statement(number) for number in range(len(function.body))]
        self._start = self._alone(ast.Pass())[: self._head]

    def printed(self, changed: int) -> str:
        """Return the function's text, the statement at this place printed anew."""
        now = self._statement(changed)
        return self._start + "\n".join([*self._texts[:changed], now, *self._texts[changed + 1 :]])

    def _statement(self, number: int) -> str:
        return self._alone(self._function.body[number])[self._head :]

    def _alone(self, statement: ast.stmt) -> str:
        whole = copy.copy(self._function)
        whole.body = [statement]
        return ast.unparse(whole)


def printed(module: Module, tool: str) -> str:
    """Return a tool as the mutants are printed, unchanged: what shows that the printing itself does no harm."""
    return "\n\n".join([*_future_imports(module), *(ast.unparse(function) for function in module.reach(tool))])


def _mutant(tool: str, fault: Fault, source: str) -> CodeMutant:
    return CodeMutant(tool, fault.kind, fault.line, fault.what, source, fault.code)


def _future_imports(module: Module) -> list[str]:
    return [
        ast.unparse(node)
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]


def _chosen(mutants: Iterable[CodeMutant], most: int) -> list[CodeMutant]:
    """Return every mutant that must die, and others of every kind in turn."""
    must = [mutant for mutant in mutants if mutant.kind in _KEPT]
    kinds: dict[str, list[CodeMutant]] = {}
    for mutant in mutants:
        if mutant.kind not in _KEPT:
            kinds.setdefault(mutant.kind, []).append(mutant)
    rest = list(_in_turn(list(kinds.values())))
    return must + rest[: max(0, most - len(must))]


def _in_turn(groups: list[list[CodeMutant]]) -> Iterator[CodeMutant]:
    for turn in range(max(map(len, groups), default=0)):
        yield from (group[turn] for group in groups if turn < len(group))
