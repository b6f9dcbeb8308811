"""The faults themselves: operators on Python's syntax tree, applied one at a time and taken back."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import NamedTuple

from envfactory.bench.sql.schema import Schema
from envfactory.environments.contract import Contract
from envfactory.gate.lint.module import Function, Module, names_read
from envfactory.gate.lint.statements import READS, WRITES
from envfactory.gate.mutation.slots import Slot, changed, slots
from envfactory.gate.mutation.sql import CONTROL, sql_mutants

_BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt},
    **{
        ast.Eq: ast.NotEq,
        ast.NotEq: ast.Eq,
        ast.In: ast.NotIn,
        ast.NotIn: ast.In,
        ast.Is: ast.IsNot,
        ast.IsNot: ast.Is,
    },
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult},
    **{ast.Div: ast.Mult, ast.Mod: ast.Mult},
}
_METHODS = frozenset({"strip", "lower", "upper", "casefold"})
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Fault(NamedTuple):
    """What is wrong while a fault is in place, in the statement at this place of the function's body."""

    kind: str
    line: int
    what: str
    code: str = ""
    at: int = 0


class Faults:
    """Iterates over the faults of one function; while one is yielded the function's tree holds it."""

    def __init__(self, module: Module, contract: Contract, schema: Schema, function: Function) -> None:
        self._module = module
        self._contract = contract
        self._schema = schema
        self._function = function
        self._at = 0
        self._frozen = _loop_progress(function)
        self._refusers = _refusers(module)
        self._columns = _neighbour_columns(schema)
        self._values = _neighbour_values(schema)

    def __iter__(self) -> Iterator[Fault]:
        for slot in slots(self._function):
            self._at = slot.at if slot.parent is self._function and slot.at is not None else self._at
            if id(slot.node) in self._frozen:
                continue
            for operator in _OPERATORS.get(type(slot.node), ()):
                yield from operator(self, slot)

    def _fault(self, kind: str, node: ast.AST, what: str, code: str = "") -> Fault:
        return Fault(kind, getattr(node, "lineno", self._function.lineno), what[:160], code, self._at)

    def _swap(self, slot: Slot, new: ast.AST, kind: str, code: str = "") -> Iterator[Fault]:
        what = f"{ast.unparse(slot.node)} -> {ast.unparse(new)}"
        with slot.holding(ast.copy_location(new, slot.node)):
            yield self._fault(kind, slot.node, what, code)

    def _drop(self, slot: Slot, kind: str, code: str = "") -> Iterator[Fault]:
        shown = ast.unparse(slot.node).splitlines()[0]
        with slot.holding(ast.copy_location(ast.Pass(), slot.node)):
            yield self._fault(kind, slot.node, f"without: {shown}", code)

    def if_statement(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.If)
        raised = [inner for inner in node.body if isinstance(inner, ast.Raise)]
        if raised:
            code = self._code_of(raised[0])
            never = ast.If(test=ast.Constant(False), body=node.body, orelse=node.orelse)
            with slot.holding(ast.copy_location(never, node)):
                yield self._fault("dropped-guard", node, f"without: if {ast.unparse(node.test)}: raise ...", code)
        if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            with changed(node, test=ast.UnaryOp(ast.Not(), node.test)):
                yield self._fault("negated", node, ast.unparse(node.test))

    def _code_of(self, node: ast.Raise) -> str:
        call = node.exc
        first = call.args[0] if isinstance(call, ast.Call) and call.args else None
        return (self._module.text(first) or "") if first is not None else ""

    def expression_statement(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call):
            return
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
            yield from self._drop(slot, "dropped-write")
        elif isinstance(call.func, ast.Name) and call.func.id in self._refusers:
            yield from self._drop(slot, "dropped-guard", self._refusers[call.func.id])
        else:
            yield from self._drop(slot, "dropped-statement")

    def assignment(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        if isinstance(node, ast.AugAssign):
            yield from self._drop(slot, "dropped-statement")
        elif isinstance(node, ast.Assign) and all(isinstance(target, ast.Subscript) for target in node.targets):
            yield from self._drop(slot, "dropped-field")

    def loop(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.For)
        with changed(node, body=[*node.body, ast.Break()]):
            yield self._fault("loop-once", node, f"only the first: for {ast.unparse(node.target)} in ...")

    def comparison(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.Compare)
        for kind, table in (("boundary", _BOUNDARY), ("comparison", _OPPOSITE)):
            for number, operator in enumerate(node.ops):
                other = table.get(type(operator))
                if other is not None:
                    new = copy.copy(node)
                    new.ops = [*node.ops[:number], other(), *node.ops[number + 1 :]]
                    yield from self._swap(slot, new, kind)

    def connective(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.BoolOp)
        for number in range(len(node.values)):
            rest = node.values[:number] + node.values[number + 1 :]
            yield from self._swap(slot, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest), "dropped-conjunct")

    def negation(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield from self._swap(slot, node.operand, "negated")

    def choice(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.IfExp)
        yield from self._swap(slot, node.body, "case")
        yield from self._swap(slot, node.orelse, "case")

    def arithmetic(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.BinOp | ast.AugAssign)
        other = _ARITHMETIC.get(type(node.op))
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
        if other is not None and not any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in sides):
            with changed(node, op=other()):
                yield self._fault("arithmetic", node, ast.unparse(node))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
            yield from self._swap(slot, _rounded_up(node), "rounding")

    def constant(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, bool):
            yield from self._swap(slot, ast.Constant(not node.value), "constant")
        elif isinstance(node.value, int):
            yield from self._swap(slot, ast.Constant(node.value + _step(slot)), "constant")
        elif isinstance(node.value, str):
            yield from self._text(slot, node.value)

    def _text(self, slot: Slot, text: str) -> Iterator[Fault]:
        if isinstance(slot.parent, ast.Subscript):
            other = self._columns.get(text)
            if other is not None and isinstance(slot.parent.ctx, ast.Load):
                yield from self._swap(slot, ast.Constant(other), "wrong-column")
        elif isinstance(slot.parent, ast.Dict) and slot.field == "keys":
            return
        elif text in self._values:
            yield from self._swap(slot, ast.Constant(self._values[text]), "literal")

    def dictionary(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.Dict)
        for number, key in enumerate(node.keys if len(node.keys) > 1 else []):
            keys, values = (
                node.keys[:number] + node.keys[number + 1 :],
                node.values[:number] + node.values[number + 1 :],
            )
            with changed(node, keys=keys, values=values):
                shown = ast.unparse(key) if key is not None else "**"
                yield self._fault("dropped-field", node, f"without the field {shown}")

    def call(self, slot: Slot) -> Iterator[Fault]:
        node = slot.node
        assert isinstance(node, ast.Call)
        called = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        if called == "ToolError":
            yield from self._wrong_code(node)
        elif called in _FUNCTIONS and isinstance(node.func, ast.Name):
            with changed(node.func, id=_FUNCTIONS[called]):
                yield self._fault("aggregate", node, ast.unparse(node))
        elif called in _METHODS and isinstance(node.func, ast.Attribute) and not node.args:
            yield from self._swap(slot, node.func.value, "function")
        elif called == "new_id" and node.args and _is_text(node.args[0]):
            with changed(node, args=[ast.Constant("zz")]):
                yield self._fault("literal", node, "new_id of another prefix")
        elif called in READS | WRITES and isinstance(node.func, ast.Attribute):
            yield from self._sql(node)
        yield from self._arguments(node)

    def _wrong_code(self, node: ast.Call) -> Iterator[Fault]:
        code = self._module.text(node.args[0]) if node.args else None
        if code is None:
            return
        codes = list(self._contract.errors)
        other = codes[(codes.index(code) + 1) % len(codes)] if code in codes and len(codes) > 1 else "WRONG_CODE"
        with changed(node, args=[ast.Constant(other), *node.args[1:]]):
            yield self._fault("wrong-code", node, f"{code} -> {other}", code)

    def _sql(self, node: ast.Call) -> Iterator[Fault]:
        text = self._module.text(node.args[0]) if node.args else None
        made = sql_mutants(text, self._schema) if text is not None else []
        for mutant in made:
            with changed(node, args=[ast.Constant(mutant.text), *node.args[1:]]):
                kind = mutant.kind if mutant.kind == CONTROL else f"sql-{mutant.kind}"
                yield self._fault(kind, node, delta(made[0].text, mutant.text))

    def _arguments(self, node: ast.Call) -> Iterator[Fault]:
        """Exchange a parameter that is passed on for another one of the same type."""
        for keyword in node.keywords:
            value = keyword.value
            other = self._alike(value.id) if isinstance(value, ast.Name) else None
            if other is not None:
                with changed(keyword, value=ast.Name(other, ast.Load())):
                    yield self._fault("wrong-argument", node, f"{keyword.arg}={other}")

    def _alike(self, name: str) -> str | None:
        parameters = self._contract.parameters
        if name not in parameters or self._function.name != self._contract.name:
            return None
        kind = parameters[name].type, parameters[name].format
        alike = [other for other, parameter in parameters.items() if (parameter.type, parameter.format) == kind]
        return alike[(alike.index(name) + 1) % len(alike)] if len(alike) > 1 else None


Operator = Callable[[Faults, Slot], Iterator[Fault]]
_OPERATORS: dict[type[ast.AST], tuple[Operator, ...]] = {
    ast.If: (Faults.if_statement,),
    ast.Expr: (Faults.expression_statement,),
    ast.Assign: (Faults.assignment,),
    ast.AugAssign: (Faults.assignment, Faults.arithmetic),
    ast.For: (Faults.loop,),
    ast.Compare: (Faults.comparison,),
    ast.BoolOp: (Faults.connective,),
    ast.UnaryOp: (Faults.negation,),
    ast.IfExp: (Faults.choice,),
    ast.BinOp: (Faults.arithmetic,),
    ast.Constant: (Faults.constant,),
    ast.Dict: (Faults.dictionary,),
    ast.Call: (Faults.call,),
}


def delta(old: str, new: str) -> str:
    """Return what differs between two texts, whole words with a little around them: `... a < b -> a <= b ...`."""
    first, second = old.split(" "), new.split(" ")
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    start = max(0, same - 2)
    rest = zip(reversed(first[same:]), reversed(second[same:]), strict=False)
    end = max(0, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest)) - 2)
    return f"{' '.join(first[start : len(first) - end])} -> {' '.join(second[start : len(second) - end])}"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _rounded_up(node: ast.BinOp) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right))


def _step(slot: Slot) -> int:
    """The step to the side that the boundary's own fault does not reach."""
    return -1 if isinstance(slot.parent, ast.Compare) and isinstance(slot.parent.ops[0], ast.GtE | ast.Lt) else 1


def _loop_progress(function: Function) -> set[int]:
    """The nodes that keep a while loop going to its end: a fault there would only hang."""
    frozen: set[int] = set()
    for loop in ast.walk(function):
        if isinstance(loop, ast.While):
            names = names_read(loop.test)
            frozen |= {id(node) for node in ast.walk(loop.test)}
            for node in ast.walk(ast.Module(loop.body, [])):
                targets = (
                    node.targets
                    if isinstance(node, ast.Assign)
                    else [node.target]
                    if isinstance(node, ast.AugAssign)
                    else []
                )
                if any(isinstance(target, ast.Name) and target.id in names for target in targets):
                    frozen |= {id(inner) for inner in ast.walk(node)}
    return frozen


def _refusers(module: Module) -> dict[str, str]:
    """Return the helpers called for their refusals alone (they raise and return nothing), with a code of each."""
    found = {}
    for function in module.functions.values():
        returns = any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))
        codes = [
            module.text(node.args[0])
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "ToolError"
            and node.args
        ]
        if codes and not returns:
            found[function.name] = codes[0] or ""
    return found


def _neighbour_columns(schema: Schema) -> dict[str, str]:
    """Return for a column's name the next one of the same type in the first table that has it."""
    found: dict[str, str] = {}
    for table in schema.tables.values():
        for name, column in table.columns.items():
            alike = [other for other, facts in table.columns.items() if facts.type == column.type]
            if len(alike) > 1:
                found.setdefault(name, alike[(alike.index(name) + 1) % len(alike)])
    return found


def _neighbour_values(schema: Schema) -> dict[str, str]:
    """Return for an enumerated text the next one of its enumeration."""
    found: dict[str, str] = {}
    for table in schema.tables.values():
        for column in table.columns.values():
            texts = [value for value in column.values if isinstance(value, str)]
            for number, text in enumerate(texts):
                found.setdefault(text, texts[(number + 1) % len(texts)])
    return found
