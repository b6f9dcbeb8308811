"""Which records refer to which: by nested objects, by `<noun>_id`, by the path that contains them, by arrays.

Rules are tried in the order of their measured precision; a second reference to the same noun keeps its own name (`sender_id`,
`recipient_id`). Bare names and numbers are never taken for references.
"""

from __future__ import annotations

from dataclasses import dataclass

from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.fields import Field
from envfactory.synthesis.inference.readings import match_noun
from envfactory.synthesis.inference.shapes import ID_WORDS, is_identity
from envfactory.synthesis.inference.words import column_name, singular_name

PEOPLE = ("user", "customer", "employee", "member", "contact", "person", "account", "owner", "guest")
_ROLES = frozenset(
    "author owner creator assignee reporter sender recipient organizer organiser manager reviewer approver customer buyer seller "
    "requester created_by assigned_to".split()
)
_BULK = frozenset({"uris", "ids", "urls", "keys"})


@dataclass(frozen=True)
class Reference:
    """A column of `source` that holds the key of a `target`. `replaces` are the fields it stands for; `contains` where the
    document's paths put the source inside the target."""

    source: str
    column: str
    target: str
    evidence: str
    replaces: frozenset[str] = frozenset()
    contains: bool = False
    required: bool = False


@dataclass(frozen=True)
class ManyToMany:
    """An array of `source` that names many `target`s."""

    source: str
    target: str
    field: str
    evidence: str


def references_of(candidates: dict[str, Candidate]) -> list[Reference]:
    """Every reference between candidates, at most one for each column."""
    found: list[Reference] = []
    for candidate in candidates.values():
        own = _by_fields(candidate, candidates)
        own += _by_container(candidate, candidates, own)
        found += [*own, *_by_filter(candidate, candidates, own)]
    return found


def _by_fields(candidate: Candidate, candidates: dict[str, Candidate]) -> list[Reference]:
    found: dict[str, Reference] = {}
    for name, each in candidate.fields.items():
        if name in candidate.key_fields or name == candidate.key or len(each.path) > 2:
            continue
        reference = (
            _by_object(candidate, each, candidates)
            if each.shape == "object"
            else _by_name(candidate, name, each, candidates)
        )
        if reference is not None and reference.column not in found:
            found[reference.column] = reference
    return list(found.values())


def _by_object(candidate: Candidate, each: Field, candidates: dict[str, Candidate]) -> Reference | None:
    properties = each.schema.get("properties", {})
    if not any(is_identity(name) or name == "id" for name in properties):
        return None
    by_schema = next((noun for noun, other in candidates.items() if each.target and other.schema == each.target), "")
    target = by_schema or match_noun(singular_name(each.path[-1]), candidates)
    if not target or target == candidate.noun or not _has_key_in(candidates[target], properties):
        return None
    inside = frozenset(name for name, other in candidate.fields.items() if other.path[: len(each.path)] == each.path)
    said = each.name if singular_name(each.path[-1]) not in (candidate.noun, "object", "resource") else target
    column = _reference_column(column_name(said), candidates[target])
    return Reference(
        candidate.noun, column, target, f"nested object {'.'.join(each.path)}", inside, required=each.required
    )


def _has_key_in(target: Candidate, properties: dict[str, object]) -> bool:
    names = {column_name(name) for name in properties}
    return target.key in names or bool(names & set(target.key_fields)) or "id" in names


def _by_name(candidate: Candidate, name: str, each: Field, candidates: dict[str, Candidate]) -> Reference | None:
    if each.shape != "scalar" or len(each.path) > 1 or each.schema.get("format") == "date-time":
        return None
    words = name.split("_")
    base = "_".join(words[:-1])
    if len(words) == 1 and name.endswith("id") and len(name) > 4:  # `appid` of application
        shortened = [noun for noun in candidates if noun.startswith(name[:-2]) and noun != candidate.noun]
        if len(shortened) == 1:
            return Reference(
                candidate.noun,
                _reference_column(shortened[0], candidates[shortened[0]]),
                shortened[0],
                f"name {each.path[0]}",
                frozenset({name}),
                required=each.required,
            )
    if words[-1] in ID_WORDS and base:
        target = match_noun(base, candidates) or _person(base, candidates)
        if base == "parent" or (base.endswith(candidate.noun) and base.startswith("parent")):
            target = candidate.noun
        if target:
            return Reference(
                candidate.noun,
                f"{base}_id" if not candidates[target].natural else name,
                target,
                f"name {each.path[0]}",
                frozenset({name}),
                required=each.required,
            )
    for noun, other in candidates.items():
        if other.natural and noun != candidate.noun and _names_natural(name, noun, other.key):
            return Reference(
                candidate.noun, name, noun, f"name {each.path[0]}", frozenset({name}), required=each.required
            )
    return None


def _names_natural(name: str, noun: str, key: str) -> bool:
    if key == "username":
        return name == "username"
    words = name.split("_")
    base = "_".join(words[: -len(key.split("_"))])
    return name.endswith(f"_{key}") and bool(base) and (noun == base or noun.endswith(f"_{base}"))


def _person(base: str, candidates: dict[str, Candidate]) -> str:
    if base not in _ROLES:
        return ""
    return next((noun for noun in PEOPLE if noun in candidates), "")


def worth_a_column(references: list[Reference], candidates: dict[str, Candidate]) -> list[Reference]:
    """The container, what callers give and what the record needs; two references to one target at most. A reference that
    nobody can set once records are created says nothing."""
    kept: list[Reference] = []
    for each in references:
        candidate = candidates[each.source]
        by_caller = bool((set(each.replaces) | {each.column}) & (set(candidate.on_create) | candidate.on_update))
        creates = bool(candidate.of_kind("create"))
        if not by_caller and each.source != each.target and _named_in_bulk(candidate, references):
            candidate.on_create[each.column] = by_caller = True
        many = sum(other.source == each.source and other.target == each.target for other in kept) >= 2
        if each.contains or (not many and (by_caller or (not creates and each.source != each.target))):
            kept.append(each)
    return kept


def _named_in_bulk(candidate: Candidate, references: list[Reference]) -> bool:
    """Whether records are created from an array of keys (`uris`), and it can only be the keys of one other noun."""
    bulk = any(
        parameter.name in _BULK for reading in candidate.of_kind("create") for parameter in reading.operation.parameters
    )
    nested = [
        each
        for each in references
        if each.source == candidate.noun and "nested" in each.evidence and each.column.count("_") == 1
    ]
    return bulk and len({each.target for each in nested}) == 1


def _by_filter(candidate: Candidate, candidates: dict[str, Candidate], known: list[Reference]) -> list[Reference]:
    """A list that must be asked for by the key of another record shows records that belong to it."""
    found: dict[str, Reference] = {}
    taken = {each.target for each in known}
    for reading in candidate.of_kind("list"):
        for parameter in reading.operation.parameters:
            name = column_name(parameter.name)
            target = match_noun("_".join(name.split("_")[:-1]), candidates) if name.split("_")[-1] in ID_WORDS else ""
            if (
                parameter.required
                and parameter.location != "path"
                and target
                and target not in taken | {candidate.noun}
                and name not in candidate.fields
            ):
                found[target] = Reference(
                    candidate.noun,
                    _reference_column(target, candidates[target]),
                    target,
                    f"filter {parameter.name}",
                    required=True,
                )
    return list(found.values())


def _by_container(candidate: Candidate, candidates: dict[str, Candidate], known: list[Reference]) -> list[Reference]:
    found: dict[str, Reference] = {}
    free = any(
        not reading.scopes and reading.kind in ("create", "list", "get") and not reading.facet
        for reading in candidate.readings
    )
    for reading in candidate.of_kind("create", "list", "get", "update", "delete", "action"):
        if free and (
            reading.kind == "list"
            or any(other.kind == reading.kind and not other.scopes for other in candidate.readings)
        ):
            continue  # it is also reached without the container: being listed there does not put it inside
        for scope in reading.scopes[-1:]:
            target = match_noun(scope.noun, candidates)
            if not target or target == candidate.noun or target in found:
                continue
            same = next((each for each in known if each.target == target), None)
            column = same.column if same else _reference_column(target, candidates[target])
            found[target] = Reference(
                candidate.noun,
                column,
                target,
                f"path {reading.operation.path or reading.operation.id}",
                same.replaces if same else frozenset(),
                contains=True,
                required=True,
            )
    return list(found.values())


def _reference_column(name: str, target: Candidate) -> str:
    base = name.removesuffix("_id")
    return (
        f"{base}_{target.key}"
        if target.key != "username"
        else (f"{base}_username" if base != target.noun else "username")
    )


def many_to_many(candidates: dict[str, Candidate]) -> list[ManyToMany]:
    """Arrays that hold other candidates, or their keys."""
    found = []
    for candidate in candidates.values():
        for name, each in candidate.fields.items():
            if each.shape != "array" or len(each.path) > 1:
                continue
            target = _array_target(name, each, candidates)
            if target and target != candidate.noun:
                found.append(ManyToMany(candidate.noun, target, name, f"array {each.path[0]}"))
    return found


def _array_target(name: str, each: Field, candidates: dict[str, Candidate]) -> str:
    if each.target:
        return next((noun for noun, other in candidates.items() if other.schema == each.target), "")
    items = each.schema.get("items", {})
    base = singular_name(name)
    if items.get("type") in ("string", "integer") and base.endswith("_id"):
        return match_noun(base.removesuffix("_id"), candidates)
    return ""
