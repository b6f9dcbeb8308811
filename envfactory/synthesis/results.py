"""Results: a stated template, a list of one table, or by default the row the call is about, read after the effects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from envfactory.environments.contract import Boolean, Insert, OneRow, Rows, step_expression
from envfactory.resources.payloads import object_view, ref_name
from envfactory.resources.tolerant import JsonObject
from envfactory.runtime.expressions import translate
from envfactory.synthesis.annotations import ListNotes
from envfactory.synthesis.drafting import Draft, sql_text
from envfactory.synthesis.tables import Table

_MODELS: dict[str, type[BaseModel]] = {"rows": Rows, "row": OneRow, "boolean": Boolean}
_QUERY_KEYS = tuple(_MODELS)
_COLUMN = re.compile(r"^(?:\w+\.)?(?P<column>\w+)(?:\s+(?:AS\s+)?(?P<alias>\w+))?$", re.IGNORECASE)
_TEMPLATE_KEYS = {*_QUERY_KEYS, "booleans", "json_columns"}
_PAGING = ("limit", "offset")


def result_template(draft: Draft, schemas: Mapping[str, JsonObject]) -> dict[str, Any]:
    """Return the result of a contract: expressions, queries, and objects of these."""
    return {name: _modelled(template) for name, template in _raw_result(draft, schemas).items()}


def _modelled(template: Any) -> Any:
    """A template with its queries as models: left as a mapping, `{rows: SELECT}` would be read as an object."""
    if not isinstance(template, dict):
        return template
    for key, model in _MODELS.items():
        if isinstance(template.get(key), str) and set(template) <= {key, "booleans", "json_columns"}:
            return model.model_validate(template)
    return {name: _modelled(inner) for name, inner in template.items()}


def _raw_result(draft: Draft, schemas: Mapping[str, JsonObject]) -> dict[str, Any]:
    notes = draft.notes
    if notes.result is not None and notes.listing is not None:
        raise draft.fault("states both `result` and `list`", "keep one of them")
    if notes.result is not None:
        return _stated(draft, notes.result)
    if notes.listing is not None:
        return _list(draft, notes.listing)
    listed = _listed_table(draft, schemas)
    if listed is not None and not draft.effects:
        return _list(draft, ListNotes(table=listed.name))
    return _default(draft, schemas)


def _stated(draft: Draft, result: dict[str, Any]) -> dict[str, Any]:
    if not result:
        raise draft.fault("the result is empty", "name at least one value")
    if set(result) <= _TEMPLATE_KEYS and any(isinstance(result.get(key), str) for key in _QUERY_KEYS):
        raise draft.fault("the result has no name", "write for instance {bookings: {rows: SELECT ...}}")
    return {name: _template(value) for name, value in result.items()}


def _template(value: Any) -> Any:
    """A template with booleans, numbers and null as expressions."""
    if isinstance(value, bool):
        return {"boolean": str(int(value))}
    if isinstance(value, dict):
        return {key: inner if key in ("booleans", "json_columns") else _template(inner) for key, inner in value.items()}
    return sql_text(value)


def _list(draft: Draft, notes: ListNotes) -> dict[str, Any]:
    table = draft.table(notes.table, "list")
    unknown = sorted(set(translate(" ".join(notes.filters.values())).names) - set(draft.parameters) - draft.names())
    if unknown:
        raise draft.fault(f"list.filters uses :{unknown[0]}, which is no parameter")
    conditions = _conditions(draft, notes, table)
    items = notes.columns or [column.name for column in table.visible]
    sql = f"SELECT {', '.join(items)} FROM {table.name}"
    sql += f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql += f" ORDER BY {_total_order(notes.order, table)}{_paging(draft)}"
    return {_list_name(draft, notes): {"rows": sql, **_readings(items, table)}}


def _list_name(draft: Draft, notes: ListNotes) -> str:
    name = notes.name or notes.table
    if name in _QUERY_KEYS:
        raise draft.fault(f"a list cannot be called {name}", "write list: {name: ...}")
    return name


def _conditions(draft: Draft, notes: ListNotes, table: Table) -> list[str]:
    """The stated filters that are no parameter's own, then each parameter's, in order."""
    found = [_bracketed(sql) for name, sql in notes.filters.items() if name not in draft.parameters]
    used = _used_in_steps(draft)
    for name, parameter in draft.parameters.items():
        condition = notes.filters.get(name) or _equality(name, table, is_list=parameter.type == "array")
        if condition:
            always = parameter.required or parameter.default is not None
            found.append(_bracketed(condition) if always else f"(:{name} IS NULL OR {_bracketed(condition)})")
        elif name not in used and name not in _PAGING:
            raise draft.fault(
                f"the parameter {name} filters nothing: {table.name} has no such column",
                f"write list.filters: {{{name}: condition}}",
            )
    return found


def _used_in_steps(draft: Draft) -> set[str]:
    return {name for step in draft.steps for name in translate(step_expression(step)).names}


def _equality(name: str, table: Table, *, is_list: bool) -> str:
    if name not in table.columns:
        return ""
    return f"{name} IN (SELECT value FROM json_each(:{name}))" if is_list else f"{name} = :{name}"


def _bracketed(condition: str) -> str:
    return (
        f"({condition})"
        if re.search(r"\bOR\b", condition, re.IGNORECASE) and not condition.startswith("(")
        else condition
    )


def _total_order(order: str, table: Table) -> str:
    mentioned = {word.lower() for word in re.findall(r"\w+", order)}
    missing = [column for column in table.key if column not in mentioned]
    return ", ".join([order.strip()] * bool(order.strip()) + missing)


def _paging(draft: Draft) -> str:
    limit, offset = (draft.parameters.get(name) for name in _PAGING)
    if limit is None:
        return ""
    bounded = limit.required or limit.default is not None
    skipped = (
        ""
        if offset is None
        else " OFFSET :offset"
        if offset.required or offset.default is not None
        else " OFFSET COALESCE(:offset, 0)"
    )
    return f" LIMIT {':limit' if bounded else 'COALESCE(:limit, -1)'}{skipped}"


def _readings(items: Iterable[str], table: Table) -> dict[str, list[str]]:
    """Which columns of a SELECT read as true or false, and which as JSON."""
    found: dict[str, list[str]] = {}
    for item in items:
        match = _COLUMN.match(item.strip())
        column = table.columns.get(match["column"]) if match else None
        key = {"boolean": "booleans", "json": "json_columns"}.get(column.type if column else "")
        if match and key:
            found.setdefault(key, []).append(match["alias"] or match["column"])
    return found


def _default(draft: Draft, schemas: Mapping[str, JsonObject]) -> dict[str, Any]:
    wanted = _answered_table(draft, schemas)
    made = next(
        (name for name in draft.new_rows if wanted is None or name == wanted.name), next(iter(draft.new_rows), None)
    )
    if made is not None:
        table = draft.tables[made]
        return _row(table, f"{table.key[0]} = {draft.new_rows[made]}")
    composite = next((effect for effect in draft.effects if isinstance(effect, Insert) and not effect.each), None)
    if composite is not None:
        table = draft.tables[composite.insert]
        return _row(table, " AND ".join(f"{column} = {composite.set[column]}" for column in table.key))
    let = _subject(draft, wanted)
    if let is None:
        raise draft.fault("what the call answers is not said", "write x-env.result or x-env.list")
    table = draft.row_table(let, "the default result")
    if any(getattr(effect, "delete", None) == table.name for effect in draft.effects):
        return {**{f"{table.noun}_{column}": f"${let}.{column}" for column in table.key}, "deleted": {"boolean": "1"}}
    return _row(table, table.key_condition(let))


def _row(table: Table, condition: str) -> dict[str, Any]:
    names = [column.name for column in table.visible]
    select = f"SELECT {', '.join(names)} FROM {table.name} WHERE {condition}"
    return {table.noun: {"row": select, **_readings(names, table)}}


def _subject(draft: Draft, wanted: Table | None) -> str | None:
    """The looked-up row a call is about: one it moves, one of the answered table, one its path names, or the last."""
    known = {let: table for let, table in draft.rows.items() if table is not None}
    if draft.moved:
        return draft.moved[0]
    answered = [let for let, table in known.items() if wanted is not None and table.name == wanted.name]
    in_path = [
        let for let in known if any(p.location == "path" and p.name.startswith(let) for p in draft.operation.parameters)
    ]
    return next((lets[-1] for lets in (answered, in_path, list(known)) if lets), None)


def _answered_table(draft: Draft, schemas: Mapping[str, JsonObject]) -> Table | None:
    """The table whose row the document's response shows, plainly or in an envelope of one property."""
    for schema in _response_schemas(draft):
        if table := draft.tables.of_schema(ref_name(schema)):
            return table
        inner = [draft.tables.of_schema(ref_name(each)) for each in object_view(schema, schemas).properties.values()]
        if len(inner) == 1 and inner[0]:
            return inner[0]
    return None


def _listed_table(draft: Draft, schemas: Mapping[str, JsonObject]) -> Table | None:
    """The table whose rows the document's response lists, plainly or as the one list in an envelope."""
    for schema in _response_schemas(draft):
        lists = [schema, *object_view(schema, schemas).properties.values()]
        items = [each.get("items", {}) for each in lists if each.get("type") == "array"]
        if len(items) == 1 and (table := draft.tables.of_schema(ref_name(items[0]))):
            return table
    return None


def _response_schemas(draft: Draft) -> list[JsonObject]:
    return [
        response.schema for response in draft.operation.responses if response.status.startswith("2") and response.schema
    ]
