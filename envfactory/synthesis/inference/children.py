"""Tables inside records: arrays of small objects, links between records, and the loans that borrowing leaves behind."""

from __future__ import annotations

from envfactory.resources.model import Resource
from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.columns import column_of, worth
from envfactory.synthesis.inference.fields import Field, fields_of
from envfactory.synthesis.inference.links import Link
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.shapes import record_of
from envfactory.synthesis.inference.words import column_name, singular_name, spoken, words_of
from envfactory.synthesis.inference.world import Column, Entity, World, reference_name

MAX_CHILD_COLUMNS = 5


def add_children(world: World, resource: Resource, wanted: int) -> None:
    """Add tables for arrays of objects until the world has `wanted` tables or there are no more such arrays."""
    for entity in list(world.entities.values()):
        for each in entity.candidate.fields.values():
            if len(world.entities) >= wanted:
                return
            if each.shape == "array" and len(each.path) == 1:
                _add_child(entity, each, world, resource)


def _add_child(entity: Entity, each: Field, world: World, resource: Resource) -> None:
    record = record_of(each.schema.get("items", {}), resource.schemas)
    if record is None or any(
        record.name and record.name == other.candidate.schema for other in world.entities.values()
    ):
        return
    noun = f"{entity.noun}_{singular_name(each.path[0])}"
    fields = {column_name(inner.name): inner for inner in fields_of(record, resource.schemas)}
    candidate = Candidate(
        noun,
        record.name,
        each.description or record.description,
        [],
        fields,
        citation=f"{entity.candidate.citation}/properties/{each.path[0]}",
    )
    columns = _columns(candidate)
    if noun in world.entities or not any(
        column.role in ("name", "plain", "status") and column.type == "string" for column in columns
    ):
        return
    child = Entity(candidate, parent=entity.noun)
    child.columns["id"] = Column("id", "string", f"The {spoken(noun)}'s key.", role="key", read_only=True)
    child.parent_column = reference_name(entity.noun, entity.key)
    child.columns[child.parent_column] = _owner(entity, candidate)
    child.columns |= {column.name: column for column in columns}
    world.entities[noun] = child
    world.say(f"table {child.table}: the {each.path[0]} of {spoken(entity.table)}, one row each", candidate.citation)


def _owner(entity: Entity, candidate: Candidate) -> Column:
    return Column(
        reference_name(entity.noun, entity.key),
        "string",
        f"The {spoken(entity.noun)} this belongs to.",
        role="reference",
        references=entity.table,
        citation=candidate.citation,
    )


def _columns(candidate: Candidate) -> list[Column]:
    found = [(column_of(name, each, candidate), each) for name, each in candidate.fields.items() if name != "id"]
    good = [(worth(column, each), column) for column, each in found if column is not None and worth(column, each) >= 25]
    return [column for _, column in sorted(good, key=lambda pair: -pair[0])][:MAX_CHILD_COLUMNS]


def add_link(link: Link, world: World) -> Entity:
    """Add the table of a link: which right record stands in which left one."""
    left, right = world.entities[link.left], world.entities[link.right]
    noun = f"{left.noun}_{_role(link)}"
    candidate = Candidate(
        noun,
        "",
        f"Which {spoken(right.table)} are in which {spoken(left.table)}.",
        [],
        {},
        citation=link.add.operation.citation,
    )
    entity = Entity(candidate, parent=link.left)
    for end in (left, right):
        name = reference_name(end.noun, end.key)
        entity.columns[name] = Column(
            name,
            "string",
            f"The {spoken(end.noun)}.",
            role="reference",
            references=end.table,
            citation=candidate.citation,
        )
    entity.pair = [reference_name(left.noun, left.key), reference_name(right.noun, right.key)]
    entity.parent_column = entity.pair[0]
    entity.listed = link.listing is not None
    world.entities[noun] = entity
    world.say(
        f"table {entity.table}: {link.add.operation.id} links {spoken(right.table)} to {spoken(left.table)}",
        candidate.citation,
    )
    return entity


def _role(link: Link) -> str:
    return link.add.noun if link.add.kind == "link" else link.right


def add_loans(entity: Entity, world: World) -> None:
    """What is borrowed and returned leaves a history of loans."""
    if not any(turn.state == "borrowed" for turn in entity.turns.values()):
        return
    citation = next(reading.operation.citation for reading in entity.candidate.of_kind("action"))
    noun = f"{entity.noun}_loan"
    candidate = Candidate(noun, "", f"The times {spoken(entity.table)} were borrowed.", [], {}, citation=citation)
    loans = Entity(candidate, parent=entity.noun)
    loans.columns["id"] = Column("id", "string", "The loan's key.", role="key", read_only=True)
    loans.parent_column = reference_name(entity.noun, entity.key)
    loans.columns[loans.parent_column] = _owner(entity, candidate)
    loans.columns["borrowed_at"] = Column(
        "borrowed_at", "string", f"When the {spoken(entity.noun)} was borrowed.", role="moment", format="date-time"
    )
    loans.columns["returned_at"] = Column(
        "returned_at",
        "string",
        f"When the {spoken(entity.noun)} came back.",
        role="moment",
        format="date-time",
        nullable=True,
    )
    world.entities[noun] = loans
    entity.history = noun
    world.say(f"table {loans.table}: borrowing and returning leave a history", citation)


def add_single(world: World, readings: list[Reading]) -> None:
    """Where the records are few, the settings that an operation shows are a table of one row."""
    if len(world.entities) > 2:
        return
    for reading in readings:
        record = reading.record
        shown = reading.operation.method == "GET" and not reading.scopes and not reading.own and record is not None
        if not shown or record is None or record.many or words_of(reading.noun)[-1:] not in (["settings"], ["setting"]):
            continue
        fields = {column_name(each.name): each for each in fields_of(record, {})}
        candidate = Candidate(
            "setting", record.name, record.description, [reading], fields, citation=f"#/schemas/{record.name}"
        )
        columns = _columns(candidate)
        if len(columns) > 1 and "setting" not in world.entities:
            single = Entity(candidate, single=True)
            single.columns["id"] = Column("id", "string", "The settings' key.", role="key", read_only=True)
            single.columns |= {column.name: column for column in columns}
            world.entities["setting"] = single
            world.say("table settings: one row, the settings of the account", reading.operation.citation)
