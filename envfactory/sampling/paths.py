"""Places in a tool's result: every value with its concrete path, its general path, and the rows around it.

`quotes[2].area_id` is the concrete form of `quotes[].area_id`. A `Spot` is one value; a `Record` one object (a row of a
list, or the result itself), so that conditions can be tried on what a caller sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from envfactory.runtime.paths import general


class Record(NamedTuple):
    """One object of a result: its concrete path (empty for the result itself) and its scalar fields by name.

    `around` are the fields of the rows it stands in, outermost first, so that they can tell it from others too.
    """

    path: str
    fields: Mapping[str, Any]
    around: tuple[Mapping[str, Any], ...] = ()

    @property
    def place(self) -> str:
        """The general path: `quotes[]`."""
        return general(self.path)

    @property
    def listed(self) -> bool:
        """Whether the record stands in a list."""
        return "[" in self.path

    def at(self, name: str) -> str:
        """Return the concrete path of one of its fields."""
        return f"{self.path}.{name}" if self.path else name


def records(result: Any, path: str = "", around: tuple[Mapping[str, Any], ...] = ()) -> Iterator[Record]:
    """Yield every object of a result, outermost first."""
    if isinstance(result, dict):
        scalars = {name: value for name, value in result.items() if not isinstance(value, list | dict)}
        yield Record(path, scalars, around)
        for name, value in result.items():
            below = f"{path}.{name}" if path else name
            if isinstance(value, dict):
                yield from records(value, below, around)
            elif isinstance(value, list):
                inside = (*around, scalars) if "[" in path else around
                for position, item in enumerate(value):
                    yield from records(item, f"{below}[{position}]", inside)
