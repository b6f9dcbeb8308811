"""A result template as a flat list of its parts, each with the path under which the caller finds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from envfactory.environments.contract import Boolean, Contract, OneRow, Rows, Template

Kind = Literal["value", "boolean", "rows", "row"]


class Part(NamedTuple):
    """One SQL text of a result: `path` are the keys that lead to it; `shaped` the columns shown as booleans or JSON."""

    path: tuple[str, ...]
    kind: Kind
    text: str
    shaped: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The path as it is written: `boats.name`."""
        return ".".join(self.path)


def result_parts(contract: Contract) -> Iterator[Part]:
    """Yield the parts of a contract's result, in order."""
    yield from _parts(contract.result, ())


def _parts(template: Template, path: tuple[str, ...]) -> Iterator[Part]:
    if isinstance(template, str):
        yield Part(path, "value", template)
    elif isinstance(template, Boolean):
        yield Part(path, "boolean", template.boolean)
    elif isinstance(template, Rows):
        yield Part(path, "rows", template.rows, (*template.booleans, *template.json_columns))
    elif isinstance(template, OneRow):
        yield Part(path, "row", template.row, (*template.booleans, *template.json_columns))
    else:
        yield from _keyed(template, path)


def _keyed(template: Mapping[str, Template], path: tuple[str, ...]) -> Iterator[Part]:
    """Yield the parts of an object; `{"rows": SELECT}` alone is what the interpreter takes it for, not an object."""
    sole = next(iter(template)) if len(template) == 1 else ""
    text = template.get(sole)
    if path and isinstance(text, str) and sole in ("rows", "row", "boolean"):
        kinds: dict[str, Kind] = {"rows": "rows", "row": "row", "boolean": "boolean"}
        yield Part(path, kinds[sole], text)
        return
    for name, inner in template.items():
        yield from _parts(inner, (*path, name))
