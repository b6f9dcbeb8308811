"""Options that several commands have: declared once, alone or in groups.

A command that takes a group has a parameter of a dataclass's type; `grouped` makes the class's fields
its options in the place of that parameter; those without a default are required.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

ConfigFile = Annotated[Path | None, typer.Option(metavar="FILE", help="TOML configuration.")]
Seed = Annotated[int | None, typer.Option(metavar="S", help="Seed of everything drawn.  [default: 0]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
UnsafeForTools = Annotated[bool, typer.Option("--unsafe-no-sandbox", help="Run tool code without the sandbox's walls.")]
UnsafeForAll = Annotated[
    bool, typer.Option("--unsafe-no-sandbox", help="Run generated code without the sandbox's walls.")
]


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose groups of options are taken apart for whoever reads its signature, and put together again."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    taken: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        plain = parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        taken += _spread(groups[name]) if name in groups else [plain]

    def together(**given: Any) -> None:
        parts = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **parts)

    together.__name__, together.__doc__ = command.__name__, command.__doc__
    together.__annotations__ = {parameter.name: parameter.annotation for parameter in taken}
    together.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    return together


def _spread(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
