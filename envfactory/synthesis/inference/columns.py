"""From fields to columns: which properties of a record are worth a column.

A record of a real document has up to seventy properties. Kept are those a person would speak of (names, states, dates, amounts,
short texts) and those the tools need; left out are links, tokens, hashes, mark-up, opaque ids and what only programs read.
"""

from __future__ import annotations

import re

from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.column_types import (
    bound_numbers,
    default_of,
    enum_of,
    examples_of,
    length_of,
    role_of,
    type_of,
)
from envfactory.synthesis.inference.fields import Field
from envfactory.synthesis.inference.names import (
    COMMAND_WORDS,
    COUNT_WORD,
    DELETED,
    PERMISSION_WORDS,
    TOLD_WORDS,
    is_speakable,
    is_unsaid,
)
from envfactory.synthesis.inference.relations import Reference
from envfactory.synthesis.inference.shapes import ID_WORDS
from envfactory.synthesis.inference.words import column_name, plain, sentence, spoken
from envfactory.synthesis.inference.world import Column

MAX_COLUMNS = 10
MAX_FLAGS = 3
_WORTHWHILE = 25
_FEWEST = 2
_BY_ROLE = {"name": 60, "status": 55, "created": 15, "updated": 5, "moment": 25, "flag": 15}
_COUNTED = re.compile(r"^(an? )?(estimated|approximate|the (total )?number|number|total|count)\b", re.IGNORECASE)
_HOLLOW_TEXT = re.compile(r"^(array of|an? object|the value, which)", re.IGNORECASE)


def column_of(name: str, each: Field, candidate: Candidate) -> Column | None:
    """The column a scalar field makes; None for anything else."""
    if each.shape != "scalar" or each.level > 1:
        return None
    schema = each.schema
    kind, form = type_of(name, schema)
    enum = enum_of(name, schema, kind)
    column = Column(
        name=name,
        type=kind,
        description=described(name, each.description, candidate.noun, kind),
        role=role_of(name, kind, enum, form),
        enum=enum,
        format=form,
        max_length=length_of(name, schema),
        default=default_of(schema, kind, enum),
        examples=examples_of(schema, kind, enum, form),
        read_only=each.read_only,
        needed=candidate.on_create.get(name, False),
        on_create=name in candidate.on_create,
        on_update=name in candidate.on_update,
        citation=f"{candidate.citation}/properties/{'/'.join(each.path)}",
    )
    bound_numbers(column, schema)
    return column


def described(name: str, text: str, noun: str, kind: str = "string") -> str:
    """The first sentence that the document says of a property, or one made of its name."""
    said = sentence(text)
    if len(plain(said)) < 4 or _HOLLOW_TEXT.match(said):
        return _made_up(name, noun, kind)
    return said[0].upper() + said[1:]


def _made_up(name: str, noun: str, kind: str) -> str:
    """`is_open` → Whether the shop is open; `includes_tax` → Whether it includes tax; `due_on` → When it is due."""
    words = name.removeprefix("is_").split("_")
    said = spoken("_".join(words))
    if kind == "boolean":
        verb = "" if words[0].endswith("s") and len(words) > 1 else "is "
        return f"Whether the {spoken(noun)} {verb}{said}."
    if words[-1] in ("on", "at") and len(words) > 1:
        verb = "" if words[0].endswith("s") else "is "
        return f"When the {spoken(noun)} {verb}{spoken('_'.join(words[:-1]))}."
    return f"The {spoken(noun)}'s {said}."


def worth(column: Column, each: Field) -> int:
    """How much a column tells a person; 0 where it should be left out."""
    name, form = column.name, str(each.schema.get("format", ""))
    settable = column.on_create or column.on_update
    counted = COUNT_WORD.search(name) or (column.type == "integer" and _COUNTED.match(column.description))
    if each.schema.get("deprecated") or name.split("_")[-1] in ID_WORDS or (is_unsaid(name, form) and not column.enum):
        return 0
    if counted and settable and not column.needed:
        return 0
    score = 40 + _BY_ROLE.get(column.role, 0) + 5 * settable - 35 * each.level
    score += 25 * column.needed + 10 * bool(column.examples) + 15 * (name.split("_")[-1] in TOLD_WORDS)
    score += 25 * (bool(column.enum) and column.role != "status") + 10 * (column.type in ("integer", "number"))
    score -= 15 * name.endswith(("_count", "_total", "_number", "_code")) + 20 * (len(name.split("_")) > 3)
    return score - _doubts(column)


def _doubts(column: Column) -> int:
    """What speaks against a column of its kind: permissions, flags nobody can set, free text nobody would say."""
    words = set(column.name.split("_"))
    if column.name in DELETED:
        return 100
    if column.type == "boolean":
        return 60 * bool(words & PERMISSION_WORDS) + 15 * column.read_only
    free_text = column.type == "string" and not column.enum and not column.format
    return 18 * (free_text and not is_speakable(column.name) and len(set(column.examples)) < 3)


def choose_columns(
    candidate: Candidate, references: list[Reference], wanted: frozenset[str] = frozenset()
) -> list[tuple[Column, int]]:
    """The columns worth having, best first, each with its worth; fields that references stand for are left out."""
    replaced = _replaced(candidate, references)
    found: list[tuple[Column, int]] = []
    doubtful: list[tuple[Column, int]] = []
    for name, each in candidate.fields.items():
        column = column_of(name, each, candidate) if name not in replaced else None
        if column is None or worth(column, each) <= 0:
            continue
        score = worth(column, each) + 30 * (name in wanted)
        if candidate.record_fields and name not in candidate.record_fields and not column.needed:
            score -= 30 + 40 * (column.type == "boolean" or name.split("_")[0] in COMMAND_WORDS)
        (found if score >= _WORTHWHILE else doubtful).append((column, score))
    if len(found) < _FEWEST:
        found += sorted(doubtful, key=lambda pair: -pair[1])[: _FEWEST - len(found)]
    return _few_flags(sorted(found, key=lambda pair: -pair[1]))


def _replaced(candidate: Candidate, references: list[Reference]) -> set[str]:
    """The fields that are no columns: the key's, and those that references stand for."""
    named = {name for reference in references for name in (*reference.replaces, reference.column)}
    named |= candidate.key_fields | {candidate.key}
    shadows = tuple(
        f"{reference.column.removesuffix('_id')}_" for reference in references if reference.column.endswith("_id")
    )
    named |= {name for name in candidate.fields if shadows and name.startswith(shadows) and name.endswith("_name")}
    outer = {each.path[:1] for name, each in candidate.fields.items() if name in named and each.shape == "object"}
    return named | {name for name, each in candidate.fields.items() if len(each.path) > 1 and each.path[:1] in outer}


def _few_flags(found: list[tuple[Column, int]]) -> list[tuple[Column, int]]:
    flags = [column.name for column, _ in found if column.type == "boolean"]
    return [pair for pair in found if pair[0].type != "boolean" or pair[0].name in flags[:MAX_FLAGS]]


def reference_column(reference: Reference, table: str, noun: str, citation: str) -> Column:
    """The column that holds a reference."""
    role = reference.column.rsplit("_", 1)[0]
    belongs = f"The {spoken(noun)} this belongs to."
    other = f"The {spoken(role)}." if role == noun else f"The {spoken(role)}, one of the {spoken(table)}."
    return Column(
        name=column_name(reference.column),
        type="string",
        description=belongs if reference.contains else other,
        role="reference",
        references=table,
        nullable=not reference.required,
        citation=citation,
    )
