"""What a contract's text says of its parameters: the columns they are compared with, the constants that matter.

Read by pattern, not by parsing: a link that is missed or superfluous only makes some generated values less telling,
for every input is judged by executing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from envfactory.bench.inputs.values import admits, checker_of
from envfactory.bench.sql.schema import Schema
from envfactory.environments.contract import (
    Contract,
    Insert,
    Parameter,
    Update,
    effect_expressions,
    step_expression,
    template_expressions,
)
from envfactory.runtime.arguments import Normaliser
from envfactory.runtime.expressions import translate

_OPERATOR = r"(?:=|==|<>|!=|<=|>=|<|>|\bIS(?:\s+NOT)?\b|\bLIKE\b|\|\||-|\+)"
_WRAP = r"(?:\w*\(\s*)*"
_COLUMN_FIRST = re.compile(rf":?(?P<column>[A-Za-z_]\w*)\)*\s*{_OPERATOR}\s*{_WRAP}:(?P<name>\w+)", re.IGNORECASE)
_NAME_FIRST = re.compile(
    rf":(?P<name>\w+)\)*\s*{_OPERATOR}\s*{_WRAP}:?(?:\w+\.)?(?P<column>[A-Za-z_]\w*)(?!\w*\()", re.IGNORECASE
)
_INTEGER = re.compile(r"(?<![\w.'$:])(\d{1,9})(?![\w.'-])")
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]\w*)", re.IGNORECASE)
_CLOCK = re.compile(r":(?:now|today)\b")
_MOST_CONSTANTS = 12


@dataclass(frozen=True)
class Leaf:
    """A scalar parameter, array item or object field: `columns` are the (table, column) pairs it has to do with."""

    name: str
    parameter: Parameter
    columns: tuple[tuple[str, str], ...]

    @cached_property
    def check(self) -> Normaliser:
        """The runtime's checker of this place."""
        return checker_of(self.parameter)

    def admits(self, value: Any) -> bool:
        """Tell whether the parameter's schema admits a value."""
        return admits(self.check, value)


class ToolFacts:
    """See the module's docstring."""

    def __init__(self, contract: Contract, schema: Schema) -> None:
        self.contract = contract
        self._schema = schema

    @cached_property
    def texts(self) -> list[str]:
        """Every SQL text of the contract, `$row.column` written `:row__column`."""
        found = [step_expression(step) for step in self.contract.steps]
        for effect in self.contract.effects:
            found += effect_expressions(effect)
        found += template_expressions(self.contract.result)
        return [translate(text).sql for text in found if text]

    @cached_property
    def tables(self) -> list[str]:
        """The tables it mentions, in order."""
        named = [table for text in self.texts for table in _TABLE.findall(text)]
        written = sorted(self.contract.writes())
        return [table for table in dict.fromkeys([*named, *written]) if table in self._schema.tables]

    @cached_property
    def constants(self) -> list[int]:
        """The whole numbers in its SQL, small ones that every SQL has (0 and 1) left out."""
        numbers = {int(number) for text in self.texts for number in _INTEGER.findall(text)}
        return sorted(numbers - {0, 1})[:_MOST_CONSTANTS]

    @cached_property
    def timed(self) -> bool:
        """Whether what it does depends on the clock."""
        return any(_CLOCK.search(text) for text in self.texts)

    @cached_property
    def leaves(self) -> dict[str, Leaf]:
        """Each scalar place of the parameters by its path: `crew`, `items[]`, `items[].quantity`."""
        return {
            path: Leaf(path, parameter, self._columns(path, parameter))
            for path, parameter in scalars(self.contract.parameters)
        }

    def _columns(self, path: str, parameter: Parameter) -> tuple[tuple[str, str], ...]:
        if parameter.ref:
            table, column = parameter.ref.split(".")
            return ((table, column),) if self._schema.column(table, column) else ()
        name = path.rsplit(".", 1)[-1].removesuffix("[]")
        wanted = [*self._assigned(name), *self._compared(name), name]
        found = [(table, column) for column in wanted for table in self._having(column)]
        return tuple(dict.fromkeys(found))

    def _having(self, column: str) -> list[str]:
        everywhere = self._schema.named(column)
        return [table for table in self.tables if table in everywhere] or everywhere

    def _assigned(self, name: str) -> list[str]:
        sets = [effect.set for effect in self.contract.effects if isinstance(effect, Insert | Update)]
        return [column for values in sets for column, value in values.items() if value == f":{name}"]

    def _compared(self, name: str) -> list[str]:
        pairs = [match for text in self.texts for match in self._links(text)]
        return [column.rpartition("__")[2] for column, other in pairs if other == name]

    def _links(self, text: str) -> Iterable[tuple[str, str]]:
        for pattern in (_COLUMN_FIRST, _NAME_FIRST):
            for match in pattern.finditer(text):
                yield match["column"], match["name"]


def scalars(parameters: dict[str, Parameter], prefix: str = "") -> list[tuple[str, Parameter]]:
    """Return every scalar place with its path."""
    found = []
    for name, parameter in parameters.items():
        found += _scalars_of(f"{prefix}{name}", parameter)
    return found


def _scalars_of(path: str, parameter: Parameter) -> list[tuple[str, Parameter]]:
    if parameter.type == "array" and parameter.items is not None:
        return _scalars_of(f"{path}[]", parameter.items)
    if parameter.type == "object":
        return scalars(parameter.properties or {}, f"{path}.")
    return [(path, parameter)]
