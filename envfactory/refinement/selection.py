"""Which value a solver reads off a result: rows kept by conditions, singled out by a ranking, and by what margin.

A path such as `quotes[2].area_id` names one place; `candidates` are the values at that place in every row, and what is
`left` of them is what somebody holds who knows the conditions and the ranking but not the position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.runtime.paths import parts, value_at
from envfactory.tasks.model import Condition, Rank


class Candidate(NamedTuple):
    """A value in a result, the rows around it (the innermost last) and its concrete path."""

    value: Any
    rows: tuple[Mapping[str, Any], ...]
    path: str


def through_list(path: str) -> bool:
    """Tell whether a path runs through a list."""
    return "[" in path


def candidates(result: Any, path: str) -> list[Candidate]:
    """Return the values at a path's place in every row, nulls left out; the result itself is the outermost row."""
    around = (result,) if isinstance(result, Mapping) else ()
    return [each for each in _spread(result, parts(path), around, "") if each.value is not None]


def left(found: Iterable[Candidate], where: Iterable[Condition], rank: Rank | None = None) -> list[Candidate]:
    """Return the candidates that meet every condition and, among those, stand first in the ranking (ties included)."""
    kept = [each for each in found if all(holds(each, condition) for condition in where)]
    if rank is None:
        return kept
    keys = [_comparable(field_of(each, rank.field)) for each in kept]
    ranked = [key for key in keys if key is not None]
    if not ranked or len({type(key) for key in ranked}) > 1:
        return []
    best = min(ranked) if rank.order == "min" else max(ranked)
    return [each for each, key in zip(kept, keys, strict=True) if key == best]


def distinct(found: Iterable[Candidate]) -> list[Any]:
    """Return the different values of candidates, in order."""
    values: list[Any] = []
    for each in found:
        if each.value not in values:
            values.append(each.value)
    return values


def runner_up(found: Iterable[Candidate], where: Sequence[Condition], rank: Rank) -> tuple[Any, Any]:
    """Return the best value of the ranked field and the best one of any other candidate (None where there is none)."""
    kept = left(found, where)
    winners = distinct(left(kept, (), rank))
    others = [field_of(each, rank.field) for each in kept if each.value not in winners]
    pick = min if rank.order == "min" else max
    best = [field_of(each, rank.field) for each in left(kept, (), rank)]
    known = [value for value in others if value is not None]
    return (best[0] if best else None), (pick(known) if known else None)


def field_of(candidate: Candidate, path: str) -> Any:
    """Return a field of the innermost row that has it (`""` is the value itself)."""
    if not path:
        return candidate.value
    for row in reversed(candidate.rows):
        value = value_at(row, path)
        if value is not None:
            return value
    return None


def holds(candidate: Candidate, condition: Condition) -> bool:
    """Tell whether a candidate's row meets a condition; a field that is missing meets none but `ne`."""
    found = _comparable(field_of(candidate, condition.field))
    wanted = _comparable(condition.value)
    if found is None or wanted is None:
        return condition.op == "ne" if found is not wanted else condition.op == "eq"
    if condition.op == "contains":
        return str(wanted) in str(found)
    if isinstance(found, str) != isinstance(wanted, str):
        return condition.op == "ne"
    return _RELATIONS[condition.op](found, wanted)


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda found, wanted: bool(found == wanted),
    "ne": lambda found, wanted: bool(found != wanted),
    "le": lambda found, wanted: bool(found <= wanted),
    "ge": lambda found, wanted: bool(found >= wanted),
    "lt": lambda found, wanted: bool(found < wanted),
    "gt": lambda found, wanted: bool(found > wanted),
}


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same to a person: case and surrounding space do not count."""
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().casefold()
    return float(value) if isinstance(value, int | float) else value


def _spread(
    data: Any, rest: tuple[str | int, ...], rows: tuple[Mapping[str, Any], ...], path: str
) -> Iterator[Candidate]:
    if not rest:
        yield Candidate(data, rows, path)
    elif isinstance(rest[0], int):
        for number, item in enumerate(data if isinstance(data, list) else ()):
            around = (*rows, item) if isinstance(item, Mapping) else rows
            yield from _spread(item, rest[1:], around, f"{path}[{number}]")
    elif isinstance(data, Mapping) and rest[0] in data:
        below = data[rest[0]]
        around = (*rows, below) if isinstance(below, Mapping) else rows
        yield from _spread(below, rest[1:], around, f"{path}.{rest[0]}" if path else rest[0])
