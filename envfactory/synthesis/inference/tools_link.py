"""Tools that put one record into another, take it out again, and list what is inside."""

from __future__ import annotations

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.links import Link
from envfactory.synthesis.inference.parts import Draft, booleans, frozen_guard, key_param, said_of, tool_name
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.words import article, error_code, plural_name, spoken
from envfactory.synthesis.inference.world import Entity, Tool, World


def build_links(link: Link, pair: Entity, world: World) -> list[Tool]:
    """The tools of a link, as far as the document has operations for them."""
    left, right = world.entities[link.left], world.entities[link.right]
    if link.remove is not None and link.remove.operation.id == link.add.operation.id:
        return [_relabel(link, pair, left, right)]
    tools = [_add(link, pair, left, right, world)]
    if link.remove is not None:
        tools.append(_remove(link, link.remove, pair, left, right))
    if link.listing is not None:
        tools.append(_list(link.listing, pair, left, right, world))
    return tools


def _both(draft: Draft, left: Entity, right: Entity) -> str:
    for end in (left, right):
        draft.add(key_param(end))
        name = end.key_parameter
        code = error_code(end.noun, "not_found")
        draft.lookups[name] = {
            "let": _let(end, draft),
            "row": f"SELECT * FROM {end.table} WHERE {end.key} = :{name}",
            "else": code,
        }
        draft.errors[code] = f"There is no such {spoken(end.noun)}."
    return f"{left.key_parameter} = :{left.key_parameter} AND {right.key_parameter} = :{right.key_parameter}"


def _let(entity: Entity, draft: Draft) -> str:
    return f"{entity.noun}_row" if entity.noun in draft.parameters else entity.noun


def _add(link: Link, pair: Entity, left: Entity, right: Entity, world: World) -> Tool:
    draft = Draft(pair, link.add)
    both = _both(draft, left, right)
    frozen_guard(draft, left, _let(left, draft))
    draft.guard(
        f"NOT EXISTS (SELECT 1 FROM {pair.table} WHERE {both})",
        error_code(right.noun, "already_in", left.noun),
        f"The {spoken(right.noun)} is already in this {spoken(left.noun)}.",
    )
    draft.effects.append({"insert": pair.table, "set": {name: f":{name}" for name in pair.pair}})
    said = said_of(link.add, f"Add {article(right.noun)} to {article(left.noun)}.")
    note = draft.note(result=_outcome(pair, left, right))
    name = tool_name("add", "_to_".join(_said_order(said, right.noun, left.noun)))
    return Tool(name, link.add, said, said, list(draft.parameters.values()), note, "write")


def _relabel(link: Link, pair: Entity, left: Entity, right: Entity) -> Tool:
    """One operation that adds and removes: both by choice, at least one of them."""
    draft = Draft(pair, link.add)
    draft.add(key_param(left))
    own, code = left.key_parameter, error_code(left.noun, "not_found")
    draft.lookups[own] = {
        "let": left.noun,
        "row": f"SELECT * FROM {left.table} WHERE {left.key} = :{own}",
        "else": code,
    }
    draft.errors[code] = f"There is no such {spoken(left.noun)}."
    adding, removing = (f"{verb}_{right.key_parameter}" for verb in ("add", "remove"))
    for name, verb in ((adding, "add"), (removing, "remove")):
        parameter = key_param(right, f"The {spoken(right.noun)} to {verb}.")
        parameter.name, parameter.required, parameter.location = name, False, "body"
        draft.add(parameter)
        draft.lookups[name] = False
    inside = f"SELECT 1 FROM {pair.table} WHERE {own} = :{own} AND {right.key_parameter}"
    known = f"EXISTS (SELECT 1 FROM {right.table} WHERE {right.key} = :{adding})"
    draft.guard(
        f":{adding} IS NOT NULL OR :{removing} IS NOT NULL",
        "NOTHING_TO_CHANGE",
        f"Say which {spoken(right.noun)} to add or remove.",
    )
    draft.guard(
        f":{adding} IS NULL OR {known}", error_code(right.noun, "not_found"), f"There is no such {spoken(right.noun)}."
    )
    draft.guard(
        f":{adding} IS NULL OR NOT EXISTS ({inside} = :{adding})",
        error_code(right.noun, "already_on", left.noun),
        f"The {spoken(left.noun)} has this {spoken(right.noun)} already.",
    )
    draft.guard(
        f":{removing} IS NULL OR EXISTS ({inside} = :{removing})",
        error_code(right.noun, "not_on", left.noun),
        f"The {spoken(left.noun)} does not have this {spoken(right.noun)}.",
    )
    draft.effects = [
        {
            "insert": pair.table,
            "when": f":{adding} IS NOT NULL",
            "set": {own: f":{own}", right.key_parameter: f":{adding}"},
        },
        {"delete": pair.table, "where": f"{own} = :{own} AND {right.key_parameter} = :{removing}"},
    ]
    said = said_of(link.add, f"Change the {spoken(right.table)} of {article(left.noun)}.")
    result = {own: f":{own}", right.table: inside_rows(pair, left, right)}
    name = tool_name("modify", f"{left.noun}_{right.table}")
    return Tool(name, link.add, said, said, list(draft.parameters.values()), draft.note(result=result), "write")


def inside_rows(pair: Entity, left: Entity, right: Entity) -> JsonObject:
    """The right records of one left record, by the names they are known by."""
    shown = [column for column in right.visible() if column.role == "name"][:1]
    columns = ", ".join([f"r.{right.key} AS {right.key_parameter}", *(f"r.{column.name}" for column in shown)])
    return {
        "rows": f"SELECT {columns} FROM {pair.table} p JOIN {right.table} r ON r.{right.key} = p.{right.key_parameter} "
        f"WHERE p.{left.key_parameter} = :{left.key_parameter} ORDER BY r.{right.key}"
    }


def _remove(link: Link, reading: Reading, pair: Entity, left: Entity, right: Entity) -> Tool:
    draft = Draft(pair, reading)
    for end in (left, right):
        draft.add(key_param(end))
        draft.lookups[end.key_parameter] = False
    both = f"{left.key_parameter} = :{left.key_parameter} AND {right.key_parameter} = :{right.key_parameter}"
    draft.guard(
        f"EXISTS (SELECT 1 FROM {pair.table} WHERE {both})",
        error_code(right.noun, "not_in", left.noun),
        f"The {spoken(right.noun)} is not in this {spoken(left.noun)}.",
    )
    draft.effects.append({"delete": pair.table, "where": both})
    said = said_of(reading, f"Take {article(right.noun)} out of {article(left.noun)}.")
    name = tool_name("remove", "_from_".join(_said_order(said, right.noun, left.noun)))
    return Tool(
        name,
        reading,
        said,
        said,
        list(draft.parameters.values()),
        draft.note(result=_outcome(pair, left, right)),
        "write",
    )


def _said_order(said: str, inner: str, outer: str) -> tuple[str, str]:
    """Which of the two goes into the other, as the document's sentence has it ("Add a contact to a segment")."""
    places = [said.lower().find(spoken(noun).lower()) for noun in (inner, outer)]
    return (outer, inner) if -1 < places[1] < places[0] else (inner, outer)


def _outcome(pair: Entity, left: Entity, right: Entity) -> JsonObject:
    count = f"(SELECT COUNT(*) FROM {pair.table} WHERE {left.key_parameter} = :{left.key_parameter})"
    return {
        left.key_parameter: f":{left.key_parameter}",
        right.key_parameter: f":{right.key_parameter}",
        f"{right.table}_now": count,
    }


def _list(reading: Reading, pair: Entity, left: Entity, right: Entity, world: World) -> Tool:
    draft = Draft(pair, reading)
    draft.add(key_param(left))
    name, code = left.key_parameter, error_code(left.noun, "not_found")
    draft.lookups[name] = {
        "let": left.noun,
        "row": f"SELECT * FROM {left.table} WHERE {left.key} = :{name}",
        "else": code,
    }
    draft.errors[code] = f"There is no such {spoken(left.noun)}."
    shown = [column for column in right.visible() if (column.max_length or 0) <= 200][:5]
    columns = ", ".join(
        [
            f"r.{right.key}" + ("" if right.key == right.key_parameter else f" AS {right.key_parameter}"),
            *(f"r.{column.name}" for column in shown),
        ]
    )
    select = (
        f"SELECT {columns} FROM {pair.table} p JOIN {right.table} r ON r.{right.key} = p.{right.key_parameter} "
        f"WHERE p.{name} = :{name} ORDER BY r.{right.key}"
    )
    said = said_of(reading, f"List the {spoken(plural_name(right.noun))} in {article(left.noun)}.")
    note = draft.note(result={right.table: {"rows": select, **booleans(shown)}})
    return Tool(
        tool_name("list", f"{left.noun}_{right.table}"),
        reading,
        said,
        said,
        list(draft.parameters.values()),
        note,
        "read",
    )
