"""A tool's guards turned round: which rows would they let pass?

A guard says of a looked-up row what has to hold. Read as the WHERE of a SELECT over that row's table, the guards
together find the rows for which a call can succeed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envfactory.environments.contract import Contract, GuardStep, RowStep, ValueStep
from envfactory.runtime.expressions import translate

_BY_KEY = re.compile(r"SELECT \* FROM (?P<table>\w+) WHERE (?P<key>\w+) = :(?P<parameter>\w+)")
_LET = re.compile(r"'(?:[^']|'')*'|\$(?P<let>\w+)(?:\.(?P<column>\w+))?")
_OWNED = re.compile(
    r"\$(?P<row>\w+)\.(?P<column>\w+)\s*=\s*:(?P<parameter>\w+)|:(?P<parameter2>\w+)\s*=\s*\$(?P<row2>\w+)\.(?P<column2>\w+)"
)
_ORDERED = re.compile(r":(?P<later>\w+)\s*>=?\s*:(?P<earlier>\w+)|:(?P<earlier2>\w+)\s*<=?\s*:(?P<later2>\w+)")
_ALIAS = "candidate"
_CLOCK = frozenset({"now", "today"})
_DEEPEST = 8


@dataclass(frozen=True)
class Condition:
    """A guard over candidate rows: the parameters it needs, and the other looked-up rows."""

    sql: str
    parameters: frozenset[str]
    rows: frozenset[str]


@dataclass(frozen=True)
class Candidates:
    """The rows a parameter may name: `select` lacks its WHERE."""

    let: str
    select: str
    conditions: tuple[Condition, ...]


class Guards:
    """What can be said of one tool's guards without running them."""

    def __init__(self, tool: Contract) -> None:
        self.selects = {step.let: step.row for step in tool.steps if isinstance(step, RowStep)}
        self._values = {step.let: step.value for step in tool.steps if isinstance(step, ValueStep)}
        self._guards = [step.guard.strip() for step in tool.steps if isinstance(step, GuardStep)]
        self._parameters = frozenset(tool.parameters)
        self.candidates: dict[str, Candidates] = dict(self._candidates())

    def owners(self) -> Iterator[tuple[str, str, str]]:
        """Yield (parameter, row, column) where a guard asks for `$row.column = :parameter`."""
        for guard in self._guards:
            if found := _OWNED.fullmatch(guard):
                yield (
                    found["parameter"] or found["parameter2"],
                    found["row"] or found["row2"],
                    found["column"] or found["column2"],
                )

    def orders(self) -> Iterator[tuple[str, str]]:
        """Yield (later, earlier) where a guard asks that one parameter be greater than another."""
        for guard in self._guards:
            if found := _ORDERED.fullmatch(guard):
                yield found["later"] or found["later2"], found["earlier"] or found["earlier2"]

    def _candidates(self) -> Iterator[tuple[str, Candidates]]:
        for let, select in self.selects.items():
            found = _BY_KEY.fullmatch(select)
            if found and found["parameter"] in self._parameters:
                conditions = tuple(self._conditions(let))
                sql = f"SELECT {_ALIAS}.{found['key']} AS value FROM {found['table']} AS {_ALIAS}"
                yield found["parameter"], Candidates(let, sql, conditions)

    def _conditions(self, let: str) -> Iterator[Condition]:
        """The guards that speak of `$let`, as far as nothing in them is itself looked up with `$let`'s help."""
        for guard in self._guards:
            sql = self._inlined(guard)
            used = {found["let"] for found in _LET.finditer(sql) if found["let"]}
            others = used - _CLOCK - {let}
            known = all(other in self.selects and not self._depends(other, let) for other in others)
            if let in used and known:
                names = translate(sql).names
                yield Condition(_renamed(sql, let), frozenset(names & self._parameters), frozenset(others))

    def _inlined(self, sql: str) -> str:
        """The expression with derived values written out."""
        for _ in range(_DEEPEST):
            if not any(
                found["let"] in self._values for found in _LET.finditer(sql) if found["let"] and not found["column"]
            ):
                break
            sql = _LET.sub(self._written_out, sql)
        return sql

    def _written_out(self, found: re.Match[str]) -> str:
        value = self._values.get(found["let"] or "")
        return found[0] if value is None or found["column"] else f"({value})"

    def _depends(self, row: str, let: str) -> bool:
        used = {found["let"] for found in _LET.finditer(self._inlined(self.selects[row])) if found["let"]}
        return let in used or any(self._depends(other, let) for other in used if other in self.selects and other != row)


def _renamed(sql: str, let: str) -> str:
    """The expression with `$let.column` as a column of the candidate row."""
    return _LET.sub(
        lambda found: f"{_ALIAS}.{found['column']}" if found["let"] == let and found["column"] else found[0], sql
    )


def where(candidates: Candidates, rows: set[str], *, among: frozenset[str]) -> str:
    """Return the SELECT of the candidates that pass the guards which need no parameter but those in `among`."""
    usable = [each.sql for each in candidates.conditions if each.parameters <= among and each.rows <= rows]
    conditions = f" WHERE {' AND '.join(f'({sql})' for sql in usable)}" if usable else ""
    return f"{candidates.select}{conditions} ORDER BY 1"
