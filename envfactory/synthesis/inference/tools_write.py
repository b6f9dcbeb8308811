"""Writing tools: create, update and delete one record, with the guards that its columns and neighbours call for."""

from __future__ import annotations

import re

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.agreements import settled_columns
from envfactory.synthesis.inference.guards import coherence_guards, period_guards, unique_guards
from envfactory.synthesis.inference.parts import (
    Draft,
    column_param,
    frozen_guard,
    own_row,
    parent_row,
    refer,
    row_of,
    said_of,
    state_guard,
    tool_name,
)
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.words import article, error_code, plain, plural_name, spoken
from envfactory.synthesis.inference.world import Column, Entity, Param, Tool, World

MAX_PARAMETERS = 8
_CREATING_VERBS = {
    "place": "place",
    "book": "book",
    "register": "register",
    "schedule": "schedule",
    "start": "start",
    "invite": "invite",
}


def build_create(entity: Entity, reading: Reading, world: World) -> Tool | str:
    """Create a record; a reason where nothing could be said about it."""
    draft = Draft(entity, reading)
    values: JsonObject = {}
    if entity.natural_key:
        draft.add(_natural_key(entity))
        values[entity.key] = f":{entity.key}"
    parent = world.entities.get(entity.parent)
    if parent is not None:
        let = parent_row(draft, world)
        draft.known[let] = parent
        values[entity.parent_column] = f":{parent.key_parameter}"
        frozen_guard(draft, parent, let)
    for column in _asked(entity, "create"):
        if column.name not in values and len(draft.parameters) < MAX_PARAMETERS:
            _ask(draft, column, column.needed, world)
            values[column.name] = f":{column.name}"
    if not _says_something(draft, entity):
        return "nothing but keys could be given"
    if entity.natural_key:
        draft.guard(
            f"NOT EXISTS (SELECT 1 FROM {entity.table} WHERE {entity.key} = :{entity.key})",
            error_code(entity.noun, "already_exists"),
            f"There is already {article(entity.noun)} with this {spoken(entity.key)}.",
            entity.columns[entity.key].citation,
        )
    unique_guards(draft, values, "")
    period_guards(draft, values, "")
    coherence_guards(draft, values, world)
    new = _new_key(draft, entity, values)
    _fill_rest(entity, values)
    if entity.dated is not None:
        status, ended, since = entity.dated
        values[since] = f"CASE WHEN {values[status]} = {_literal(ended)} THEN $now END"
    draft.effects.append({"insert": entity.table, "set": values})
    _count(draft, world, "+")
    verb = _CREATING_VERBS.get(reading.verb, "create")
    said = said_of(reading, f"{verb.capitalize()} {article(entity.noun)}.")
    shown = [
        column
        for column in entity.visible()
        if column.name in draft.parameters or column.role == "status" or column.name == entity.parent_column
    ]
    note = draft.note(result={entity.noun: row_of(entity, f"{entity.key} = {new}", shown), **_told_of(draft)})
    return Tool(tool_name(verb, entity.noun), reading, said, said, list(draft.parameters.values()), note, "write")


def _count(draft: Draft, world: World, sign: str, let: str = "") -> None:
    """Keep the container's count of its rows."""
    entity = draft.entity
    if not entity.counted:
        return
    parent = world.by_table(entity.columns[entity.counted_by].references)
    given = parent.key_parameter if entity.counted_by == entity.parent_column else entity.counted_by
    owner = f"${let}.{entity.counted_by}" if let else f":{given}"
    draft.effects.append(
        {
            "update": parent.table,
            "where": f"{parent.key} = {owner}",
            "set": {entity.counted: f"{entity.counted} {sign} 1"},
        }
    )


def _told_of(draft: Draft) -> JsonObject:
    """What the answer says of the records that the new one belongs to: the name each is known by."""
    found: JsonObject = {}
    for let, target in draft.known.items():
        column = target.name_column() or next(
            (each for each in target.visible() if each.role in ("plain", "status", "moment")), None
        )
        if column is not None and target.table != draft.entity.table:
            found.setdefault(f"{let.removesuffix('_row')}_{column.name}", f"${let}.{column.name}")
    return found


def _ask(draft: Draft, column: Column, required: bool, world: World) -> None:
    """Add the parameter that sets a column; the key of another record must be one that exists."""
    draft.add(refer(column_param(column, required=required), world))
    if not column.references or column.name in draft.lookups:  # the parameter that names the container says both
        return
    target = world.by_table(column.references)
    let = column.name.removesuffix("_id")
    code = error_code(column.name.removesuffix("_id") if column.name.endswith("_id") else target.noun, "not_found")
    said = f"There is no such {spoken(let if let != column.name else target.noun)}."
    if required and let != column.name and let not in draft.parameters and let not in draft.known:
        draft.lookups[column.name] = {
            "let": let,
            "row": f"SELECT * FROM {target.table} WHERE {target.key} = :{column.name}",
            "else": code,
        }
        draft.errors[code] = said
        draft.known[let] = target
        return
    draft.lookups[column.name] = False
    exists = f"EXISTS (SELECT 1 FROM {target.table} WHERE {target.key} = :{column.name})"
    draft.guard(exists if required else f":{column.name} IS NULL OR {exists}", code, said, column.citation)


def _natural_key(entity: Entity) -> Param:
    column = entity.columns[entity.key]
    return Param(
        entity.key,
        {"type": "string", "minLength": 1, "maxLength": 60, "pattern": r"\S"},
        column.description,
        required=True,
    )


def _new_key(draft: Draft, entity: Entity, values: JsonObject) -> str:
    if entity.natural_key:
        return f":{entity.key}"
    let = f"new_{entity.noun}"
    draft.steps.append({"let": let, "new_id": entity.prefix})
    values[entity.key] = f"${let}"
    return f"${let}"


def _says_something(draft: Draft, entity: Entity) -> bool:
    return any(not parameter.ref or parameter.name != entity.parent_column for parameter in draft.parameters.values())


def _fill_rest(entity: Entity, values: JsonObject) -> None:
    """The columns no parameter gives: the clock, the first state, the document's default."""
    for column in entity.columns.values():
        if column.name in values:
            if column.default is not None and column.role == "flag" and column.on_create:
                values[column.name] = f"COALESCE(:{column.name}, {int(bool(column.default))})"
            continue
        if column.role in ("created", "updated"):
            values[column.name] = "$now" if column.format == "date-time" else "$today"
        elif entity.lifecycle is not None and column.name == entity.lifecycle.column:
            values[column.name] = _literal(entity.lifecycle.initial)
        elif column.default is not None:
            values[column.name] = _literal(column.default)
        else:
            column.nullable = True
            values[column.name] = "NULL"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _asked(entity: Entity, moment: str) -> list[Column]:
    """The columns an operation may set: required ones first, then references, then the rest in order of worth."""
    settable = [
        column for column in entity.columns.values() if (column.on_create if moment == "create" else column.on_update)
    ]
    settable = [
        column
        for column in settable
        if column.role not in ("key", "created", "updated") and column.name != entity.parent_column
    ]
    settable = [column for column in settable if not (entity.lifecycle and column.name == entity.lifecycle.column)]
    return sorted(settable, key=lambda column: (not column.needed, not column.references))


def build_update(entity: Entity, reading: Reading, world: World) -> Tool | str:
    """Change some columns of a record; those not given stay."""
    draft = Draft(entity, reading)
    let = own_row(draft, world)
    fixed = settled_columns(entity, world) | {
        name for columns in entity.unique for name in columns if len(columns) > 1 and name != columns[-1]
    }
    fixed |= {
        columns[-1] for columns in entity.unique if len([name for name in columns if name != entity.parent_column]) > 1
    }
    changed = [
        column for column in _asked(entity, "update") if column.references != entity.table and column.name not in fixed
    ]
    changed = changed[: MAX_PARAMETERS - len(draft.parameters)]
    if not changed:
        return "nothing of the record could be changed by it"
    only = len(changed) == 1
    for column in changed:
        _ask(draft, column, only, world)
        draft.parameters[column.name].schema.pop("default", None)
    if not only:
        given = " OR ".join(f":{column.name} IS NOT NULL" for column in changed)
        draft.guard(given, "NOTHING_TO_UPDATE", "Give at least one field to change.")
    if not state_guard(draft, entity, let, "updated"):
        frozen_guard(draft, entity, let)
    values: JsonObject = {
        column.name: f":{column.name}" if only else f"COALESCE(:{column.name}, {column.name})" for column in changed
    }
    unique_guards(draft, values, let)
    period_guards(draft, values, let)
    for column in entity.columns.values():
        if column.role == "updated":
            values[column.name] = "$now" if column.format == "date-time" else "$today"
    if entity.dated is not None and entity.dated[0] in draft.parameters:
        status, ended, since = entity.dated
        values[since] = (
            f"CASE WHEN :{status} IS NULL THEN {since} WHEN :{status} = {_literal(ended)} THEN COALESCE({since}, $now) END"
        )
        if only:
            values[since] = f"CASE WHEN :{status} = {_literal(ended)} THEN COALESCE({since}, $now) END"
    draft.effects.append({"update": entity.table, "where": f"{entity.key} = :{entity.key_parameter}", "set": values})
    said = said_of(reading, f"Update {article(entity.noun)}; what is not given stays as it is.")
    shown = [column for column in entity.visible() if column.name in values or column.role in ("name", "status")]
    note = draft.note(result={entity.noun: row_of(entity, f"{entity.key} = :{entity.key_parameter}", shown)})
    return Tool(tool_name("update", entity.noun), reading, said, said, list(draft.parameters.values()), note, "write")


def build_delete(entity: Entity, reading: Reading, world: World) -> Tool | str:
    """Delete a record: what lies inside it goes with it, what merely refers to it forbids it."""
    draft = Draft(entity, reading)
    let = own_row(draft, world)
    own = f":{entity.key_parameter}"
    state_guard(draft, entity, let, "deleted")
    removed: JsonObject = {entity.key_parameter: own}
    inside = _inside(entity, f"= {own}", world, _taken_along(entity, reading, world))
    for child, where in inside:
        draft.steps.append(
            {"let": f"deleted_{child.table}", "value": f"(SELECT COUNT(*) FROM {child.table} WHERE {where})"}
        )
        draft.effects.append({"delete": child.table, "where": where})
        removed[f"deleted_{child.table}"] = f"$deleted_{child.table}"
        world.say(f"deleting {article(entity.noun)} deletes its {spoken(child.table)}", reading.operation.citation)
    for child in {child.noun: child for child, _ in world.children(entity.noun)}.values():
        if child in [each for each, _ in inside]:
            continue
        code = error_code(entity.noun, "has", child.table if child is not entity else f"sub_{child.table}")
        refers = " OR ".join(
            f"{column.name} = {own}" for column in child.references() if column.references == entity.table
        )
        draft.guard(
            f"NOT EXISTS (SELECT 1 FROM {child.table} WHERE {refers})",
            code,
            f"The {spoken(entity.noun)} still has {spoken(plural_name(child.noun))}.",
        )
        world.say(f"{article(entity.noun)} with {spoken(child.table)} cannot be deleted", reading.operation.citation)
    name = entity.name_column()
    if name is not None and name.name not in removed:
        removed[name.name] = f"${let}.{name.name}"
    draft.effects.append({"delete": entity.table, "where": f"{entity.key} = {own}"})
    _count(draft, world, "-", let)
    said = said_of(reading, f"Delete {article(entity.noun)}.")
    return Tool(
        tool_name("delete", entity.noun),
        reading,
        said,
        said,
        list(draft.parameters.values()),
        draft.note(result=removed),
        "write",
    )


def _taken_along(entity: Entity, reading: Reading, world: World) -> set[str]:
    """The records that the document says are deleted together with this one."""
    said = plain(reading.operation.description).lower()
    referring = {child.noun: child for child, _ in world.children(entity.noun) if child is not entity}
    return {
        noun
        for noun, child in referring.items()
        if re.search(rf"\b(all|any|associated|its)\b.{{0,40}}\b{spoken(child.table).lower()}\b", said)
    }


def _inside(
    entity: Entity, key: str, world: World, also: set[str] | frozenset[str] = frozenset()
) -> list[tuple[Entity, str]]:
    """What is deleted together with a record, innermost first, each with the condition that picks its rows.

    A record's own parts are those the document's paths (or a link) put inside it, unless something outside refers to them.
    """
    parts = [
        (child, column)
        for child, column in world.children(entity.noun)
        if _is_part(child, column.name, entity) or child.noun in also
    ]
    nouns = {child.noun for child, _ in parts}
    found: dict[str, tuple[Entity, str]] = {}
    for child, column in parts:
        where = f"{column.name} {key}"
        deeper = (
            [] if child.pair else _inside(child, f"IN (SELECT {child.key} FROM {child.table} WHERE {where})", world)
        )
        known = nouns | {each.noun for each, _ in deeper}
        referrers = [] if child.pair else [other for other, _ in world.children(child.noun) if other is not child]
        if all(other.noun in known for other in referrers):
            found[child.noun] = (child, where)
            for each, condition in deeper:
                found.setdefault(each.noun, (each, condition))
    order = list(world.entities)
    return sorted(found.values(), key=lambda pair: -order.index(pair[0].noun))


def _is_part(child: Entity, column: str, entity: Entity) -> bool:
    return child is not entity and (bool(child.pair) or (child.parent == entity.noun and child.parent_column == column))
