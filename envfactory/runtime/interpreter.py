"""Executes contracts as they stand: the oracle that tool code is compared with.

A contract (a plain dict, as in contracts.json) is prepared once into statements; a call then binds one flat scope of
names. Rows looked up are the state before the call, effects run in order, the result is read after them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
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
        self._stretches = _stretches(_Step(step) for step in contract.get("steps", []))
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
        for stretch in self._stretches:
            if not failing:
                failing = stretch.run(context, scope)
                unknown = {step.let for step in stretch.steps} if failing and not stretch.together else set()
                continue
            for step in stretch.steps:
                code = None
                if step.takes_id or step.lets & unknown:
                    unknown.add(step.let)
                elif (code := step.run(context, scope)) is not None:
                    failing.append(code)
                    unknown.add(step.let)
        return list(dict.fromkeys(failing))


class _Step:
    """A look-up, guard, derived value or new id. `run` returns the code it fails with, or None.

    `single` is the SQL of one that rests on a single value, and `settle` what is to be done with that.
    """

    def __init__(self, step: Mapping[str, Any]) -> None:
        self.let: str = step.get("let", "")
        self.takes_id = "new_id" in step
        text = step.get("row") or step.get("guard") or step.get("value") or step.get("when") or ""
        self.lets = translate(text).lets
        self.single = _truth(step["guard"]) if "guard" in step else _term(step["value"]) if "value" in step else ""
        self._code: str | None = step.get("else")
        self._run = self._compile(step)

    def run(self, context: Context, scope: Scope) -> str | None:
        return None if self._run(context, scope) else self._code

    def settle(self, value: Any, scope: Scope) -> str | None:
        if self.let:
            scope[self.let] = value
            return None
        return None if value == 1 else self._code

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
        bound: list[str] = []  # by what name each column is bound; the same at every call

        def run(context: Context, scope: Scope) -> bool:
            cursor = context.single.execute(sql, scope)
            found = cursor.fetchone()
            if not bound:
                bound.extend(f"{let}__{column[0]}" for column in cursor.description)
            scope.update(zip(bound, found or itertools.repeat(None)))  # noqa: B905 - as many as there are columns
            return optional or found is not None

        return run


class _Stretch:
    """A step, or several in a row that rest on single values and not on one another: those take one statement."""

    def __init__(self, steps: list[_Step]) -> None:
        self.steps = steps
        self.together = len(steps) > 1
        self._sql = f"SELECT {', '.join(step.single for step in steps)}"

    def run(self, context: Context, scope: Scope) -> list[str]:
        """Return the codes of the steps that fail."""
        if self.together:
            values = _only(context, self._sql, scope)
            codes = [step.settle(value, scope) for step, value in zip(self.steps, values, strict=True)]
        else:
            codes = [self.steps[0].run(context, scope)]
        return [code for code in codes if code is not None]


def _stretches(steps: Iterable[_Step]) -> list[_Stretch]:
    found: list[list[_Step]] = []
    for step in steps:
        apart = not found or not found[-1][0].single or bool(step.lets & {other.let for other in found[-1]})
        if apart or not step.single:
            found.append([step])
        else:
            found[-1].append(step)
    return [_Stretch(stretch) for stretch in found]


def bindable(value: Any) -> Any:
    """Return what SQLite is given for an argument: lists and objects as JSON text, booleans as 0 and 1."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return int(value) if isinstance(value, bool) else value


def _term(expression: str) -> str:
    return f"({translate(expression).sql})"


def _truth(expression: str) -> str:
    return f"({translate(expression).sql}) IS TRUE"


def _scalar(expression: str) -> Expression:
    sql = f"SELECT {_term(expression)}"
    return lambda context, scope: context.single.execute(sql, scope).fetchone()[0]


def _condition(expression: str) -> Expression:
    sql = f"SELECT {_truth(expression)}"
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
    return _fields(template)


def _fields(template: Mapping[str, Any]) -> Expression:
    """Return what makes an object, those of its fields that are single values by one statement."""
    plain = [key for key, value in template.items() if isinstance(value, str)]
    sql = f"SELECT {', '.join(_term(template[key]) for key in plain)}"
    parts = {key: _template(template[key]) for key in template if key not in plain}
    if not parts:
        return lambda context, scope: dict(zip(plain, _only(context, sql, scope)))  # noqa: B905 - as many as asked for
    if not plain:
        return lambda context, scope: {key: part(context, scope) for key, part in parts.items()}

    def run(context: Context, scope: Scope) -> dict[str, Any]:
        values = dict(zip(plain, _only(context, sql, scope)))  # noqa: B905 - as many as asked for
        return {key: parts[key](context, scope) if key in parts else values[key] for key in template}

    return run


def _only(context: Context, sql: str, scope: Scope) -> tuple[Any, ...]:
    row: tuple[Any, ...] = context.single.execute(sql, scope).fetchone()
    return row


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
