"""Guards that a record's own columns call for: what must be its own, what must be later, what must agree.

They hold for creating and for changing a record alike: `values` are the columns that the call sets, `let` the record
as it stands, where there is one already.
"""

from __future__ import annotations

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.agreements import agreements
from envfactory.synthesis.inference.parts import Draft
from envfactory.synthesis.inference.words import article, error_code, singular, spoken
from envfactory.synthesis.inference.world import Column, World


def unique_guards(draft: Draft, values: JsonObject, let: str) -> None:
    """Refuse what another record has already, of columns that tell records apart."""
    entity = draft.entity
    for columns in entity.unique:
        given = [name for name in columns if name in draft.parameters]
        if not given or (let and not set(columns) & set(values)):
            continue
        named = [entity.columns[name] for name in columns if name != entity.parent_column]
        last = named[-1]
        conditions = [
            _same(entity.columns[name], _value_of(draft, name, values, let), len(named) == 1) for name in columns
        ]
        if let:
            conditions.append(f"{entity.key} <> :{entity.key_parameter}")
        condition = f"NOT EXISTS (SELECT 1 FROM {entity.table} WHERE {' AND '.join(conditions)})"
        if len(named) == 1:
            code, said = (
                error_code(entity.noun, last.name, "taken"),
                f"Another {spoken(entity.noun)} has this {spoken(last.name)}.",
            )
        else:
            code = error_code(entity.noun, "already_exists")
            said = f"There is already {article(entity.noun)} with the same {' and '.join(spoken(column.name) for column in named)}."
        draft.guard(condition, code, said, last.citation)


def _same(column: Column, value: str, alone: bool) -> str:
    """Names are the same in any case; what only together identifies a record is compared as it stands."""
    as_name = (
        alone and column.role != "reference" and not column.references and not column.format and column.type == "string"
    )
    return f"LOWER({column.name}) = LOWER({value})" if as_name else f"{column.name} = {value}"


def _value_of(draft: Draft, name: str, values: JsonObject, let: str) -> str:
    """What a column will hold after the call."""
    if not let:
        return str(values[name])
    if name not in draft.parameters or name == draft.entity.parent_column:
        return f"${let}.{name}"
    return f":{name}" if draft.parameters[name].required else f"COALESCE(:{name}, ${let}.{name})"


def period_guards(draft: Draft, values: JsonObject, let: str) -> None:
    """Refuse periods that end before they begin."""
    entity = draft.entity
    for first, last in entity.periods:
        if first not in values and last not in values:
            continue
        start, end = (_value_after(draft, name, let) for name in (first, last))
        condition = f"{start} < {end}"
        optional = entity.columns[first].nullable or entity.columns[last].nullable
        if optional:
            condition = f"{start} IS NULL OR {end} IS NULL OR {condition}"
        code = error_code(entity.noun, "period_invalid")
        draft.guard(
            condition,
            code,
            f"The {_end_named(last)} must be later than the {_end_named(first)}.",
            entity.columns[first].citation,
        )


def _end_named(name: str) -> str:
    """`starts_at` is the start, `end_date` the end date."""
    words = name.split("_")
    return singular(words[0]) if words[-1] in ("at", "on") and len(words) == 2 else spoken(name)


def _value_after(draft: Draft, name: str, let: str) -> str:
    given = f":{name}" if name in draft.parameters else ""
    if not let:
        return given or "NULL"
    return f"COALESCE({given}, ${let}.{name})" if given else f"${let}.{name}"


def coherence_guards(draft: Draft, values: JsonObject, world: World) -> None:
    """Two references of one record must agree where one of them leads to the other's target as well."""
    entity = draft.entity
    for each in agreements(entity, world):
        given, shared = values.get(each.column.name), values.get(each.shared.name)
        if given is None or shared is None:
            continue
        other = world.by_table(each.further.references)
        code = error_code(each.column.name.removesuffix("_id"), "of_other", other.noun)
        condition = f"EXISTS (SELECT 1 FROM {each.target.table} WHERE {each.target.key} = {given} AND {each.further.name} = {shared})"
        if each.column.nullable or each.shared.nullable:
            condition = f"{given} IS NULL OR {shared} IS NULL OR {condition}"
        draft.guard(
            condition,
            code,
            f"The {spoken(each.target.noun)} belongs to another {spoken(other.noun)}.",
            each.column.citation,
        )
