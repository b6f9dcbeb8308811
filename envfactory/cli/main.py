"""`envfactory`: the console command. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from envfactory import __version__
from envfactory.cli.boundary import help_unless_asked, start
from envfactory.cli.catalog import catalog
from envfactory.cli.evaluate import EXAMPLES as EVAL_EXAMPLES
from envfactory.cli.evaluate import evaluate
from envfactory.cli.grade import EXAMPLES as GRADE_EXAMPLES
from envfactory.cli.grade import grade
from envfactory.cli.health import doctor
from envfactory.cli.making import EXPORT_EXAMPLES, REFINE_EXAMPLES, SAMPLE_EXAMPLES, export, refine, sample
from envfactory.cli.models import models
from envfactory.cli.run import EXAMPLES, run
from envfactory.cli.show import show
from envfactory.cli.tasks import tasks
from envfactory.cli.traces import traces
from envfactory.cli.train import train
from envfactory.cli.verify import verify

EPILOG = """\b
Examples:
  envfactory run --domain travel
  envfactory run --domain travel --env rail --seed 7
  envfactory run --resource openapi.yaml
  envfactory verify library/travel/rail
  envfactory show library/travel/rail --graph mermaid
  envfactory tasks show rail-0
  envfactory traces show last --failed
  envfactory traces show last --html run.html
"""

app = typer.Typer(
    name="envfactory", epilog=EPILOG, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


def _version(asked: bool) -> None:
    if asked:
        print(f"envfactory {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def about(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Verified, stateful tool environments from API documentation, and graded tasks in them."""
    help_unless_asked(context)


app.command(epilog=EXAMPLES, short_help="Build and prove environments, and make tasks of them.")(run)
app.command(short_help="Prove environments again, without any key.")(verify)
app.command(short_help="Show an environment: tools, tables, graph, checks.")(show)
app.command(epilog=SAMPLE_EXAMPLES, short_help="Sample executed tasks from verified environments.")(sample)
app.command(epilog=REFINE_EXAMPLES, short_help="Word, prove and calibrate sampled tasks.")(refine)
app.command(epilog=EXPORT_EXAMPLES, short_help="Write datasets of verified tasks.")(export)
app.add_typer(tasks, name="tasks", short_help="Graded tasks: list, show, replay, grade.")
app.command(epilog=GRADE_EXAMPLES, short_help="Grade stored rollouts again, offline.")(grade)
app.add_typer(
    train, name="train", short_help="Train a model on datasets and in environments: sft, grpo, curves, recipes."
)
app.command("eval", epilog=EVAL_EXAMPLES, short_help="Measure a model on held-out tasks and public benchmarks.")(
    evaluate
)
app.command(short_help="Say whether this machine can hold generated code.")(doctor)
app.add_typer(models, name="models", short_help="Who answers which role, and whether they can: list, check.")
app.add_typer(catalog, name="catalog", short_help="The built-in documents: list, search, show.")
app.add_typer(
    traces,
    name="traces",
    short_help="What the roles of a run were asked and answered: list, show, grep, diff, export, serve.",
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the console command."""
    start(app, "envfactory", arguments)


if __name__ == "__main__":
    main()
