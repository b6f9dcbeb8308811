"""A contract while it is being written: the names in scope, the steps and effects so far, and where to lay blame."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envfactory.environments.contract import (
    Effect,
    GuardStep,
    IdStep,
    Parameter,
    RowStep,
    Step,
    ValueStep,
)
from envfactory.errors import DesignError
from envfactory.resources.model import Operation
from envfactory.synthesis.annotations import OperationNotes
from envfactory.synthesis.tables import Table, Tables

_STAR = re.compile(r"\s*SELECT\s+(?:(?P<alias>\w+)\.)?\*", re.IGNORECASE)
_SOURCE = re.compile(r"\b(?:FROM|JOIN)\s+(?P<table>\w+)(?:\s+(?:AS\s+)?(?P<alias>\w+))?", re.IGNORECASE)


@dataclass
class Draft:
    """See the module's docstring. `rows` maps the name of a looked-up row to the table it is a row of, where known."""

    operation: Operation
    notes: OperationNotes
    tool: str
    tables: Tables
    parameters: dict[str, Parameter]
    remarks: list[str]
    steps: list[Step] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    rows: dict[str, Table | None] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    new_rows: dict[str, str] = field(default_factory=dict)

    def fault(self, problem: str, remedy: str = "") -> DesignError:
        """Return the error that names this operation."""
        return DesignError(f"{self.operation.id}: {problem}", remedy=remedy)

    def add(self, step: Step) -> None:
        """Append a step; a row's table becomes known where its SELECT shows it."""
        if not isinstance(step, GuardStep) and step.let in self.names():
            raise self.fault(f"the name {step.let} is given twice", "choose another `let`")
        if isinstance(step, RowStep):
            self.rows[step.let] = selected_table(step.row, self.tables)
        self.steps.append(step)

    def guard(self, condition: str, code: str, cite: str = "") -> None:
        """Append a guard that cites the operation where it has no citation of its own."""
        self.add(GuardStep.model_validate({"guard": condition, "else": code, "cite": cite or self.operation.citation}))

    def look_up(self, let: str, select: str, code: str | None) -> None:
        """Append a look-up that fails with `code`, or is optional without one."""
        self.add(RowStep.model_validate({"let": let, "row": select, "else": code, "optional": code is None}))

    def names(self) -> set[str]:
        """The names taken by parameters and steps."""
        return set(self.parameters) | {
            step.let for step in self.steps if isinstance(step, RowStep | ValueStep | IdStep)
        }

    def free_name(self, wanted: str) -> str:
        """Return `wanted`, or it with a number where it is taken."""
        taken, name, number = self.names(), wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def table(self, name: str, where: str) -> Table:
        """Return a table by name; raise where there is none."""
        if name not in self.tables:
            raise self.fault(f"{where} names {name}, which is no table", f"the tables are {', '.join(self.tables)}")
        return self.tables[name]

    def row_table(self, let: str, where: str) -> Table:
        """Return the table of a looked-up row; raise where it is not known."""
        table = self.rows.get(let)
        if table is None:
            known = ", ".join(name for name, found in self.rows.items() if found) or "none"
            raise self.fault(f"{where} names {let}, which is no looked-up row of one table", f"looked-up rows: {known}")
        return table


def selected_table(select: str, tables: Mapping[str, Table]) -> Table | None:
    """Return the table whose rows `SELECT *` or `SELECT alias.*` gives, or None."""
    star = _STAR.match(select)
    if star is None:
        return None
    for source in _SOURCE.finditer(select):
        if star["alias"] in (None, source["alias"], source["table"]):
            return tables.get(source["table"])
    return None


def sql_text(value: Any) -> str:
    """Return what a document writes as an expression; numbers, booleans and null may stand as they are."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    return str(value)
