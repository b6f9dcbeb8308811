"""What a solver says at the end of a turn: what was done or not, and the fields of results, in words a person can check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from envfactory.calibration.hearing import Said, rank_field, within_bounds
from envfactory.calibration.offered import Tool

_SHOWN = 6
_NAMED = 15
_COUNTED = re.compile(r"\bhow many\b")


def tell_done(tool: Tool, result: Any, said: Said) -> str:
    """Return the answer to a request that was granted."""
    single = [_describe(each) for each in _objects(result)]
    told = [*single, *(_tell_list(name, rows, said) for name, rows in _lists(result))]
    return " ".join(filter(None, ["" if tool.reads else "That's done.", *told])) or "There is nothing."


def tell_refused(tool: Tool, message: str) -> str:
    """Return the answer to a request that a rule forbids."""
    return f"I'm sorry, I couldn't {tool.own.replace('_', ' ')}: {message}"


def tell_declined() -> str:
    """Return the answer to what no tool can do."""
    return "I'm sorry, that is not something I can do with the tools I have."


def ask_for(names: list[tuple[str, str]]) -> str:
    """Return a question for missing values, by name and description."""
    wanted = "; ".join(f"the {name.replace('_', ' ')} ({description.rstrip('.')})" for name, description in names)
    return f"Could you tell me {wanted}?"


def _objects(result: Any) -> list[Mapping[str, Any]]:
    """Return the result itself and the single objects in it."""
    if not isinstance(result, Mapping):
        return []
    return [result, *(value for value in result.values() if isinstance(value, Mapping))]


def _lists(result: Any) -> list[tuple[str, list[Mapping[str, Any]]]]:
    if not isinstance(result, Mapping):
        return []
    return [
        (name, [each for each in value if isinstance(each, Mapping)])
        for name, value in result.items()
        if isinstance(value, list) and (not value or isinstance(value[0], Mapping))
    ]


def _tell_list(name: str, rows: list[Mapping[str, Any]], said: Said) -> str:
    words = name.replace("_", " ")
    if not rows:
        return f"There are no {words}."
    chosen = _picked(rows, said)
    if chosen is not None:
        return f"There are {len(rows)} {words}; the one is this. {_describe(chosen)}"
    if _COUNTED.search(said.flat) or len(rows) > _SHOWN:
        return f"There are {len(rows)} {words}: " + "; ".join(_name(row) for row in rows[:_NAMED]) + "."
    return f"There are {len(rows)} {words}. " + " ".join(_describe(row) for row in rows)


def _picked(rows: list[Mapping[str, Any]], said: Said) -> Mapping[str, Any] | None:
    """Return the one row that the words single out by a ranking, if they do."""
    bounded = [row for row in rows if within_bounds(row, said)] or rows
    if said.rank is not None:
        name = rank_field(said.rank, bounded)
        if name is not None:
            return (min if said.rank.values[0] == "min" else max)(bounded, key=lambda row: row[name])
    return None


def _name(row: Mapping[str, Any]) -> str:
    texts = [str(value) for name, value in row.items() if isinstance(value, str) and not name.endswith("id")]
    return ", ".join(texts[:3]) if texts else _describe(row)


def _describe(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_state(name, value) for name, value in row.items())))


def _state(name: str, value: Any) -> str:
    if value is None or name == "id" or name.endswith("_id") or isinstance(value, Mapping | list):
        return ""
    words = re.sub(r"_(?:cents|at|on)$", "", name).replace("_", " ").capitalize()
    if isinstance(value, bool):
        return f"{words}: {'yes' if value else 'no'}."
    if isinstance(value, int) and name.endswith("_cents"):
        return f"{words}: {'minus ' if value < 0 else ''}{abs(value) / 100:.2f}."
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return f"{words}: {value[:10]} {value[11:16]}."
    return f"{words}: {str(value).replace('_', ' ')}."
