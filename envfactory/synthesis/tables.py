"""The table model: schemas marked as tables, with keys, references, bounds and life cycles.

A reference is stated (`references: stations`) or told by the name: `<singular of a table>_id` refers to the key of
that table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from envfactory.environments.contract import Invariant
from envfactory.errors import DesignError
from envfactory.resources.model import Resource
from envfactory.resources.payloads import follow, object_view
from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.annotations import (
    EXTENSION,
    Generator,
    LifecycleNotes,
    PropertyNotes,
    SeedNotes,
    TableNotes,
    read_notes,
)
from envfactory.synthesis.inference.words import singular_name, snake

ColumnType = Literal["string", "integer", "number", "boolean", "json"]
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_VOWELS = frozenset("aeiou")

# What SQLite (3.40 to 3.50) refuses as the bare name of a column or table.
_RESERVED = """
    add all alter and as autoincrement between case cast check collate commit constraint create default deferrable
    delete distinct drop else escape except exists foreign from group having in index insert intersect into is isnull
    join limit not nothing notnull null on or order primary raise references returning select set table then to
    transaction union unique update using values when where with
"""
RESERVED_WORDS = frozenset(_RESERVED.split())


@dataclass(frozen=True)
class Column:
    """One column, with what the schema says of its values.

    `references` names a table (its key is meant); `items` is the schema of what a column of JSON holds.
    """

    name: str
    type: ColumnType
    nullable: bool = False
    enum: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    format: str = ""
    pattern: str = ""
    max_length: int | None = None
    default: Any = None
    examples: tuple[Any, ...] = ()
    description: str = ""
    read_only: bool = False
    unique: bool = False
    hidden: bool = False
    references: str | None = None
    seed: Generator | None = None
    items: JsonObject | None = None


@dataclass(frozen=True)
class Table:
    """One table. `noun` is its singular, `prefix` what its new ids begin with."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    noun: str
    prefix: str
    description: str = ""
    schema_name: str = ""
    unique: tuple[tuple[str, ...], ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()
    lifecycle: LifecycleNotes | None = None
    seed: SeedNotes | None = None

    @property
    def visible(self) -> list[Column]:
        """The columns a default result shows."""
        return [column for column in self.columns.values() if not column.hidden]

    def references(self) -> dict[str, str]:
        """The referring columns and the tables they refer to."""
        return {name: column.references for name, column in self.columns.items() if column.references}

    def key_condition(self, let: str) -> str:
        """The condition that picks the row which a contract knows as `$let`."""
        return " AND ".join(f"{column} = ${let}.{column}" for column in self.key)


class Tables(Mapping[str, Table]):
    """The tables of a document by name, in the order in which they can be filled."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = dict(tables)
        self._by_noun = {table.noun: table for table in tables.values()}
        self._by_schema = {table.schema_name: table for table in tables.values()}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def of_schema(self, name: str) -> Table | None:
        """The table a schema describes, if any."""
        return self._by_schema.get(name)

    def meant_by(self, name: str) -> Table | None:
        """The table that a name like `room_type_id` refers to, if it has a key of one column."""
        noun = name.removesuffix("_id")
        table = self._by_noun.get(noun) if noun != name else None
        return table if table is not None and len(table.key) == 1 else None


def read_tables(resource: Resource) -> Tables:
    """Return the tables a document states; raise DesignError where there are none or they contradict each other."""
    marked = {name: schema for name, schema in resource.schemas.items() if _is_table(schema)}
    if not marked:
        raise DesignError(
            f"{resource.title}: no schema is a table",
            remedy=f"write {EXTENSION}: {{table: name}} into the schemas that are stored",
        )
    drafts = [_read_table(name, schema, resource.schemas) for name, schema in marked.items()]
    names = [table.name for table in drafts]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DesignError(f"two schemas are the table {repeated[0]}", remedy="give each its own name")
    return Tables(_in_order({table.name: table for table in _with_references(_with_prefixes(drafts))}))


def _is_table(schema: JsonObject) -> bool:
    notes = schema.get(EXTENSION)
    return isinstance(notes, dict) and "table" in notes


def _read_table(schema_name: str, schema: JsonObject, schemas: Mapping[str, JsonObject]) -> Table:
    notes = read_notes(TableNotes, schema, f"schema {schema_name}")
    place = f"table {notes.table}"
    _check_name(notes.table, place)
    columns = {}
    for name, raw in object_view(schema, schemas).properties.items():
        column = _read_column(name, follow(raw, schemas), place)
        if column is not None:
            columns[column.name] = column
    table = Table(
        name=notes.table,
        key=tuple(notes.key),
        columns=columns,
        noun=singular_name(notes.table),
        prefix=notes.prefix or "",
        description=" ".join(str(schema.get("description", "")).split()),
        schema_name=schema_name,
        unique=tuple(map(tuple, notes.unique)),
        checks=notes.checks,
        invariants=tuple(notes.invariants),
        lifecycle=notes.lifecycle,
        seed=notes.seed,
    )
    _check_table(table)
    return table


def _check_name(name: str, place: str) -> None:
    if not IDENTIFIER.fullmatch(name):
        raise DesignError(
            f"{place}: {name!r} cannot be the name of a column", remedy="use lower case letters, digits and _"
        )
    if name in RESERVED_WORDS:
        raise DesignError(f"{place}: {name} is a word of SQL", remedy="rename it")


def _check_table(table: Table) -> None:
    stated = dict.fromkeys(table.key, "key")
    stated |= {column: "unique" for columns in table.unique for column in columns}
    if table.lifecycle is not None:
        stated[table.lifecycle.column] = "lifecycle"
    for column, where in stated.items():
        if column not in table.columns:
            raise DesignError(f"table {table.name}: {where} names {column}, which is no scalar property of the schema")
    _check_lifecycle(table)


def _check_lifecycle(table: Table) -> None:
    cycle = table.lifecycle
    if cycle is None:
        return
    states = table.columns[cycle.column].enum
    mentioned = [cycle.initial, *(state for moves in cycle.transitions.values() for move in moves for state in move)]
    unknown = [state for state in mentioned if states and state not in states]
    if unknown:
        raise DesignError(
            f"table {table.name}: the life cycle speaks of {unknown[0]!r}, which {cycle.column} cannot be",
            remedy=f"add it to the enum of {cycle.column}",
        )


def _read_column(given: str, schema: JsonObject, place: str) -> Column | None:
    name = given if IDENTIFIER.fullmatch(given) else snake(given)
    notes = read_notes(PropertyNotes, schema, f"{place}, property {given}")
    kind = schema.get("type", "string")
    if kind not in _SCALARS and not notes.json_text:
        return None
    _check_name(name, place)
    return Column(
        name=name,
        type="json" if kind not in _SCALARS else kind,
        nullable=bool(schema.get("nullable")),
        enum=tuple(schema.get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        above=schema.get("exclusiveMinimum"),
        below=schema.get("exclusiveMaximum"),
        format=schema.get("format", ""),
        pattern=schema.get("pattern", ""),
        max_length=schema.get("maxLength"),
        default=schema.get("default"),
        examples=tuple(schema.get("examples", ())),
        description=" ".join(str(schema.get("description", "")).split()),
        read_only=bool(schema.get("readOnly")),
        unique=notes.unique,
        hidden=notes.hidden,
        references="" if notes.is_no_reference else notes.references,
        seed=notes.seed,
        items=None if kind in _SCALARS else schema,
    )


def _with_references(tables: list[Table]) -> list[Table]:
    """Resolve what each column refers to; an empty text stands for "stated to be none"."""
    known = Tables({table.name: table for table in tables})
    return [
        replace(table, columns={name: _referring(column, table, known) for name, column in table.columns.items()})
        for table in tables
    ]


def _referring(column: Column, table: Table, known: Tables) -> Column:
    if column.references == "":
        return replace(column, references=None)
    if column.references is None:
        target = known.meant_by(column.name)
        if (
            target is None
            or target.columns[target.key[0]].type != column.type
            or table.key == (column.name,) == target.key
        ):
            return column
        return replace(column, references=target.name)
    stated = known.get(column.references)
    place = f"table {table.name}: {column.name} refers to {column.references}"
    if stated is None:
        raise DesignError(f"{place}, which is no table", remedy="write the name of a table, or null")
    if len(stated.key) != 1:
        raise DesignError(f"{place}, whose key has several columns", remedy="give that table a key of one column")
    if stated.columns[stated.key[0]].type != column.type:
        raise DesignError(f"{place}, whose key is of another type", remedy="make both types equal")
    return column


def _with_prefixes(tables: list[Table]) -> list[Table]:
    """Give each table without a stated prefix one of its own, made from its noun."""
    taken = {table.prefix for table in tables if table.prefix}
    done = []
    for table in tables:
        prefix = table.prefix or next(found for found in _prefixes(table.noun) if found not in taken)
        taken.add(prefix)
        done.append(replace(table, prefix=prefix))
    return done


def _prefixes(noun: str) -> Iterator[str]:
    """`booking` → bk, bkn, boo, …; `room_type` → rt, …"""
    words = [word for word in noun.split("_") if word]
    letters = "".join(words)
    consonants = letters[0] + "".join(letter for letter in letters[1:] if letter not in _VOWELS)
    if len(words) > 1:
        yield "".join(word[0] for word in words)[:4]
    yield consonants[:2] if len(consonants) > 1 else letters[:2]
    yield consonants[:3]
    yield letters[:3]
    yield letters[:8]
    number = 2
    while True:
        yield f"{consonants[:2]}{number}"
        number += 1


def _in_order(tables: dict[str, Table]) -> dict[str, Table]:
    """The tables with every referred-to one before those that refer to it; the document's order otherwise."""
    ordered: dict[str, Table] = {}
    waiting = dict(tables)
    while waiting:
        ready = [name for name, table in waiting.items() if _is_ready(table, waiting)]
        for name in ready[:1] or [next(iter(waiting))]:  # a circle is broken at the document's first
            ordered[name] = waiting.pop(name)
    return ordered


def _is_ready(table: Table, waiting: Mapping[str, Table]) -> bool:
    return all(target == table.name or target not in waiting for target in table.references().values())
