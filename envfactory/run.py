"""`python -m envfactory.run --domain travel`: the same as `envfactory run`."""

from __future__ import annotations

import typer

from envfactory.cli.run import EXAMPLES, run


def main() -> None:
    """Run the command `run`."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(epilog=EXAMPLES)(run)
    app()


if __name__ == "__main__":
    main()
