"""Implied look-ups: a parameter that refers to a table's key finds its row, or the call fails."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from envfactory.environments.contract import IdStep, RowStep, Step, ValueStep
from envfactory.synthesis.drafting import Draft, sql_text
from envfactory.synthesis.inference.words import error_code

_STEP: TypeAdapter[Step] = TypeAdapter(Step)
_EXPRESSIONS = frozenset({"row", "guard", "value", "when"})


def add_lookups(draft: Draft) -> None:
    """Add the look-ups of all parameters, in their order, as implied or as the document replaces them."""
    stated = draft.notes.lookups
    if stated is False:
        return
    replaced = stated if isinstance(stated, dict) else {}
    unknown = sorted(set(replaced) - set(draft.parameters))
    if unknown:
        raise draft.fault(f"lookups names {unknown[0]}, which is no parameter", "use `steps` for other look-ups")
    for name in draft.parameters:
        given = replaced.get(name, True)
        if isinstance(given, dict):
            add_stated_step(
                draft, {"else": not_found(name), **given} if "row" in given and not given.get("optional") else given
            )
        elif given:
            _add_implied(draft, name)


def add_stated_step(draft: Draft, raw: dict[str, Any]) -> None:
    """Add a step as the document writes it; guards get a citation."""
    try:
        step = _STEP.validate_python(
            {key: sql_text(value) if key in _EXPRESSIONS else value for key, value in raw.items()}
        )
    except ValidationError as error:
        raise draft.fault(f"the step {raw} is none of row, guard, value and new_id ({_reason(raw, error)})") from error
    if isinstance(step, RowStep | ValueStep | IdStep):
        draft.add(step)
    else:
        draft.guard(step.guard, step.otherwise, step.cite)


def not_found(parameter: str) -> str:
    """Return the code of a look-up that finds nothing: `booking_id` → BOOKING_NOT_FOUND."""
    return error_code(parameter.removesuffix("_id"), "not_found")


def row_name(draft: Draft, parameter: str) -> str:
    """Return what an implied look-up calls its row: the parameter without `_id`, with `_row` where that is taken."""
    name = parameter.removesuffix("_id")
    return f"{name}_row" if name in draft.names() else name


def _add_implied(draft: Draft, name: str) -> None:
    parameter = draft.parameters[name]
    table_name, _, column = (parameter.ref or "").partition(".")
    table = draft.tables.get(table_name)
    if table is None or table.key != (column,):
        return
    let, code = row_name(draft, name), not_found(name)
    select = f"SELECT * FROM {table.name} WHERE {column} = :{name}"
    draft.look_up(let, select, code if parameter.required else None)
    if not parameter.required:
        draft.guard(f":{name} IS NULL OR ${let}.{column} IS NOT NULL", code)


def _reason(raw: dict[str, Any], error: ValidationError) -> str:
    kinds = {"row": "RowStep", "guard": "GuardStep", "value": "ValueStep", "new_id": "IdStep"}
    meant = next((kind for key, kind in kinds.items() if key in raw), "")
    first = next((found for found in error.errors() if meant and meant in map(str, found["loc"])), error.errors()[0])
    return f"{'.'.join(str(part) for part in first['loc'][1:])}: {first['msg']}"
