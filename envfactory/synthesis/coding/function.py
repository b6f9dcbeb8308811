"""One contract as one function: look-ups, guards, derived values, writes, result, in the contract's order."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from envfactory.environments.contract import (
    Boolean,
    Contract,
    Effect,
    GuardStep,
    IdStep,
    Insert,
    OneRow,
    Parameter,
    Rows,
    RowStep,
    Step,
    Template,
    Update,
    ValueStep,
    effect_expressions,
    step_expression,
    template_expressions,
)
from envfactory.runtime.expressions import translate
from envfactory.synthesis.coding.conditions import failing_condition, holding_condition, render, repr_literal
from envfactory.synthesis.coding.facts import Columns, parse_expression, row_facts
from envfactory.synthesis.coding.scope import Scope
from envfactory.synthesis.coding.source import STEP, Lines, database_call, docstring, raise_error
from envfactory.synthesis.coding.sql import LINE, flat, operand, unwrapped, value_query

_BODY = STEP
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
_NAME = re.compile(r"[:$](?P<name>[A-Za-z_]\w*)(?:\.(?P<column>[A-Za-z_]\w*))?")
_TEXT = re.compile(r"'(?P<text>(?:[^']|'')*)'")
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_TRUTH_VALUES = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In, exp.Between,
    exp.Exists, exp.Like, exp.Glob, exp.NullSafeEQ, exp.NullSafeNEQ,
)  # fmt: skip


class FunctionWriter:
    """Writes the function of one contract. `helpers` collects the module's helper functions that it needs."""

    def __init__(self, contract: Contract, tables: Mapping[str, Columns], helpers: set[str]) -> None:
        self._contract = contract
        self._tables = tables
        self._helpers = helpers
        self._scope = Scope(contract)
        self._used = _names_used(contract)

    def lines(self) -> Lines:
        """Return the function's source lines."""
        body: Lines = self._keyword_parameters()
        for step in self._contract.steps:
            body += self._step(step)
        if self._contract.steps and self._contract.effects:
            body.append("")
        body += self._effects()
        result = self._result()
        text = [*self._signature(), *docstring(_paragraphs(self._contract), _BODY), *body, *result]
        if any("_json(" in line for line in body + result):
            self._helpers.add("_json")
        return text

    def _signature(self) -> Lines:
        name, context = self._contract.name, f"{self._scope.context}: Context"
        plain = {key: value for key, value in self._contract.parameters.items() if not keyword.iskeyword(key)}
        items = [context] + (["*"] if plain else []) + [f"{key}: {_annotation(value)}" for key, value in plain.items()]
        if len(plain) < len(self._contract.parameters):
            items.append("**others: Any")
        line = f"def {name}({', '.join(items)}) -> dict[str, Any]:"
        if len(line) <= LINE:
            return [line]
        hugged = f"{' ' * STEP}{', '.join(items)}"
        if len(hugged) <= LINE:
            return [f"def {name}(", hugged, ") -> dict[str, Any]:"]
        return [f"def {name}(", *(f"{' ' * STEP}{item}," for item in items), ") -> dict[str, Any]:"]

    def _keyword_parameters(self) -> Lines:
        """Parameters whose names are words of Python come in `others`."""
        reserved = [name for name in self._contract.parameters if keyword.iskeyword(name)]
        return [f'{" " * _BODY}{self._scope.local(name)} = others["{name}"]' for name in reserved]

    def _step(self, step: Step) -> Lines:
        if isinstance(step, RowStep):
            return self._look_up(step)
        if isinstance(step, GuardStep):
            return self._guard(step)
        return self._value(step) if isinstance(step, ValueStep) else self._new_id(step)

    def _look_up(self, step: RowStep) -> Lines:
        self._scope.add_row(step.let, row_facts(step.row, self._tables), optional=step.optional)
        found = database_call("one", step.row, self._scope, _BODY)
        local = self._scope.local(step.let)
        if step.let not in self._used:
            return [] if step.optional else self._refusal(["not " + found[0], *found[1:]], step.otherwise or "")
        lines = _assigned(local, found)
        if step.optional:
            lines[-1] += " or {}"
            return lines
        return lines + self._refusal([f"not {local}"], step.otherwise or "")

    def _refusal(self, condition: Lines, code: str) -> Lines:
        """An `if` over a condition (its first line not indented) that refuses the call."""
        margin = " " * _BODY
        head = [f"{margin}if {condition[0]}", *condition[1:]]
        head[-1] += ":"
        return head + raise_error(_BODY + STEP, code, self._contract.errors[code].message)

    def _guard(self, step: GuardStep) -> Lines:
        failing = failing_condition(step.guard, self._scope)
        if failing is not None:
            return self._refusal(_bracketed(render(failing)), step.otherwise)
        return self._refusal(self._decided_by_sql(step.guard, negated=True), step.otherwise)

    def _decided_by_sql(self, condition: str, *, negated: bool) -> Lines:
        """Python source that is true where SQLite finds the condition true (or, negated, does not)."""
        text = unwrapped(condition)
        tree = parse_expression(text)
        denied = isinstance(tree, exp.Not) and isinstance(tree.this, exp.Exists)
        if denied:
            text = re.sub(r"^NOT\s+", "", text, flags=re.IGNORECASE)
        elif not isinstance(tree, _TRUTH_VALUES):
            text = f"({text}) IS TRUE"
        lines = database_call("value", f"SELECT {text}", self._scope, _BODY)
        return ["not " + lines[0], *lines[1:]] if negated != denied else lines

    def _value(self, step: ValueStep) -> Lines:
        value = self._scalar(step.value, _BODY)
        self._scope.add_value(step.let, step.value)
        return _assigned(self._scope.local(step.let), value)

    def _new_id(self, step: IdStep) -> Lines:
        made = f'{self._scope.context}.new_id("{step.new_id}")'
        lines = [made]
        if step.when is not None:
            condition = self._condition(step.when)
            lines = [f"{made} if {condition[0]}", *condition[1:]]
            lines[-1] += " else None"
        self._scope.add_id(step.let, conditional=step.when is not None)
        return _assigned(self._scope.local(step.let), lines)

    def _condition(self, expression: str) -> Lines:
        holding = holding_condition(expression, self._scope)
        return [render(holding)] if holding is not None else self._decided_by_sql(expression, negated=False)

    def _effects(self) -> Lines:
        """The writes, in order; neighbours under one condition that Python decides share an `if`."""
        lines: Lines = []
        open_condition = ""
        for effect in self._contract.effects:
            if effect.when is None:
                lines += self._effect(effect, _BODY)
                open_condition = ""
                continue
            if effect.when != open_condition:
                condition = self._condition(effect.when)
                lines += [f"{' ' * _BODY}if {condition[0]}", *condition[1:]]
                lines[-1] += ":"
            lines += self._effect(effect, _BODY + STEP)
            open_condition = effect.when if holding_condition(effect.when, self._scope) is not None else ""
        return lines

    def _effect(self, effect: Effect, indent: int) -> Lines:
        if isinstance(effect, Insert):
            return self._insert(effect, indent)
        if isinstance(effect, Update):
            assignments = ", ".join(f"{column} = {operand(value)}" for column, value in effect.set.items())
            sql = f"UPDATE {effect.update} SET {assignments} WHERE {flat(effect.where)}"
        else:
            sql = f"DELETE FROM {effect.delete} WHERE {flat(effect.where)}"
        return _indented(database_call("execute", sql, self._scope, indent), indent)

    def _insert(self, effect: Insert, indent: int) -> Lines:
        if effect.each is None:
            return self._insert_row(effect, indent)
        rows = database_call("all", effect.each, self._scope, indent)
        head = _indented([f"for each in {rows[0]}", *rows[1:]], indent)
        head[-1] += ":"
        return head + self._insert_row(effect, indent + STEP)

    def _insert_row(self, effect: Insert, indent: int) -> Lines:
        fresh = {f"new__{column}": value["new_id"] for column, value in effect.set.items() if isinstance(value, dict)}
        values = [
            f":new__{column}" if isinstance(value, dict) else operand(value) for column, value in effect.set.items()
        ]
        sql = f"INSERT INTO {effect.insert} ({', '.join(effect.set)}) VALUES ({', '.join(values)})"
        ids = {name: f'{self._scope.context}.new_id("{prefix}")' for name, prefix in fresh.items()}
        return _indented(database_call("execute", sql, self._scope, indent, ids), indent)

    def _result(self) -> Lines:
        items = [(name, self._template(value, _BODY + STEP)) for name, value in self._contract.result.items()]
        return _indented(["return " + _dictionary(items, _BODY)[0], *_dictionary(items, _BODY)[1:]], _BODY)

    def _template(self, template: Template, indent: int) -> Lines:
        if isinstance(template, str):
            return self._scalar(template, indent)
        if isinstance(template, Boolean):
            return self._boolean(template.boolean, indent)
        if isinstance(template, Rows):
            return self._rows(template, indent)
        if isinstance(template, OneRow):
            return self._row(template, indent)
        if (query := _lone_query(template)) is not None:
            return self._template(query, indent)
        return _dictionary([(name, self._template(value, indent + STEP)) for name, value in template.items()], indent)

    def _scalar(self, expression: str, indent: int) -> Lines:
        simple = self._simple(flat(unwrapped(expression)))
        return [simple] if simple is not None else database_call("value", value_query(expression), self._scope, indent)

    def _simple(self, text: str) -> str | None:
        """A name or constant as Python, where its value is what SQLite would give."""
        if text.upper() == "NULL":
            return "None"
        if _INTEGER.fullmatch(text):
            return text
        if quoted := _TEXT.fullmatch(text):
            return repr_literal(quoted["text"].replace("''", "'"))
        name = _NAME.fullmatch(text)
        if name is None:
            return None
        parameter = self._contract.parameters.get(name["name"])
        if parameter is not None and parameter.type == "boolean":
            return None  # SQLite gives 0 or 1
        return self._scope.python(f"{name['name']}__{name['column']}" if name["column"] else name["name"])

    def _boolean(self, expression: str, indent: int) -> Lines:
        parameter = self._contract.parameters.get(expression.removeprefix(":"))
        if parameter is not None and parameter.type == "boolean" and expression.startswith(":"):
            return [self._scope.local(expression[1:])]
        if flat(expression) in ("0", "1"):
            return [str(flat(expression) == "1")]
        self._helpers.add("_boolean")
        value = self._scalar(expression, indent)
        value[0] = f"_boolean({value[0]}"
        value[-1] += ")"
        return value

    def _rows(self, template: Rows, indent: int) -> Lines:
        readings = self._readings(template)
        if not readings:
            return database_call("all", template.rows, self._scope, indent)
        rows = database_call("all", template.rows, self._scope, indent + STEP)
        margin = " " * (indent + STEP)
        return ["[", f"{margin}_typed(row, {readings})", f"{margin}for row in {rows[0]}", *rows[1:], f"{' ' * indent}]"]

    def _row(self, template: OneRow, indent: int) -> Lines:
        readings = self._readings(template)
        if not readings:
            return database_call("one", template.row, self._scope, indent)
        found = database_call("one", template.row, self._scope, indent + STEP)
        found[-1] += ","
        margin = " " * (indent + STEP)
        return ["_typed(", f"{margin}{found[0]}", *found[1:], f"{margin}{readings},", f"{' ' * indent})"]

    def _readings(self, template: Rows | OneRow) -> str:
        given = {"booleans": template.booleans, "parsed": template.json_columns}
        stated = [f"{name}={_tuple(columns)}" for name, columns in given.items() if columns]
        if stated:
            self._helpers |= {"_typed", "_boolean"}
        return ", ".join(stated)


def _lone_query(template: Mapping[str, Template]) -> Template | None:
    """`{"rows": SELECT}` read as an object is still what the interpreter takes it for."""
    if len(template) != 1:
        return None
    (name, text), *_ = template.items()
    models: dict[str, type[Rows | OneRow | Boolean]] = {"rows": Rows, "row": OneRow, "boolean": Boolean}
    return models[name].model_validate({name: text}) if name in models and isinstance(text, str) else None


def _tuple(names: list[str]) -> str:
    return f"({', '.join(map(repr_literal, names))}{',' if len(names) == 1 else ''})"


def _assigned(name: str, value: Lines) -> Lines:
    return _indented([f"{name} = {value[0]}", *value[1:]], _BODY)


def _indented(lines: Lines, indent: int) -> Lines:
    return [" " * indent + lines[0], *lines[1:]]


def _bracketed(condition: str) -> Lines:
    """A condition over several lines in parentheses, where one would be too long."""
    if len(condition) + _BODY + 4 <= LINE:
        return [condition]
    parts = re.split(r" (?=(?:and|or) )", condition)
    inner = " " * (_BODY + STEP)
    return ["(", *(f"{inner}{part}" for part in parts), f"{' ' * _BODY})"]


def _dictionary(items: list[tuple[str, Lines]], indent: int) -> Lines:
    """A dict display; on one line where all values are short."""
    flat_items = [f"{repr_literal(name)}: {value[0]}" for name, value in items if len(value) == 1]
    one = f"{{{', '.join(flat_items)}}}"
    if len(flat_items) == len(items) and len(one) + indent + 8 <= LINE:
        return [one]
    inner = " " * (indent + STEP)
    lines: Lines = ["{"]
    for name, value in items:
        lines += [f"{inner}{repr_literal(name)}: {value[0]}", *value[1:]]
        lines[-1] += ","
    return [*lines, f"{' ' * indent}}}"]


def _annotation(parameter: Parameter) -> str:
    if parameter.type == "array":
        items = parameter.items
        kind = f"list[{_TYPES.get(items.type, 'Any') if items else 'Any'}]"
    else:
        kind = _TYPES[parameter.type]
    if parameter.required:
        return kind
    default: Any = parameter.default
    return f"{kind} | None = None" if default is None else f"{kind} = {_default(default)}"


def _default(value: Any) -> str:
    return repr_literal(value) if isinstance(value, str) else repr(value)


def _paragraphs(contract: Contract) -> list[str]:
    text = contract.description.strip() or contract.name.replace("_", " ").capitalize() + "."
    first, _, rest = text.partition(". ")
    parameters = [
        f"{name}: {parameter.description or parameter.type}" for name, parameter in contract.parameters.items()
    ]
    return [first.rstrip(".") + ".", *([rest] if rest else []), *parameters]


def _names_used(contract: Contract) -> set[str]:
    """The lets that any expression mentions."""
    texts = [step_expression(step) for step in contract.steps]
    texts += [text for effect in contract.effects for text in effect_expressions(effect)]
    texts += [text for template in contract.result.values() for text in template_expressions(template)]
    return {name for text in texts for name in translate(text).lets}
