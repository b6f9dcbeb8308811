"""What makes a wrong write to a table visible: dates of states, uniqueness, counts kept by the container.

A table on which every state is as good as any other guards nothing. So each written table gets at least one of: the date at
which a state was entered, columns that no two rows share, or a count of its rows where they are contained.
"""

from __future__ import annotations

from envfactory.synthesis.inference.names import NAME_WORDS
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.seeding import has_few_values
from envfactory.synthesis.inference.verbs import TERMINAL_WORDS, state_word
from envfactory.synthesis.inference.vocabulary import is_person
from envfactory.synthesis.inference.words import spoken
from envfactory.synthesis.inference.world import Column, Entity, World

_MAX_IDENTITY = 3
_REPEATABLE = frozenset(
    "message comment post reply review note event payment refund order visit log entry email notification annotation item".split()
)
_ENDED = TERMINAL_WORDS | {
    "inactive",
    "sold",
    "unavailable",
    "disabled",
    "suspended",
    "blocked",
    "lost",
    "retired",
    "hidden",
    "deprecated",
}


def protect(entity: Entity, readings: list[Reading], world: World) -> None:
    """Give the entity what it lacks. `readings` are the operations on it that will probably become tools."""
    kinds: set[str] = {reading.kind for reading in readings}
    if not kinds & {"create", "update", "delete", "action"}:
        return
    _date_the_status(entity, kinds, world)
    if "create" in kinds and not _is_protected(entity, kinds) and not _is_repeatable(entity):
        _identify(entity, world)
    if not _is_protected(entity, kinds) and kinds & {"create", "delete"}:
        _count_where_it_belongs(entity, world)
    if not _is_protected(entity, kinds) and "create" in kinds:
        _ask_for_a_name(entity, world)
    entity.unguarded = not _is_protected(entity, kinds)


def _is_protected(entity: Entity, kinds: set[str]) -> bool:
    by_insert = bool(entity.unique or entity.natural_key) and "create" in kinds
    by_turn = any(turn.stamp or turn.state == "borrowed" for turn in entity.turns.values())
    by_step = bool(entity.lifecycle and entity.lifecycle.stamps)
    return by_insert or by_turn or by_step or bool(entity.counted) or entity.dated is not None


def _date_the_status(entity: Entity, kinds: set[str], world: World) -> None:
    """A status that callers set freely says since when it has been at its end."""
    status = next(
        (column for column in entity.columns.values() if column.role == "status" and column.type == "string"), None
    )
    if status is None or entity.lifecycle is not None or len(status.enum) < 2:
        return
    if not ((status.on_update and "update" in kinds) or (status.on_create and "create" in kinds)):
        return
    ended = next((value for value in status.enum if state_word(str(value)) in _ENDED), status.enum[-1])
    name = f"{state_word(str(ended))}_at"
    if name in entity.columns or not name.isidentifier():
        return
    status.nullable = False
    if status.default is None and not status.needed:
        status.default = next((value for value in status.enum if value != ended), status.enum[0])
    entity.columns[name] = Column(
        name,
        "string",
        f"When the {spoken(entity.noun)} became {spoken(state_word(str(ended)))}.",
        role="moment",
        format="date-time",
        nullable=True,
        read_only=True,
        citation=status.citation,
    )
    status.enum = list(dict.fromkeys([status.default or status.enum[0], ended, *status.enum]))
    entity.dated = (status.name, str(ended), name)
    world.say(f"{entity.table}.{name} is added: since when {status.name} is {ended}", status.citation)


def _identify(entity: Entity, world: World, given: list[Column] | None = None) -> None:
    """The columns by which a second row would be the same record again."""
    needed = [
        column
        for column in entity.columns.values()
        if column.needed and column.role not in ("key", "flag", "status", "created", "updated")
    ]
    needed = [
        column
        for column in needed
        if column.name != entity.parent_column and not column.enum and column.type != "number"
    ]
    names = given or _called_by(needed, entity.noun)
    references = [column for column in needed if column.references]
    others = [
        column
        for column in needed
        if column not in names and column not in references and not (column.max_length or 0) > 150
    ]
    parent = [entity.columns[entity.parent_column]] if entity.parent_column else []
    if not names and (parent or len(references) < 2):
        return
    people = len(names) == 2 or (len(names) == 1 and is_person(entity.noun))
    chosen = [*parent, *(names or references), *(others if people else [])][:_MAX_IDENTITY]
    entity.unique.append([column.name for column in chosen])
    entity.columns[chosen[-1].name].unique = len(chosen) == 1
    said = ", ".join(spoken(column.name) for column in chosen)
    world.say(f"no two {spoken(entity.table)} have the same {said}", entity.candidate.citation)


def _is_repeatable(entity: Entity) -> bool:
    """Whether saying the same twice is nothing unusual: two messages with one subject, two visits for one reason."""
    return entity.noun.split("_")[-1] in _REPEATABLE and any(not column.nullable for column in entity.references())


def _called_by(columns: list[Column], noun: str) -> list[Column]:
    """What a record is called by: first and last name, or its one name."""
    known = {column.name: column for column in columns}
    if {"first_name", "last_name"} <= set(known):
        return [known["first_name"], known["last_name"]]
    own = [column for name, column in known.items() if name in NAME_WORDS or name == f"{noun}_name"]
    return own[:1]


def _ask_for_a_name(entity: Entity, world: World) -> None:
    """Where nothing of a record is required, its best text is; and no two records have the same."""
    texts = [
        column
        for column in entity.columns.values()
        if column.on_create and column.type == "string" and column.role in ("name", "plain")
    ]
    texts = [column for column in texts if not column.enum and not column.references and column.name != "data"]
    texts = [column for column in texts if not has_few_values(column)]
    if texts:
        best = min(
            texts,
            key=lambda column: (
                column.role != "name",
                not column.name.endswith(("text", "title", "body", "note", "content")),
            ),
        )
        best.needed, best.nullable = True, False
        _identify(entity, world, [best])


def _count_where_it_belongs(entity: Entity, world: World) -> None:
    """The container counts its rows; without one, what every row refers to and keeps referring to."""
    belongs = [column for column in entity.references() if not column.nullable and column.references != entity.table]
    column = next((each for each in belongs if each.name == entity.parent_column), belongs[0] if belongs else None)
    if column is None or entity.table in {each.references for each in world.by_table(column.references).references()}:
        return
    column.on_update = False
    parent = world.by_table(column.references)
    name = f"{entity.table}_count"
    if name in parent.columns:
        return
    parent.columns[name] = Column(
        name,
        "integer",
        f"How many {spoken(entity.table)} the {spoken(parent.noun)} has.",
        minimum=0,
        maximum=1000,
        default=0,
        read_only=True,
        citation=entity.candidate.citation,
        seed={"values": [0, 1, 2, 3, 4], "weights": [2, 2, 3, 2, 1]},
    )
    entity.counted, entity.counted_by = name, column.name
    world.say(f"{parent.table}.{name} is added: it counts the {spoken(entity.table)}", entity.candidate.citation)
