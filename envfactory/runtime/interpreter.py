"""Executes contracts as they stand: the oracle that tool code is compared with.

A contract (a plain dict, as in contracts.json) is prepared once into statements; a call then binds one flat scope of
names. Rows looked up are the state before the call, effects run in order, the result is read after them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from envfactory.runtime.context import Context, ToolError
from envfactory.runtime.expressions import translate

Scope = dict[str, Any]
Expression = Callable[[Context, Scope], Any]


class Refusal(ToolError):
    """A failed step. `codes` holds every code whose step fails in this state, the first one being `code`."""

    def __init__(self, codes: list[str], message: str) -> None:
        super().__init__(codes[0], message)
        self.codes = codes


class PreparedContract:
    """One contract, ready to run."""

    def __init__(self, contract: Mapping[str, Any]) -> None:
        self.name: str = contract["name"]
        self._messages = {code: spec["message"] for code, spec in contract.get("errors", {}).items()}
        self._steps = [_Step(step) for step in contract.get("steps", [])]
        self._effects = [_effect(effect) for effect in contract.get("effects", [])]
        self._result = _template(contract["result"])

    def __call__(self, context: Context, arguments: Mapping[str, Any]) -> Any:
        """Run one call; raise Refusal where a look-up or guard fails."""
        scope: Scope = {name: bindable(value) for name, value in arguments.items()}
        scope["now"], scope["today"] = context.now, context.today
        codes = self._run_steps(context, scope)
        if codes:
            raise Refusal(codes, self._messages.get(codes[0], ""))
        for effect in self._effects:
            effect(context, scope)
        return self._result(context, scope)

    def _run_steps(self, context: Context, scope: Scope) -> list[str]:
        failing: list[str] = []
        unknown: set[str] = set()
        for step in self._steps:
            if failing and (step.takes_id or step.lets & unknown):
                unknown.add(step.let)
                continue
            code = step.run(context, scope)
            if code is not None:
                failing.append(code)
                unknown.add(step.let)
        return list(dict.fromkeys(failing))


class _Step:
    """A look-up, guard, derived value or new id. `run` returns the code it fails with, or None."""

    def __init__(self, step: Mapping[str, Any]) -> None:
        self.let: str = step.get("let", "")
        self.takes_id = "new_id" in step
        text = step.get("row") or step.get("guard") or step.get("value") or step.get("when") or ""
        self.lets = translate(text).lets
        self._code: str | None = step.get("else")
        self._run = self._compile(step)

    def run(self, context: Context, scope: Scope) -> str | None:
        return None if self._run(context, scope) else self._code

    def _compile(self, step: Mapping[str, Any]) -> Expression:
        if "row" in step:
            return self._row(step["row"], bool(step.get("optional")))
        if "guard" in step:
            return _condition(step["guard"])
        if "value" in step:
            return self._bind(_scalar(step["value"]))
        prefix, when = step["new_id"], _condition(step["when"]) if step.get("when") else None
        return self._bind(
            lambda context, scope: context.new_id(prefix) if when is None or when(context, scope) else None
        )

    def _bind(self, expression: Expression) -> Expression:
        def run(context: Context, scope: Scope) -> bool:
            scope[self.let] = expression(context, scope)
            return True

        return run

    def _row(self, select: str, optional: bool) -> Expression:
        sql, let = translate(select).sql, self.let
        bound: list[tuple[str, str]] = []  # by what name each column is bound; the same at every call

        def run(context: Context, scope: Scope) -> bool:
            cursor = context.db.execute(sql, scope)
            found = cursor.fetchone()
            if not bound:
                bound.extend((f"{let}__{column[0]}", column[0]) for column in cursor.description)
            for name, column in bound:
                scope[name] = found[column] if found else None
            return optional or found is not None

        return run


def bindable(value: Any) -> Any:
    """Return what SQLite is given for an argument: lists and objects as JSON text, booleans as 0 and 1."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return int(value) if isinstance(value, bool) else value


def _scalar(expression: str) -> Expression:
    sql = f"SELECT ({translate(expression).sql}) AS value"
    return lambda context, scope: context.single.execute(sql, scope).fetchone()[0]


def _condition(expression: str) -> Expression:
    sql = f"SELECT ({translate(expression).sql}) IS TRUE AS value"
    return lambda context, scope: context.single.execute(sql, scope).fetchone()[0] == 1


def _effect(effect: Mapping[str, Any]) -> Expression:
    run = _insert(effect) if "insert" in effect else _change(effect)
    if not effect.get("when"):
        return run
    when = _condition(effect["when"])
    return lambda context, scope: run(context, scope) if when(context, scope) else None


def _insert(effect: Mapping[str, Any]) -> Expression:
    ids = {column: value["new_id"] for column, value in effect["set"].items() if isinstance(value, dict)}
    values = ", ".join(
        f":new__{column}" if column in ids else f"({translate(value).sql})" for column, value in effect["set"].items()
    )
    sql = f"INSERT INTO {effect['insert']} ({', '.join(effect['set'])}) VALUES ({values})"
    each = translate(effect["each"]).sql if effect.get("each") else None

    def run(context: Context, scope: Scope) -> None:
        rows = context.db.execute(each, scope).fetchall() if each else [{}]
        for row in rows:
            bound = {f"each__{column}": value for column, value in row.items()}
            fresh = {f"new__{column}": context.new_id(prefix) for column, prefix in ids.items()}
            context.db.execute(sql, {**scope, **bound, **fresh})

    return run


def _change(effect: Mapping[str, Any]) -> Expression:
    where = translate(effect["where"]).sql
    if "delete" in effect:
        sql = f"DELETE FROM {effect['delete']} WHERE {where}"
    else:
        assignments = ", ".join(f"{column} = ({translate(value).sql})" for column, value in effect["set"].items())
        sql = f"UPDATE {effect['update']} SET {assignments} WHERE {where}"
    return lambda context, scope: context.db.execute(sql, scope)


def _template(template: Any) -> Expression:
    if isinstance(template, str):
        return _scalar(template)
    if "rows" in template and isinstance(template["rows"], str) and _is_query(template, "rows"):
        return _rows(template)
    if "row" in template and isinstance(template["row"], str) and _is_query(template, "row"):
        return _row(template)
    if set(template) == {"boolean"}:
        value = _scalar(template["boolean"])
        return lambda context, scope: as_boolean(value(context, scope))
    parts = {key: _template(value) for key, value in template.items()}
    return lambda context, scope: {key: part(context, scope) for key, part in parts.items()}


def _is_query(template: Mapping[str, Any], key: str) -> bool:
    return set(template) <= {key, "booleans", "json_columns"}


def _rows(template: Mapping[str, Any]) -> Expression:
    sql, shape = translate(template["rows"]).sql, _shaper(template)
    return lambda context, scope: [shape(row) for row in context.db.execute(sql, scope)]


def _row(template: Mapping[str, Any]) -> Expression:
    sql, shape = translate(template["row"]).sql, _shaper(template)

    def run(context: Context, scope: Scope) -> Any:
        found = context.db.execute(sql, scope).fetchone()
        return shape(found) if found else None

    return run


def _shaper(template: Mapping[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    booleans, json_columns = template.get("booleans") or [], template.get("json_columns") or []
    if not booleans and not json_columns:
        return dict

    def shape(row: dict[str, Any]) -> dict[str, Any]:
        shaped = dict(row)
        for column in booleans:
            shaped[column] = as_boolean(row[column])
        for column in json_columns:
            shaped[column] = None if row[column] is None else json.loads(row[column])
        return shaped

    return shape


def as_boolean(value: Any) -> bool | None:
    """Return SQLite's 0, 1 or NULL as false, true or null."""
    return None if value is None else bool(value)
