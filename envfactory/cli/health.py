"""The command `doctor`: can this machine hold generated code?"""

from __future__ import annotations

from typing import Annotated

import typer

from envfactory.cli.boundary import clear_errors, print_json


def doctor(json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Say which layers of the sandbox this machine has. Exit status 1 where one that is needed is missing."""
    from envfactory.sandbox.doctor import examine

    with clear_errors():
        diagnosis = examine()
        if json:
            print_json(diagnosis.as_dict())
        else:
            print(diagnosis.as_text())
        if not diagnosis.ok:
            raise typer.Exit(1)
