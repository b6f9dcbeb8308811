"""What the inference ends in, before it is written down as `x-env`: entities with typed columns, and tools over them.

An `Entity` is a table-to-be of the chosen subset, a `Tool` an operation-to-be with its parameters and its note. Whatever was
inferred is recorded as a rule, a sentence that cites the place in the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from envfactory.resources.model import Location
from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.words import plural_name

ColumnType = Literal["string", "integer", "number", "boolean"]
ColumnRole = Literal["key", "reference", "status", "flag", "created", "updated", "moment", "name", "plain"]


@dataclass
class Column:
    """One column-to-be. `needed` means required when a row is created."""

    name: str
    type: ColumnType
    description: str
    role: ColumnRole = "plain"
    nullable: bool = False
    enum: list[Any] = field(default_factory=list)
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    format: str = ""
    default: Any = None
    examples: list[Any] = field(default_factory=list)
    references: str = ""
    unique: bool = False
    read_only: bool = False
    on_create: bool = False
    on_update: bool = False
    needed: bool = False
    seed: JsonObject = field(default_factory=dict)
    citation: str = ""

    def parameter_schema(self) -> JsonObject:
        """The JSON Schema of a parameter that takes this column's values."""
        schema: JsonObject = {"type": self.type}
        bounds = {
            "enum": self.enum or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "format": self.format or None,
        }
        schema |= {key: value for key, value in bounds.items() if value is not None}
        if self.type == "string" and not self.enum and not self.format:
            schema |= {"minLength": 1, "maxLength": self.max_length or 80, "pattern": r"\S"}
        return schema


@dataclass
class Lifecycle:
    """The states of an entity's rows. `moves` maps a verb to the states it departs from and the one it leads to."""

    column: str
    initial: str
    moves: dict[str, tuple[list[str], str]] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)  # state → the column that says when it was reached


@dataclass
class Turn:
    """A verb that turns a flag: the column, and the value it sets."""

    column: str
    value: int
    state: str
    stamp: str = ""  # the column that says since when the flag has been away from where it starts
    marks: int = 1  # the value of the flag at which the stamp is set


@dataclass
class Entity:
    """A table-to-be."""

    candidate: Candidate
    columns: dict[str, Column] = field(default_factory=dict)
    parent: str = ""  # the noun that contains it, by the document's paths
    parent_column: str = ""
    lifecycle: Lifecycle | None = None
    turns: dict[str, Turn] = field(default_factory=dict)
    unique: list[list[str]] = field(default_factory=list)
    periods: list[tuple[str, str]] = field(default_factory=list)
    invariants: list[JsonObject] = field(default_factory=list)
    prefix: str = ""
    count: int = 24
    pair: list[str] = field(default_factory=list)  # of a link: the two columns that are its key
    dated: tuple[str, str, str] | None = (
        None  # a status set freely, its last value, and the column that says since when
    )
    counted: str = ""  # the column, in the table it belongs to, that counts its rows
    counted_by: str = ""  # the reference by which they are counted
    unguarded: bool = False  # nothing would notice a wrong write: it is only read
    listed: bool = False  # a tool lists what is in the pair
    single: bool = False  # there is one row only, and no key is asked for
    history: str = ""  # the noun of the table that keeps what happened to it
    select: str | list[str] = ""  # where its first rows come from a query

    @property
    def noun(self) -> str:
        """What one of it is called."""
        return self.candidate.noun

    @property
    def table(self) -> str:
        """What the table is called."""
        return plural_name(self.noun)

    @property
    def key(self) -> str:
        """The key column."""
        return self.candidate.key

    @property
    def natural_key(self) -> bool:
        """Whether the caller gives the key when a row is created."""
        return self.candidate.natural

    @property
    def key_parameter(self) -> str:
        """What a parameter that names one of it is called."""
        return reference_name(self.noun, self.key)

    def references(self) -> list[Column]:
        """The columns that refer to other tables, or to itself."""
        return [column for column in self.columns.values() if column.references]

    def visible(self) -> list[Column]:
        """All columns but the key, in order."""
        return [column for name, column in self.columns.items() if name != self.key]

    def name_column(self) -> Column | None:
        """The column a person knows a row by."""
        return next((column for column in self.columns.values() if column.role == "name"), None)


def reference_name(noun: str, key: str) -> str:
    """What a column or parameter is called that holds the key of `noun`."""
    if key in ("username", "login", "email", "handle") or key.startswith(noun):
        return key
    return f"{noun}_{key}"


@dataclass
class Param:
    """One parameter of a tool."""

    name: str
    schema: JsonObject
    description: str
    required: bool = False
    location: Location = "body"
    ref: str = ""


@dataclass
class Tool:
    """One operation-to-be: its name, its parameters and its `x-env` note."""

    name: str
    reading: Reading
    summary: str
    description: str
    parameters: list[Param]
    note: JsonObject
    kind: Literal["read", "write"]


@dataclass
class World:
    """The chosen subset as it grows."""

    entities: dict[str, Entity]
    tools: list[Tool] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    invariants: list[JsonObject] = field(default_factory=list)

    def say(self, rule: str, citation: str = "") -> None:
        """Record what was inferred, and from where."""
        text = f"{rule} [{citation}]" if citation else rule
        if text not in self.rules:
            self.rules.append(text)

    def by_table(self, table: str) -> Entity:
        """The entity of a table; KeyError when there is none."""
        for entity in self.entities.values():
            if entity.table == table:
                return entity
        raise KeyError(table)

    def children(self, noun: str) -> list[tuple[Entity, Column]]:
        """The entities that refer to `noun`, with the column by which they do; itself included."""
        table = self.entities[noun].table
        return [
            (entity, column)
            for entity in self.entities.values()
            for column in entity.references()
            if column.references == table
        ]
