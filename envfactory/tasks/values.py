"""Other valid values of a parameter: near ones first, then other rows' values, then other choices."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from envfactory.environments.contract import Parameter
from envfactory.runtime.arguments import ArgumentError, checker
from envfactory.runtime.paths import parts
from envfactory.tasks.scope import Scope

_MOST_ROWS = 60


def parameter_at(parameters: dict[str, Parameter], path: str) -> Parameter | None:
    """Return the parameter (or array item, or object field) that a path into arguments leads to."""
    here: Parameter | None = None
    for part in parts(path):
        if isinstance(part, int):
            here = here.items if here else None
        else:
            here = (parameters if here is None else here.properties or {}).get(part)
        if here is None:
            return None
    return here


def other_values(scope: Scope, name: str, parameter: Parameter, value: Any, rng: random.Random) -> list[Any]:
    """Return values that the parameter admits other than `value`, those nearest to a slip of a solver first."""
    check = checker(parameter.model_dump(mode="json", exclude_defaults=True))
    found: list[Any] = []
    for other in _candidates(scope, name, parameter, value, rng):
        if other != value and other not in found and _admits(check, other):
            found.append(other)
    return found


def other_keys(scope: Scope, name: str, reference: str, value: Any, rng: random.Random) -> list[Any]:
    """Return other existing values of a column, in random order."""
    table, _, column = reference.partition(".")
    rows = scope.initial_rows(name).get(table, [])
    stock = list(dict.fromkeys(row.get(column) for row in rows))
    others = [other for other in stock if other is not None and other != value]
    return rng.sample(others, min(len(others), _MOST_ROWS))


def _admits(check: Any, value: Any) -> bool:
    try:
        check("value", value)
    except ArgumentError:
        return False
    return True


def _candidates(scope: Scope, name: str, parameter: Parameter, value: Any, rng: random.Random) -> Iterator[Any]:
    if parameter.enum:
        yield from rng.sample(parameter.enum, len(parameter.enum))
        return
    if parameter.ref:
        yield from other_keys(scope, name, parameter.ref, value, rng)
        return
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value * 2)
    elif isinstance(value, str):
        yield from _texts(parameter, value)


def _texts(parameter: Parameter, value: str) -> Iterator[str]:
    if parameter.format in ("date", "date-time"):
        for days in (1, -1, 7, 30):
            yield from _moved(value, days)
    elif parameter.format == "time":
        yield f"{(int(value[:2]) + 1) % 24:02d}{value[2:]}"
    elif parameter.format == "email":
        yield f"x{value}"
    else:
        yield from (f"Other {value}"[: parameter.max_length or 200], value[: max(1, len(value) // 2)], "Somebody Else")


def _moved(value: str, days: int) -> Iterator[str]:
    try:
        day = datetime.date.fromisoformat(value[:10]) + datetime.timedelta(days=days)
    except (ValueError, OverflowError):
        return
    yield day.isoformat() + value[10:]
