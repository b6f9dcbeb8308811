"""What is true in every state, said once more and independently of the guards that keep it so.

Every table that a tool writes gets at least one condition that a wrong tool would break.
"""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.states import closed_states
from envfactory.synthesis.inference.words import article, spoken
from envfactory.synthesis.inference.world import Column, Entity


def invariants_of(entity: Entity) -> list[JsonObject]:
    """The conditions on one table, each named, explained and cited."""
    if entity.pair:
        return list(_pair(entity))
    if {"borrowed_at", "returned_at"} <= set(entity.columns):
        return list(_loans(entity))
    found = [
        *entity.invariants,
        *_uniqueness(entity),
        *_order(entity),
        *_stamps(entity),
        *_turned(entity),
        *_clock(entity),
        *_filled(entity),
    ]
    return list({each["name"]: each for each in found}.values())


def _none(entity: Entity, condition: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {entity.table} WHERE {condition})"


def _stated(entity: Entity, name: str, sql: str, message: str, column: Column) -> JsonObject:
    return {
        "name": f"{entity.table}_{name}"[:64],
        "sql": sql,
        "message": message,
        "cite": column.citation or entity.candidate.citation,
    }


def _pair(entity: Entity) -> Iterator[JsonObject]:
    for name in entity.pair:
        column = entity.columns[name]
        sql = f"(SELECT COUNT(*) FROM {entity.table}) = (SELECT COUNT(*) FROM {entity.table} p JOIN {column.references} e ON e.{_key_of(column)} = p.{name})"
        yield _stated(
            entity,
            f"{name}_known",
            sql,
            f"Every one of the {spoken(entity.table)} names one of the {spoken(column.references)}.",
            column,
        )


def _loans(entity: Entity) -> Iterator[JsonObject]:
    owner = entity.columns[entity.parent_column]
    open_loans = (
        f"(SELECT COUNT(*) FROM {entity.table} n WHERE n.{owner.name} = o.{_key_of(owner)} AND n.returned_at IS NULL)"
    )
    sql = f"NOT EXISTS (SELECT 1 FROM {owner.references} o WHERE o.borrowed <> {open_loans})"
    yield _stated(
        entity, "match_borrowed", sql, "What is borrowed has exactly one running loan, anything else none.", owner
    )
    ended = _none(entity, "returned_at < borrowed_at")
    yield _stated(entity, "end_after_start", ended, "Nothing comes back before it was borrowed.", owner)


def _uniqueness(entity: Entity) -> Iterator[JsonObject]:
    for columns in entity.unique:
        last = entity.columns[columns[-1]]
        alone = len([name for name in columns if name != entity.parent_column]) == 1 and _is_text(last)
        grouped = ", ".join([*columns[:-1], f"LOWER({last.name})" if alone else last.name])
        sql = f"NOT EXISTS (SELECT 1 FROM {entity.table} GROUP BY {grouped} HAVING COUNT(*) > 1)"
        said = " and ".join(spoken(name) for name in columns)
        yield _stated(entity, f"unique_{last.name}", sql, f"No two {spoken(entity.table)} share their {said}.", last)


def _order(entity: Entity) -> Iterator[JsonObject]:
    for first, last in entity.periods:
        message = f"The {spoken(last)} of {article(entity.noun)} is later than its {spoken(first)}."
        yield _stated(
            entity, f"{first}_before_{last}", _none(entity, f"{first} >= {last}"), message, entity.columns[first]
        )


def _stamps(entity: Entity) -> Iterator[JsonObject]:
    cycle = entity.lifecycle
    if cycle is None:
        return
    closed = closed_states(entity)
    for state, stamp in cycle.stamps.items():
        quoted = "'" + state.replace("'", "''") + "'"
        if state in closed:
            condition = f"({cycle.column} = {quoted}) <> ({stamp} IS NOT NULL)"
        else:
            condition = f"{cycle.column} = {quoted} AND {stamp} IS NULL"
        message = f"{article(entity.noun).capitalize()} that is {spoken(state).lower()} says since when."
        yield _stated(entity, stamp, _none(entity, condition), message, entity.columns[cycle.column])


def _turned(entity: Entity) -> Iterator[JsonObject]:
    """A flag away from where it starts, or a status at its end, says since when; any other does not."""
    for turn in {turn.stamp: turn for turn in entity.turns.values() if turn.stamp}.values():
        sql = _none(entity, f"({turn.column} = {turn.marks}) <> ({turn.stamp} IS NOT NULL)")
        message = f"The {spoken(turn.stamp)} of {article(entity.noun)} is set exactly while {spoken(turn.column)} is {turn.marks}."
        yield _stated(entity, turn.stamp, sql, message, entity.columns[turn.column])
    if entity.dated is not None:
        status, ended, since = entity.dated
        sql = _none(entity, f"({status} = '{ended}') <> ({since} IS NOT NULL)")
        yield _stated(
            entity,
            since,
            sql,
            f"The {spoken(since)} of {article(entity.noun)} is set exactly while it is {ended}.",
            entity.columns[status],
        )


def count_invariants(parent: Entity, child: Entity) -> list[JsonObject]:
    """The container's count is the number of rows in it."""
    column = parent.columns[child.counted]
    sql = (
        f"NOT EXISTS (SELECT 1 FROM {parent.table} o WHERE o.{child.counted} <> "
        f"(SELECT COUNT(*) FROM {child.table} c WHERE c.{child.counted_by} = o.{parent.key}))"
    )
    return [
        _stated(
            parent, child.counted, sql, f"The {spoken(child.counted)} is the number of {spoken(child.table)}.", column
        )
    ]


def _clock(entity: Entity) -> Iterator[JsonObject]:
    created = next((column for column in entity.columns.values() if column.role == "created"), None)
    updated = next((column for column in entity.columns.values() if column.role == "updated"), None)
    if created is not None and updated is not None and created.format == updated.format:
        message = f"No {spoken(entity.noun)} was changed before it was created."
        yield _stated(
            entity, "changed_after_created", _none(entity, f"{updated.name} < {created.name}"), message, updated
        )


def _filled(entity: Entity) -> Iterator[JsonObject]:
    """Texts that must be there are not blank; numbers stay within what the document allows."""
    texts = [
        column for column in entity.columns.values() if _is_text(column) and (column.on_create or column.on_update)
    ]
    for column in [column for column in texts if column.role == "name" or not column.nullable][:2]:
        message = f"The {spoken(column.name)} of {article(entity.noun)} is never blank."
        yield _stated(entity, f"{column.name}_not_blank", _none(entity, f"TRIM({column.name}) = ''"), message, column)
    for column in [
        column
        for column in entity.columns.values()
        if column.type in ("integer", "number") and column.minimum is not None
    ][:2]:
        message = f"The {spoken(column.name)} of {article(entity.noun)} is at least {column.minimum:g}."
        yield _stated(
            entity, f"{column.name}_in_bounds", _none(entity, f"{column.name} < {column.minimum:g}"), message, column
        )
    for column in [
        column for column in entity.references() if column.references != entity.table and not column.nullable
    ][:1]:
        if not texts:
            sql = _none(entity, f"{column.name} NOT IN (SELECT {_key_of(column)} FROM {column.references})")
            yield _stated(
                entity,
                f"{column.name}_known",
                sql,
                f"Every {spoken(entity.noun)} has its {spoken(column.name)}.",
                column,
            )


def _is_text(column: Column) -> bool:
    return (
        column.type == "string"
        and not column.enum
        and not column.format
        and not column.references
        and column.role != "key"
    )


def _key_of(column: Column) -> str:
    return "id" if column.name.endswith("_id") else column.name.rsplit("_", 1)[-1]
