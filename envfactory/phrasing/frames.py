"""Verbalisation frames, typed: what a document's author says about the words for tools, slots and rows.

Parsed from the plain dicts of `contracts.json` (`frames` on a tool, `entities` at the root; docs/frames.md). Tolerant: a
key it does not know says nothing, and what is missing is inferred (`inference`), so every environment can be put into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal[
    "entity",
    "interval",
    "count",
    "money",
    "enum",
    "boolean",
    "date",
    "time",
    "datetime",
    "hour",
    "number",
    "text",
    "free",
    "size",
    "span",
    "profile",
    "unsayable",
]
Json = Any


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a superlative is said: an adjective before the noun, words after it, or a remark after the sentence."""

    field: str
    order: str
    adjective: str
    tails: tuple[str, ...] = ()
    post: str = ""


@dataclass(frozen=True, slots=True)
class Handle:
    """A visible property by which a row is known: its path and the preposition it is said with (may be empty)."""

    path: str
    preposition: str

    @property
    def column(self) -> str:
        """The last component of the path."""
        return self.path.rpartition(".")[2]

    @property
    def holder(self) -> str:
        """What has the column: `hotel` of `room_type.hotel.city`, empty where the row itself has it."""
        return self.path.rpartition(".")[0].rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class EntityFrame:
    """How the rows of a table are spoken of."""

    table: str
    nouns: tuple[str, ...]
    name: str = ""
    within: Handle | None = None
    owner: str = ""
    handles: tuple[Handle, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    flags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    common: bool = False
    """Its names are common nouns in sentence case (`Nail trim`), said in lower case within a sentence."""
    called: str = ""
    """How a row is called by its name: `the {v} plan`, `a {v}`; empty where the name's own look decides."""

    def ranking(self, column: str, order: str) -> Ranking | None:
        """Return how the superlative of a column is said."""
        return next((each for each in self.rankings if (each.field, each.order) == (column, order)), None)


@dataclass(frozen=True, slots=True)
class SlotFrame:
    """How one parameter (or a pair that makes an interval) is said."""

    name: str
    role: Role
    phrase: str = ""
    columns: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    ask: str = ""
    noun: str = ""
    adjective: bool = False
    party: bool = False
    closed: bool = False
    currency: str = ""
    ref: str = ""
    required: bool = False
    default: Json = None
    per: int = 1
    """How many of the stored unit make one of the unit that people say: ten decimetres a metre."""
    contact: bool = False
    """The parameter is how the signed-in person is found: an e-mail address, a telephone number, a card's number."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that makes the request natural, and what it fits: sizes of party (empty: any), values of arguments."""

    text: str
    party: tuple[int, ...] = ()
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolFrame:
    """How one tool is asked for and answered. `grade`: A authored, B inferred, C cannot be said (`why`)."""

    name: str
    kind: str
    act: str
    phrases: tuple[str, ...]
    slots: Mapping[str, SlotFrame]
    questions: tuple[str, ...] = ()
    wants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    done: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    situations: tuple[Situation, ...] = ()
    reasons: tuple[str, ...] = ()
    grade: Literal["A", "B", "C"] = "A"
    why: tuple[str, ...] = ()

    def slot_of(self, parameter: str) -> SlotFrame | None:
        """Return the slot that says a parameter: its own, or the interval or size it is part of."""
        for slot in self.slots.values():
            if parameter in slot.columns:
                return slot
        return self.slots.get(parameter)


@dataclass(frozen=True, slots=True)
class EnvironmentFrames:
    """All frames of an environment."""

    name: str
    now: str
    principal: str
    currency: str
    tools: Mapping[str, ToolFrame]
    entities: Mapping[str, EntityFrame]
    authored: bool

    def entity(self, table: str) -> EntityFrame | None:
        """Return the frame of a table's rows."""
        return self.entities.get(table)


Frames = Mapping[str, EnvironmentFrames]


def strings(value: Json) -> tuple[str, ...]:
    """Return a string or a list of strings as a tuple; anything else says nothing."""
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def handle(raw: Json) -> Handle | None:
    """Return `path:preposition` as a handle."""
    if not isinstance(raw, str) or not raw:
        return None
    path, _, preposition = raw.partition(":")
    return Handle(path.strip(), preposition.strip())


def entity_frame(table: str, raw: Mapping[str, Json]) -> EntityFrame:
    """Return the frame of an authored entity."""
    rankings = []
    for key, value in (raw.get("rank") or {}).items():
        column, _, order = key.partition(":")
        said = (str(value.get(key) or "") for key in ("adj", "post"))
        adjective, post = said
        rankings.append(Ranking(column, order, adjective, strings(value.get("tail")), post))
    handles = tuple(each for each in map(handle, raw.get("identify") or []) if each)
    flags = {key: {at: str(said) for at, said in value.items()} for key, value in (raw.get("flag") or {}).items()}
    return EntityFrame(
        table=table,
        nouns=strings(raw.get("noun")),
        name=str(raw.get("name") or ""),
        within=handle(raw.get("within")),
        owner=str(raw.get("owner") or ""),
        handles=handles,
        rankings=tuple(rankings),
        flags=flags,
        common=bool(raw.get("common")),
        called=str(raw.get("called") or ""),
    )
