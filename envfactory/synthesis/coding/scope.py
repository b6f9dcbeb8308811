"""The names a contract's expressions may use, and what the code calls them."""

from __future__ import annotations

import keyword

from sqlglot import exp

from envfactory.environments.contract import Contract
from envfactory.runtime.expressions import translate
from envfactory.synthesis.coding.facts import CLOCK, Columns, Fact, parameter_fact, parse_expression, value_fact

_EACH = "each"


class Scope:
    """Grows as the steps are written. Bound names are those of `translate`: `guest_id`, `booking__status`, `now`."""

    def __init__(self, contract: Contract) -> None:
        self.context = "ctx" if "ctx" not in contract.parameters else "context"
        self._values: dict[str, str] = {name: f"{self.context}.{name}" for name in CLOCK}
        self._facts: dict[str, Fact | None] = dict(CLOCK)
        self._columns: dict[str, Columns] = {}
        self._optional: set[str] = set()
        self._rows: set[str] = {_EACH}
        for name, parameter in contract.parameters.items():
            value = self.local(name)
            self._values[name] = f"_json({value})" if parameter.type in ("array", "object") else value
            self._facts[name] = parameter_fact(parameter)

    def local(self, name: str) -> str:
        """Return what a parameter or let is called in the code."""
        return f"{name}_" if keyword.iskeyword(name) or name == self.context else name

    def add_row(self, let: str, columns: Columns, *, optional: bool) -> None:
        """Make a looked-up row known; every column of an optional one can be null."""
        self._rows.add(let)
        if optional:
            self._optional.add(let)
        self._columns[let] = {name: fact._replace(nullable=fact.nullable or optional) for name, fact in columns.items()}

    def add_value(self, let: str, expression: str) -> None:
        """Make a derived value known."""
        self._values[let] = self.local(let)
        tree = parse_expression(expression)
        self._facts[let] = value_fact(tree, self._resolve)

    def add_id(self, let: str, *, conditional: bool) -> None:
        """Make a new id known."""
        self._values[let] = self.local(let)
        self._facts[let] = Fact("text", nullable=conditional)

    def python(self, name: str) -> str | None:
        """Return the Python expression of a bound name."""
        if name in self._values:
            return self._values[name]
        row, _, column = name.partition("__")
        if not column or row not in self._rows:
            return None
        return f'{self.local(row)}.get("{column}")' if row in self._optional else f'{self.local(row)}["{column}"]'

    def fact(self, name: str) -> Fact | None:
        """Return what is known of a bound name's value."""
        if name in self._facts:
            return self._facts[name]
        row, _, column = name.partition("__")
        return self._columns.get(row, {}).get(column)

    def bindings(self, sql: str) -> dict[str, str]:
        """Return the Python expressions of the bound names of translated SQL, in the order they appear."""
        return {name: self.python(name) or self.local(name) for name in translate(sql).names}

    def _resolve(self, tree: exp.Expression) -> Fact | None:
        return self.fact(tree.name) if isinstance(tree, exp.Placeholder) else None
