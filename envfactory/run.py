"""`python -m envfactory.run --domain travel`: the same as `envfactory run`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import typer

from envfactory.cli.boundary import start
from envfactory.cli.run import EXAMPLES, run

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.command(epilog=EXAMPLES)(run)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command `run`."""
    start(app, "python -m envfactory.run", arguments)


if __name__ == "__main__":
    main()
