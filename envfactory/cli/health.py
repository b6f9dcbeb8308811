"""The command `doctor`: can this machine hold generated code?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from envfactory.cli.boundary import clear_errors, print_json

if TYPE_CHECKING:
    from envfactory.sandbox.doctor import Diagnosis


def doctor(json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Say which layers of the sandbox this machine has.

    Exit status 1 where one that is needed is missing.
    """
    from envfactory.sandbox.doctor import examine

    with clear_errors():
        diagnosis = examine()
        if json:
            print_json(diagnosis.as_dict())
        else:
            _print(diagnosis)
        if not diagnosis.ok:
            raise typer.Exit(1)


def _print(diagnosis: Diagnosis) -> None:
    from rich.text import Text

    from envfactory.cli.pages import BAD, GOOD, columns, page

    styles = {"ok": GOOD, "missing": BAD}
    rows = [
        (Text(row.status, styles.get(row.status, "")), row.name, row.finding, row.meaning) for row in diagnosis.rows
    ]
    console = page()
    console.print(columns(rows, yielding=(2, 3)))
    console.print(f"\n{diagnosis.advice}", markup=False, soft_wrap=True)
