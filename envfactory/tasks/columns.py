"""What contracts say of columns: which hold made-up ids, and which hold wording that is no one's business to repeat.

*Generated* columns are set from a fresh id, or are the key of a table whose inserts compute it (`MAX(id) + 1`): their
values differ between equally good ways through a task, so they are compared up to a consistent renaming.

*Text rules*: a column fed by a free-text parameter (notes, reason, message) is `free`, unless the person dictated the
wording; one fed by any other parameter of plain text (names, addresses) is `normalised`; all others are exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from envfactory.bench.sql.schema import Schema
from envfactory.environments.contract import (
    Contract,
    Contracts,
    Delete,
    IdStep,
    Insert,
    Parameter,
    Update,
    ValueStep,
    effect_table,
)
from envfactory.runtime.expressions import translate
from envfactory.tasks.model import GoldCall, Task, TextRule
from envfactory.tasks.scope import Scope

Column = tuple[str, str]
_FREE_WORDS = frozenset(
    "notes note reason message comment comments remark remarks text body instructions instruction request requests "
    "feedback review summary details purpose memo wishes explanation description justification symptoms motive".split()
)
_BARE = re.compile(r"[:$][\w.]+|'[^']*'|-?\d+")
_COUNTED = re.compile(r"\b(?:MAX|COUNT)\s*\(", re.IGNORECASE)
_LONG = 150


class ColumnFacts(NamedTuple):
    """`generated` columns, those that `refer` to one, and the parameters of plain text that feed each column."""

    generated: frozenset[Column]
    refer: frozenset[Column]
    fed: Mapping[Column, frozenset[tuple[str, str]]]


def column_facts(scope: Scope, name: str) -> ColumnFacts:
    """Return the facts of an environment, found once."""
    made: ColumnFacts = scope.keep(name, "columns", lambda: _find(scope.contracts(name), scope.schema(name)))
    return made


def _find(contracts: Contracts, schema: Schema) -> ColumnFacts:
    settings = [(tool, *setting) for tool in contracts.tools for setting in _settings(tool)]
    generated = {
        column for tool, column, expression in settings if _is_generated(column, expression, _tainted(tool), schema)
    }
    refer = {
        (table, column)
        for table, facts in schema.tables.items()
        for column in facts.columns
        if schema.target(table, column) in generated
    }
    fed: dict[Column, set[tuple[str, str]]] = {}
    for tool, column, expression in settings:
        for parameter in _parameters(tool, expression):
            if is_plain_text(tool.parameters[parameter]):
                fed.setdefault(column, set()).add((tool.name, parameter))
    return ColumnFacts(
        frozenset(generated), frozenset(refer), {column: frozenset(feeders) for column, feeders in fed.items()}
    )


def _settings(tool: Contract) -> Iterator[tuple[Column, str]]:
    """Yield what a tool sets: column and expression; a fresh id for each row reads `$`."""
    for effect in tool.effects:
        if isinstance(effect, Insert | Update):
            for column, value in effect.set.items():
                yield (effect_table(effect), column), value if isinstance(value, str) else "$"
        else:
            assert isinstance(effect, Delete)


def _tainted(tool: Contract) -> set[str]:
    """Return the names in a tool's scope that hold a fresh id or something made of one."""
    found: set[str] = set()
    for step in tool.steps:
        if isinstance(step, IdStep) or (isinstance(step, ValueStep) and translate(step.value).lets & found):
            found.add(step.let)
    return found


def _is_generated(column: Column, expression: str, tainted: set[str], schema: Schema) -> bool:
    if expression == "$" or translate(expression).lets & tainted:
        return True
    table = schema.tables.get(column[0])
    is_key = table is not None and table.primary_key == (column[1],)
    return is_key and not _BARE.fullmatch(expression.strip()) and bool(_COUNTED.search(expression))


def _parameters(tool: Contract, expression: str) -> set[str]:
    """Return the parameters an expression is made of, directly or by derived values."""
    if expression == "$":
        return set()
    translated = translate(expression)
    found = {name for name in translated.names if name in tool.parameters}
    for step in tool.steps:
        if isinstance(step, ValueStep) and step.let in translated.lets:
            found |= {name for name in translate(step.value).names if name in tool.parameters}
    return found


def is_plain_text(parameter: Parameter) -> bool:
    """Tell whether a parameter takes words that stand for nothing else: no reference, choice, pattern or format."""
    if parameter.type == "array" and parameter.items is not None:
        parameter = parameter.items
    bound = parameter.ref or parameter.enum or parameter.pattern or parameter.format
    return parameter.type == "string" and not bound


def is_free_text(name: str, parameter: Parameter) -> bool:
    """Tell whether a parameter takes wording of the caller's own."""
    if not is_plain_text(parameter):
        return False
    named = bool(_FREE_WORDS & set(name.split("_")))
    return named or (parameter.max_length or 0) >= _LONG


def text_rules(task: Task, scope: Scope) -> dict[str, TextRule]:
    """Return the rules for the text columns of the tables that a task's goal touches."""
    rules: dict[str, TextRule] = {}
    for name, changes in task.goal.changes.items():
        dictated = {spot for call in task.gold if call.environment == name for spot in _dictated(call)}
        tables = {change.table for change in changes}
        for (table, column), feeders in sorted(column_facts(scope, name).fed.items()):
            if table in tables:
                free = _are_free(scope.contracts(name), feeders) and not feeders & dictated
                rules[f"{name}.{table}.{column}"] = "free" if free else "normalised"
    return rules


def _dictated(call: GoldCall) -> Iterator[tuple[str, str]]:
    """Yield the parameters whose wording a gold call has from the person."""
    for path, source in call.sources.items():
        if source.kind == "said":
            yield call.tool, re.split(r"[.\[]", path)[0]


def _are_free(contracts: Contracts, feeders: frozenset[tuple[str, str]]) -> bool:
    return any(is_free_text(name, contracts.tool(tool).parameters[name]) for tool, name in feeders)
