"""`envfactory`: the console command. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import typer

from envfactory.cli.catalog import catalog
from envfactory.cli.environments import show, verify
from envfactory.cli.health import doctor
from envfactory.cli.run import run
from envfactory.cli.traces import traces

EPILOG = """Examples:\n
\n
  envfactory run --domain travel\n
  envfactory run --domain travel --env rail --seed 7\n
  envfactory run --resource openapi.yaml\n
  envfactory verify library/travel/rail\n
  envfactory show library/travel/rail --graph mermaid\n
  envfactory traces show last --failed
"""

app = typer.Typer(
    name="envfactory",
    help="Verified, stateful tool environments from API documentation.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run)
app.command()(verify)
app.command()(show)
app.command()(doctor)
app.add_typer(catalog, name="catalog")
app.add_typer(traces, name="traces")


def main() -> None:
    """Run the console command."""
    app()


if __name__ == "__main__":
    main()
