"""From chosen candidates to entities: columns, references, states, and what must be unique or in order.

Every column that tools cannot fill or change is left out where the record can be created: a column nobody can set says nothing.
"""

from __future__ import annotations

from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.choosing import Choice
from envfactory.synthesis.inference.columns import MAX_COLUMNS, choose_columns, reference_column
from envfactory.synthesis.inference.names import STATUS_NAMES
from envfactory.synthesis.inference.protection import protect
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.relations import Reference
from envfactory.synthesis.inference.seeding import has_few_values
from envfactory.synthesis.inference.states import add_states
from envfactory.synthesis.inference.words import column_name, plain, plural_name, spoken
from envfactory.synthesis.inference.world import Column, Entity, World, reference_name

_UNIQUE_NAMES = ("email", "username", "slug", "sku", "code", "login", "handle", "email_address", "domain")
_UNIQUE_NOUNS = frozenset(
    "label tag type category group team role channel folder topic segment specialty shelf template list playlist project department "
    "merchant location tender product calendar drive application domain pet_type order_type asset_type collection board workspace "
    "schedule_group namespace data_lake_namespace milestone org organization company repository warehouse modifier_group".split()
)
_PERIODS = (
    ("start", "end"),
    ("starts_at", "ends_at"),
    ("start_date", "end_date"),
    ("start_time", "end_time"),
    ("from_address", "to_address"),
    ("check_in", "check_out"),
    ("begin", "end"),
    ("start_at", "end_at"),
    ("valid_from", "valid_to"),
    ("starts_on", "ends_on"),
    ("begins", "end"),
    ("employment_start_date", "employment_end_date"),
    ("open_date", "close_date"),
    ("start_time_millis", "end_time_millis"),
)
_DATE_NAMES = {"from_address": "from_date", "to_address": "to_date"}


def build(
    choice: Choice, candidates: dict[str, Candidate], readings: dict[str, list[Reading]], every: list[Reference]
) -> World:
    """The world of a choice. `readings` are the operations each noun will probably have, `every` all references, of which those to
    other nouns still tell which fields are no columns."""
    world = World({})
    for noun in _parents_first(choice):
        world.entities[noun] = _entity(noun, choice, candidates, readings.get(noun, []), every, world)
    return world


def _parents_first(choice: Choice) -> list[str]:
    waiting = list(choice.nouns)
    ordered: list[str] = []
    while waiting:
        ready = [noun for noun in waiting if not _targets(noun, choice) & (set(waiting) - {noun})]
        ordered.append((ready or waiting)[0])
        waiting.remove(ordered[-1])
    return ordered


def _targets(noun: str, choice: Choice) -> set[str]:
    return {each.target for each in choice.references if each.source == noun}


def _entity(
    noun: str,
    choice: Choice,
    candidates: dict[str, Candidate],
    readings: list[Reading],
    every: list[Reference],
    world: World,
) -> Entity:
    candidate = candidates[noun]
    references = [each for each in choice.references if each.source == noun]
    all_references = [each for each in every if each.source == noun]
    entity = Entity(candidate)
    world.say(f"table {entity.table}: one row for each {spoken(noun)}", candidate.citation)
    entity.columns[entity.key] = _key_column(entity, candidate)
    for reference in references:
        _add_reference(entity, reference, candidates[reference.target], world)
    _add_columns(entity, candidate, all_references, readings, MAX_COLUMNS - len(references))
    _rename_dates(entity)
    add_states(entity, readings, world)
    _settle(entity, bool([each for each in readings if each.kind == "create"]))
    _find_unique(entity, world)
    _find_periods(entity, world)
    protect(entity, readings, world)
    return entity


def _key_column(entity: Entity, candidate: Candidate) -> Column:
    own = candidate.fields.get(entity.key)
    said = plain(own.description) if own is not None and candidate.natural else ""
    return Column(
        entity.key,
        "string",
        said[:160] or f"The {spoken(entity.noun)}'s key.",
        role="key",
        read_only=not candidate.natural,
        max_length=60,
        citation=candidate.citation,
    )


def _add_reference(entity: Entity, reference: Reference, target: Candidate, world: World) -> None:
    column = reference_column(reference, plural_name(reference.target), reference.target, entity.candidate.citation)
    if target.natural and reference.contains:
        column.name = reference_name(target.noun, target.key)
    if column.name in entity.columns:
        return
    named = set(reference.replaces) | {reference.column}
    column.on_create = reference.contains or bool(named & set(entity.candidate.on_create))
    column.on_update = not reference.contains and bool(named & entity.candidate.on_update)
    column.needed = not column.nullable
    if column.references == entity.table:
        column.nullable, column.needed = True, False
    entity.columns[column.name] = column
    if reference.contains and not entity.parent:
        entity.parent, entity.parent_column = reference.target, column.name
    world.say(
        f"{entity.table}.{column.name} refers to {column.references}: {reference.evidence}", entity.candidate.citation
    )


def _add_columns(
    entity: Entity, candidate: Candidate, references: list[Reference], readings: list[Reading], room: int
) -> None:
    asked = frozenset(
        column_name(parameter.name)
        for reading in readings
        if reading.kind == "list"
        for parameter in reading.operation.parameters
    )
    creates = any(reading.kind == "create" for reading in readings)
    choices = _choices_in_lists(readings)
    taken = 0
    for column, _ in choose_columns(candidate, references, asked):
        settable = column.on_create or column.on_update or column.role in ("status", "created", "updated", "flag")
        if column.name in entity.columns or (creates and candidate.on_create and not settable):
            continue
        entity.columns[column.name] = column
        if column.name in choices and column.type == "string" and not column.enum:
            column.enum, column.format = choices[column.name], ""
            column.role = "status" if column.name in STATUS_NAMES else "plain"
        taken += 1
        if taken >= room:
            return


def _choices_in_lists(readings: list[Reading]) -> dict[str, list[str]]:
    """The values of a column that only the filter of a list spells out (`state`: open, closed, all)."""
    found = {}
    for reading in readings:
        for parameter in reading.operation.parameters:
            values = [
                str(value) for value in parameter.schema.get("enum", []) if str(value).lower() not in ("all", "any", "")
            ]
            if (
                reading.kind == "list"
                and len(values) > 1
                and column_name(parameter.name) not in ("sort", "order_by", "direction")
            ):
                found[column_name(parameter.name)] = values[:8]
    return found


def _rename_dates(entity: Entity) -> None:
    """`from` and `to` were taken for addresses; where they are dates they get the name of dates."""
    for name, better in _DATE_NAMES.items():
        column = entity.columns.get(name)
        if column is not None and ("date" in column.description.lower() or column.format):
            entity.columns = {better if key == name else key: value for key, value in entity.columns.items()}
            column.name, column.format, column.role = better, column.format or "date", "moment"


def _need_something(entity: Entity) -> None:
    """Where the document requires nothing to create a record, what it refers to first is required all the same."""
    for column in entity.references():
        if column.on_create and column.references != entity.table and column.name != entity.parent_column:
            column.needed, column.nullable = True, False
            return


def _settle(entity: Entity, created: bool) -> None:
    """Decide for each column whether it may be empty and how it starts."""
    if created and not entity.parent_column and not any(entity.candidate.on_create.values()):
        _need_something(entity)
    required_name = entity.name_column()
    if required_name is not None and created and required_name.on_create:
        required_name.needed = True
    for column in entity.columns.values():
        if column.role == "status" and not column.on_create and column.default is None:
            column.default = entity.lifecycle.initial if entity.lifecycle else column.enum[0]
        elif column.role == "status" and column.default is None and not column.needed:
            column.nullable = True
        if column.role == "flag" and column.default is None:
            column.default = False
        if column.role in ("created", "updated"):
            column.on_create = column.on_update = column.needed = False
            column.read_only = True
        elif column.role not in ("key", "reference", "status", "flag") and column.default is None:
            column.nullable = column.nullable or (created and not column.needed)
        if column.needed and column.role != "reference":
            column.nullable = False


def _find_unique(entity: Entity, world: World) -> None:
    for column in entity.columns.values():
        said = "unique" in column.description.lower() and column.type == "string" and not column.format
        by_name = column.name in _UNIQUE_NAMES or (
            column.role == "name" and entity.noun in _UNIQUE_NOUNS and column.name in ("name", "title", "label")
        )
        if (
            column.role in ("key", "reference")
            or column.enum
            or column.nullable
            or not (said or by_name)
            or not column.on_create
            or has_few_values(column)
        ):
            continue
        scope = [entity.parent_column] if entity.parent_column and not column.name.endswith("email") else []
        entity.unique.append([*scope, column.name])
        column.unique = not scope
        world.say(
            f"{entity.table}.{column.name} is unique{' within its ' + spoken(entity.parent) if scope else ''}",
            column.citation,
        )
        return


def _find_periods(entity: Entity, world: World) -> None:
    for first, last in (
        *_PERIODS,
        *((f"{_DATE_NAMES[a]}", f"{_DATE_NAMES[b]}") for a, b in (("from_address", "to_address"),)),
    ):
        start, end = entity.columns.get(first), entity.columns.get(last)
        if (
            start is None
            or end is None
            or start.format != end.format
            or not start.format
            or start.read_only
            or end.read_only
        ):
            continue
        if start.on_create != end.on_create:
            continue
        entity.periods.append((first, last))
        end.nullable = end.nullable or start.nullable
        end.needed = end.needed and not end.nullable
        world.say(f"{entity.table}: {first} comes before {last}", start.citation)
        return
