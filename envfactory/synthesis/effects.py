"""Effects of an operation, the sugar of docs/extension.md expanded: insert fill-in, `of`, transitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from envfactory.environments.contract import Delete, Identifier, IdStep, Insert, Strict, Update, ValueStep
from envfactory.synthesis.annotations import LifecycleNotes, parse_notes
from envfactory.synthesis.ddl import literal
from envfactory.synthesis.drafting import Draft, sql_text
from envfactory.synthesis.tables import Column, Table

_INVALID_STATUS = "INVALID_STATUS"
_CREATION = (
    "created updated modified changed booked placed issued opened started submitted requested registered added ordered"
)
_CREATION_WORDS = frozenset(_CREATION.split())
SetValue = str | dict[str, str]


class _Effect(Strict):
    """An effect as the document writes it: one of insert, update, delete, transition."""

    insert: Identifier | None = None
    update: Identifier | None = None
    delete: Identifier | None = None
    transition: Identifier | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    each: str | None = None
    where: Any = None
    of: Identifier | None = None
    when: Any = None
    otherwise: str | None = None


def add_effects(draft: Draft) -> None:
    """Expand every effect of the operation into contract effects, and the steps they need."""
    for raw in draft.notes.effects:
        effect = _parsed(draft, raw)
        when = None if effect.when is None else sql_text(effect.when)
        if effect.insert:
            _add_insert(draft, effect, draft.table(effect.insert, "insert"), when)
        elif effect.transition:
            _add_transition(draft, effect, when)
        elif effect.update:
            _add_update(draft, effect, draft.table(effect.update, "update"), when)
        else:
            table = draft.table(effect.delete or "", "delete")
            draft.effects.append(Delete(delete=table.name, where=_where(draft, effect, table), when=when))


def _parsed(draft: Draft, raw: dict[str, Any]) -> _Effect:
    renamed = {"otherwise" if key == "else" else key: value for key, value in raw.items()}
    effect = parse_notes(_Effect, renamed, f"{draft.operation.id}: the effect {raw}")
    kinds = [kind for kind in ("insert", "update", "delete", "transition") if getattr(effect, kind) is not None]
    if len(kinds) != 1:
        raise draft.fault(f"the effect {raw} must be exactly one of insert, update, delete and transition")
    return effect


def _where(draft: Draft, effect: _Effect, table: Table) -> str:
    if effect.of is None:
        if effect.where is None:
            raise draft.fault(
                f"which rows of {table.name} change is not said", "write `where`, or `of` with a looked-up row"
            )
        return sql_text(effect.where)
    if draft.row_table(effect.of, "of").name != table.name:
        raise draft.fault(f"{effect.of} is no row of {table.name}", "write `where`")
    draft.moved.append(effect.of)
    return table.key_condition(effect.of)


def _settings(draft: Draft, given: Mapping[str, Any], table: Table) -> dict[str, str]:
    for column in given:
        if column not in table.columns:
            raise draft.fault(
                f"sets {column}, which {table.name} does not have", f"its columns: {', '.join(table.columns)}"
            )
    return {column: sql_text(value) for column, value in given.items()}


def _add_update(draft: Draft, effect: _Effect, table: Table, when: str | None) -> None:
    settings = _settings(draft, effect.set, table)
    if not settings:
        raise draft.fault(f"the update of {table.name} sets nothing", "write `set: {column: expression}`")
    draft.effects.append(Update(update=table.name, where=_where(draft, effect, table), set=settings, when=when))


def _add_transition(draft: Draft, effect: _Effect, when: str | None) -> None:
    let = effect.transition or ""
    table = draft.row_table(let, "transition")
    cycle = table.lifecycle
    if cycle is None or draft.tool not in cycle.transitions:
        raise draft.fault(
            f"{table.name} has no transition by {draft.tool}",
            f"write lifecycle: {{transitions: {{{draft.tool}: [[from, to]]}}}} into the schema of {table.name}",
        )
    moves = cycle.transitions[draft.tool]
    admitted = _admits(f"${let}.{cycle.column}", [state for state, _ in moves])
    condition = admitted if when is None else f"({when}) IS NOT TRUE OR {admitted}"
    draft.guard(condition, effect.otherwise or _INVALID_STATUS)
    settings = _settings(draft, effect.set, table)
    state = settings.pop(cycle.column, None) or _destination(draft, let, cycle)
    draft.moved.append(let)
    draft.effects.append(
        Update(update=table.name, where=table.key_condition(let), set={cycle.column: state, **settings}, when=when)
    )


def _admits(state: str, origins: list[str]) -> str:
    distinct = list(dict.fromkeys(origins))
    if len(distinct) == 1:
        return f"{state} = {literal(distinct[0])}"
    return f"{state} IN ({', '.join(map(literal, distinct))})"


def _destination(draft: Draft, let: str, cycle: LifecycleNotes) -> str:
    moves = cycle.transitions[draft.tool]
    ways = dict(moves)
    if len(ways) < len(set(moves)):
        raise draft.fault(
            f"the life cycle moves one state to several by {draft.tool}",
            f"say which in `set: {{{cycle.column}: expression}}`",
        )
    if len(set(ways.values())) == 1:
        return literal(moves[0][1])
    branches = " ".join(f"WHEN {literal(origin)} THEN {literal(target)}" for origin, target in ways.items())
    return f"CASE ${let}.{cycle.column} {branches} END"


def _add_insert(draft: Draft, effect: _Effect, table: Table, when: str | None) -> None:
    stated = {column: value for column, value in effect.set.items() if isinstance(value, dict)}
    plain = {column: value for column, value in effect.set.items() if column not in stated}
    given: dict[str, SetValue] = {**_settings(draft, plain, table)}
    given |= {column: _new_id_of(draft, value) for column, value in stated.items()}
    values = {
        column.name: given.get(column.name) or _filled(draft, effect, table, column, when)
        for column in table.columns.values()
    }
    if not effect.each and len(table.key) == 1 and isinstance(values[table.key[0]], str):
        draft.new_rows.setdefault(table.name, str(values[table.key[0]]))
    draft.effects.append(
        Insert.model_validate({"insert": table.name, "set": values, "each": effect.each, "when": when})
    )


def _new_id_of(draft: Draft, value: dict[str, Any]) -> dict[str, str]:
    if set(value) != {"new_id"}:
        raise draft.fault(f"{value} is no value", "write an expression, or {new_id: prefix}")
    return {"new_id": str(value["new_id"])}


def _filled(draft: Draft, effect: _Effect, table: Table, column: Column, when: str | None) -> SetValue:
    """The value of a column that the document leaves out."""
    if column.name in draft.parameters:
        return _from_parameter(draft, column)
    if table.key == (column.name,) and not column.references:
        return _new_key(draft, effect, table, column, when)
    if table.lifecycle is not None and table.lifecycle.column == column.name:
        return literal(table.lifecycle.initial)
    if column.default is not None:
        return literal(column.default)
    if clock := _clock(column):
        return clock
    if column.nullable:
        return "NULL"
    raise draft.fault(
        f"the insert into {table.name} gives no {column.name}",
        f"write set: {{{column.name}: expression}}, or give the schema a default",
    )


def _from_parameter(draft: Draft, column: Column) -> str:
    parameter = draft.parameters[column.name]
    always = parameter.required or parameter.default is not None
    if always or column.nullable or column.default is None:
        return f":{column.name}"
    return f"COALESCE(:{column.name}, {literal(column.default)})"


def _new_key(draft: Draft, effect: _Effect, table: Table, column: Column, when: str | None) -> SetValue:
    name = f"new_{table.noun}"
    if column.type == "string" and effect.each:
        return {"new_id": table.prefix}
    if effect.each:
        raise draft.fault(
            f"the insert into {table.name} gives no {column.name} for each row",
            f"write set: {{{column.name}: expression}}",
        )
    let = draft.free_name(name)
    if column.type == "string":
        draft.add(IdStep(let=let, new_id=table.prefix, when=when))
    else:
        draft.add(ValueStep(let=let, value=f"(SELECT COALESCE(MAX({column.name}), 0) + 1 FROM {table.name})"))
    return f"${let}"


def _clock(column: Column) -> str:
    """`$now` or `$today` where a read-only column says when the row came about."""
    made = column.name.split("_")[0] in _CREATION_WORDS
    if not column.read_only or (column.nullable and not made):
        return ""
    return {"date-time": "$now", "date": "$today"}.get(column.format, "")
