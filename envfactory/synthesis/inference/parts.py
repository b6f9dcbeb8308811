"""The parts all tools are made of: parameters, result rows, guards with their codes, names and sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.states import closed_states
from envfactory.synthesis.inference.verbs import state_word
from envfactory.synthesis.inference.words import (
    article,
    error_code,
    plain,
    plural_name,
    sentence,
    singular_name,
    spoken,
)
from envfactory.synthesis.inference.world import Column, Entity, Param, World

KEY_SCHEMA: JsonObject = {"type": "string", "minLength": 1, "maxLength": 60}
_IN_STATE = re.compile(
    r"\b(?:in|has|have|with|is in|are in)\s+(?:the\s+|an?\s+)?((?:[A-Za-z_-]+(?:,\s*|\s+or\s+|\s+and\s+|,\s*or\s+))*[A-Za-z_-]+)\s+(?:state|status)\b"
)
_NEGATION = re.compile(r"\b(not|cannot|can't|never|no longer|except|unless|neither)\b")
_OUTCOME = re.compile(
    r"\b(remains?|becomes?|until|transitions?|sets?|moves?|puts?|changes? to|enters?|will be|is now)\b"
)
_FREEZING = ("locked", "archived", "trashed", "in_trash")


@dataclass
class Draft:
    """A tool's note while it is written."""

    entity: Entity
    reading: Reading
    parameters: dict[str, Param] = field(default_factory=dict)
    lookups: JsonObject = field(default_factory=dict)
    steps: list[JsonObject] = field(default_factory=list)
    effects: list[JsonObject] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    known: dict[str, Entity] = field(default_factory=dict)  # looked-up rows of the records that the entity belongs to

    def add(self, parameter: Param) -> None:
        """Add a parameter; the first of a name stays."""
        self.parameters.setdefault(parameter.name, parameter)

    def guard(self, condition: str, code: str, message: str, citation: str = "") -> None:
        """Refuse the call with `code` unless the condition holds."""
        self.steps.append({"guard": condition, "else": code, "cite": citation or self.reading.operation.citation})
        self.errors[code] = message

    def note(self, **more: object) -> JsonObject:
        """The note, empty parts left out."""
        parts = {"lookups": self.lookups, "steps": self.steps, "effects": self.effects, "errors": self.errors, **more}
        return {key: value for key, value in parts.items() if value not in ({}, [], None)}


def let_of(entity: Entity, draft: Draft) -> str:
    """What the looked-up row of the entity is called; a column of its name may become a parameter yet."""
    taken = entity.noun in draft.parameters or entity.noun in draft.entity.columns
    return f"{entity.noun}_row" if taken else entity.noun


def key_param(entity: Entity, description: str = "") -> Param:
    """The parameter that names one row of the entity."""
    said = description or f"The {spoken(entity.noun)}."
    known = entity.natural_key and not entity.candidate.of_kind("list")  # no tool tells it: a person knows it
    ref = "" if known else f"{entity.table}.{entity.key}"
    return Param(entity.key_parameter, dict(KEY_SCHEMA), said, required=True, location="path", ref=ref)


def own_row(draft: Draft, world: World, *, inside: bool = True) -> str:
    """Add the parameter of the entity's own row, and of its container where the operation has it; return the row's name."""
    entity = draft.entity
    parent = world.entities.get(entity.parent)
    within = inside and parent is not None and any(scope.noun == entity.parent for scope in draft.reading.scopes)
    if within and parent is not None:
        draft.add(key_param(parent))
        draft.lookups[parent.key_parameter] = False
    draft.add(key_param(entity))
    let = let_of(entity, draft)
    name = entity.key_parameter
    condition = f"{entity.key} = :{name}"
    if within and parent is not None:
        condition += f" AND {entity.parent_column} = :{parent.key_parameter}"
    code = error_code(entity.noun, "not_found")
    draft.lookups[name] = {"let": let, "row": f"SELECT * FROM {entity.table} WHERE {condition}", "else": code}
    where = f" in this {spoken(parent.noun)}" if within and parent is not None else ""
    draft.errors[code] = f"There is no such {spoken(entity.noun)}{where}."
    return let


def _state_lookup(draft: Draft, entity: Entity) -> str:
    let = let_of(entity, draft)
    name = entity.key_parameter
    code = error_code(entity.noun, "not_found")
    draft.lookups[name] = {
        "let": let,
        "row": f"SELECT * FROM {entity.table} WHERE {entity.key} = :{name}",
        "else": code,
    }
    draft.errors[code] = f"There is no such {spoken(entity.noun)}."
    return let


def parent_row(draft: Draft, world: World) -> str:
    """Add the parameter of the entity's container; return its row's name."""
    parent = world.entities[draft.entity.parent]
    draft.add(key_param(parent))
    return _state_lookup(draft, parent)


def column_param(column: Column, *, required: bool) -> Param:
    """The parameter that sets a column."""
    if column.references:
        schema = dict(KEY_SCHEMA)
        ref = column.references
    else:
        schema, ref = column.parameter_schema(), ""
    if not required and column.default is not None and column.role != "flag":
        schema["default"] = column.default
    return Param(column.name, schema, column.description, required, "body", ref)


def refer(parameter: Param, world: World) -> Param:
    """The parameter with its reference spelt `table.column`."""
    if parameter.ref and "." not in parameter.ref:
        parameter.ref = f"{parameter.ref}.{world.by_table(parameter.ref).key}"
    return parameter


def row_of(entity: Entity, condition: str, columns: list[Column] | None = None) -> JsonObject:
    """A result with the row of the entity that meets the condition."""
    shown = columns if columns is not None else entity.visible()
    return {"row": f"SELECT {selected(entity, shown)} FROM {entity.table} WHERE {condition}", **booleans(shown)}


def selected(entity: Entity, columns: list[Column]) -> str:
    """The columns of a result, the key first and under the name that parameters use for it."""
    key = entity.key if entity.key_parameter == entity.key else f"{entity.key} AS {entity.key_parameter}"
    return ", ".join([key, *(column.name for column in columns)])


def booleans(columns: list[Column]) -> JsonObject:
    """Which of the columns read as true or false."""
    flags = [column.name for column in columns if column.type == "boolean"]
    return {"booleans": flags} if flags else {}


def frozen_guard(draft: Draft, entity: Entity, let: str, *, what: str = "") -> None:
    """Refuse the call where the row's state does not allow changes any more."""
    for flag in _FREEZING:
        if flag in entity.columns and any(turn.column == flag for turn in entity.turns.values()):
            state = flag.removeprefix("in_")
            draft.guard(
                f"${let}.{flag} = 0",
                error_code(entity.noun, "is", state),
                f"The {spoken(entity.noun)} is {spoken(state)}{what}.",
                entity.columns[flag].citation,
            )
    closed = closed_states(entity)
    if closed and entity.lifecycle:
        listed = ", ".join(f"'{state}'" for state in closed)
        code = error_code(entity.noun, "is", closed[0]) if len(closed) == 1 else error_code(entity.noun, "is", "closed")
        said = " or ".join(spoken(state).lower() for state in closed)
        draft.guard(
            f"${let}.{entity.lifecycle.column} NOT IN ({listed})",
            code,
            f"The {spoken(entity.noun)} is {said}{what}.",
            entity.columns[entity.lifecycle.column].citation,
        )


def stated_states(entity: Entity, reading: Reading) -> list[str]:
    """The states in which the document allows an operation ("invoices in the draft or scheduled state"), as the enum spells them."""
    status = next((column for column in entity.columns.values() if column.role == "status"), None)
    said = plain(f"{reading.operation.summary}. {reading.operation.description}")[:600]
    match = _IN_STATE.search(said)
    if status is None or match is None or not status.enum:
        return []
    around = said[
        said.rfind(". ", 0, match.start()) + 1 : said.find(". ", match.end())
        if ". " in said[match.end() :]
        else len(said)
    ]
    known = {state_word(str(value)): str(value) for value in status.enum}
    words = re.split(r"\s*,\s*|\s+or\s+|\s+and\s+|\s+", match[1])
    found = [known[state_word(word)] for word in words if state_word(word) in known]
    if _OUTCOME.search(around.lower()):
        return []
    if _NEGATION.search(around.lower()):
        found = [value for value in known.values() if value not in found]
    return found if 0 < len(found) < len(status.enum) else []


def state_guard(draft: Draft, entity: Entity, let: str, done: str) -> bool:
    """Refuse the call outside the states in which the document allows it; whether it names any."""
    states = stated_states(entity, draft.reading)
    if not states:
        return False
    status = next(column for column in entity.columns.values() if column.role == "status")
    listed = ", ".join(f"'{state}'" for state in states)
    named = " or ".join(spoken(state_word(state)) for state in states[:4]) + (" or the like" if len(states) > 4 else "")
    draft.guard(
        f"${let}.{status.name} IN ({listed})",
        error_code(entity.noun, "cannot_be", done),
        f"Only {article(entity.noun)} that is {named} can be {done}.",
    )
    return True


def said_of(reading: Reading, fallback: str) -> str:
    """What the document says an operation does, in one sentence; `fallback` where it says nothing usable."""
    operation = reading.operation
    for text in (operation.summary, operation.description):
        said = sentence(text)
        if len(said.split()) > 2 and not said.lower().startswith(("deprecated", "note", "http")):
            return said[0].upper() + said[1:]
    return fallback


def tool_name(verb: str, noun: str) -> str:
    """`cancel` and `booking` → cancel_booking."""
    return f"{verb}_{noun}"[:60]


def the(noun: str) -> str:
    """`the pet`."""
    return f"the {spoken(noun)}"


__all__ = [
    "KEY_SCHEMA",
    "Draft",
    "article",
    "booleans",
    "column_param",
    "error_code",
    "frozen_guard",
    "key_param",
    "let_of",
    "own_row",
    "parent_row",
    "plain",
    "plural_name",
    "refer",
    "row_of",
    "said_of",
    "selected",
    "singular_name",
    "state_guard",
    "stated_states",
    "the",
    "tool_name",
]
