"""What a solver has learnt in a conversation: rows of results, values that were in use, calls that need not be repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from envfactory.calibration.hearing import Said, fit
from envfactory.calibration.offered import Parameter
from envfactory.calibration.vocabulary import root
from envfactory.reading.match import stem


@dataclass(frozen=True)
class Row:
    """One object of a result, flat: its own scalars, and `X_id` for a bare `id` in a container named X."""

    fields: Mapping[str, Any]
    container: str
    tool: str
    environment: str
    turn: int
    order: int
    fits: dict[Said, float] = field(default_factory=dict, compare=False, repr=False)

    def fit(self, said: Said) -> float:
        """Return how much of what was said it answers to, worked out once."""
        if said not in self.fits:
            self.fits[said] = fit(self.fields, said)
        return self.fits[said]


@dataclass
class _Given:
    """What the first `seen` rows give a parameter."""

    seen: int = 0
    rows: list[tuple[Row, Any]] = field(default_factory=list)


@dataclass
class Memory:
    """Everything seen so far in one conversation."""

    rows: list[Row] = field(default_factory=list)
    focus: dict[str, Any] = field(default_factory=dict)
    given: list[tuple[int, str, Any]] = field(default_factory=list)
    topic: str = ""
    _given_by: dict[tuple[Parameter, str], _Given] = field(default_factory=dict)

    def learn(self, tool: str, environment: str, result: Any, turn: int) -> list[Row]:
        """Keep the rows of a result; return them."""
        made = [
            Row(fields, container, tool, environment, turn, len(self.rows) + at)
            for at, (container, fields) in enumerate(rows_of(result))
        ]
        self.rows += made
        return made

    def with_field(self, parameter: Parameter, environment: str) -> list[tuple[Row, Any]]:
        """Return the rows that give a parameter, with what they give; each row is looked at once."""
        known = self._given_by.setdefault((parameter, environment), _Given())
        for row in self.rows[known.seen :]:
            if row.environment == environment:
                value = value_for(parameter, row.fields)
                if value is not None:
                    known.rows.append((row, value))
        known.seen = len(self.rows)
        return list(known.rows)


def value_for(parameter: Parameter, fields: Mapping[str, Any]) -> Any:
    """Return the value of the field that means the same as a parameter; None where there is none."""
    if parameter.name in fields:
        return fields[parameter.name]
    wanted = f"{parameter.noun}_id" if parameter.sort == "ref" else parameter.name
    if wanted in fields:
        return fields[wanted]
    for name, value in fields.items():
        if name.endswith(f"_{wanted}") or (wanted.endswith(f"_{name}") and name.endswith("_id") and name != "id"):
            return value
    return _by_kind(parameter, fields) if parameter.sort == "ref" else None


def _by_kind(parameter: Parameter, fields: Mapping[str, Any]) -> Any:
    """Return the id of the kind of thing that a parameter's description names: a port for "Port of departure"."""
    if set(parameter.words) & parameter.description_words:
        return None
    for name, value in fields.items():
        if name.endswith("_id") and root(name.removesuffix("_id").split("_")[-1]) == parameter.head:
            return value
    return None


def rows_of(result: Any, container: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of a result as flat rows, the outermost first, each with the name it stands under."""
    if isinstance(result, list):
        for each in result:
            yield from rows_of(each, container)
    if not isinstance(result, Mapping):
        return
    own = {name: value for name, value in result.items() if not isinstance(value, Mapping | list)}
    if "id" in own and container:
        own.setdefault(f"{singular(container)}_id", own["id"])
    if own:
        yield container, own
    for name, value in result.items():
        if isinstance(value, Mapping | list):
            yield from rows_of(value, name)


def singular(name: str) -> str:
    """Return a container's name in the singular: `room_types` holds a `room_type`."""
    head, _, last = name.rpartition("_")
    return re.sub(r"^_", "", f"{head}_{stem(last)}")
