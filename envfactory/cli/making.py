"""The commands `sample`, `refine` and `export`: the steps of stage two by themselves, over a library and a file of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, print_json
from envfactory.cli.modeloptions import ModelOptions, overrides
from envfactory.cli.options import ConfigFile, Seed, UnsafeForTools, grouped

if TYPE_CHECKING:
    from envfactory.config import Config
    from envfactory.graphs.alone import Work

SAMPLE_EXAMPLES = """\b
Examples:
  envfactory sample library --out tasks.jsonl
  envfactory sample library/travel --out tasks.jsonl --count 100 --seed 7 --env rail
"""
REFINE_EXAMPLES = """\b
Examples:
  envfactory refine tasks.jsonl --library library --out refined.jsonl
  envfactory refine tasks.jsonl --library library --out refined.jsonl --model-role refiner=openai:qwen3
"""
EXPORT_EXAMPLES = """\b
Examples:
  envfactory export refined.jsonl --library library --out datasets/travel
  envfactory export refined.jsonl --library library --out sft --format jsonl,llama-factory
"""
LibraryOption = Annotated[Path, typer.Option(metavar="DIR", help="Library of the tasks' environments.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was made as JSON; progress goes to stderr.")]


@grouped
def sample(
    *,
    library: Annotated[Path, typer.Argument(metavar="LIBRARY", help="Folder with verified environments.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="File of tasks to write.")],
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Tasks of each environment.  [default: 30]")
    ] = None,
    seed: Seed = None,
    env: Annotated[
        list[str] | None, typer.Option("--env", metavar="NAME", help="Only tasks of this one. Repeatable.")
    ] = None,
    config: ConfigFile = None,
    models: ModelOptions,
    unsafe_no_sandbox: UnsafeForTools = False,
    json: AsJson = False,
) -> None:
    """Sample executed, over-specified tasks from verified environments.

    Exit status 1 where none could be sampled.
    """
    with clear_errors():
        settings = _settings(config, models, unsafe_no_sandbox, {"count": count, "seed": seed})
        from envfactory.graphs import alone

        only = env or []
        _check(out, settings)
        places = alone.places_in(library, only)
        made = _made(settings, library, places, out, lambda bench: alone.sample(bench, only, out))
        _end(made, out, json, "sampled")


@grouped
def refine(
    *,
    tasks: Annotated[Path, typer.Argument(metavar="TASKS", help="File of tasks, as `sample` writes it.")],
    library: LibraryOption,
    out: Annotated[Path, typer.Option(metavar="FILE", help="File of refined tasks to write.")],
    config: ConfigFile = None,
    seed: Seed = None,
    models: ModelOptions,
    unsafe_no_sandbox: UnsafeForTools = False,
    json: AsJson = False,
) -> None:
    """Word tasks as a person would, prove their graders, calibrate them; those that pass are written.

    Exit status 1 where none passes.
    """
    with clear_errors():
        settings = _settings(config, models, unsafe_no_sandbox, {"seed": seed})
        from envfactory.graphs import alone
        from envfactory.tasks.files import read_tasks

        _check(out, settings)
        given, places = list(read_tasks(tasks)), alone.places_in(library)
        made = _made(settings, library, places, out, lambda bench: alone.refine(bench, given, out))
        _end(made, out, json, "verified")


def export(
    tasks: Annotated[Path, typer.Argument(metavar="TASKS", help="File of verified tasks.")],
    library: LibraryOption,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the dataset.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="LIST", help="Of jsonl, parquet, verl, llama-factory.  [default: jsonl,parquet]"
        ),
    ] = None,
    config: ConfigFile = None,
    unsafe_no_sandbox: UnsafeForTools = False,
    json: AsJson = False,
) -> None:
    """Write datasets for training: conversations for SFT, prompts with goals for RL, card and manifest."""
    with clear_errors():
        formats = None if form is None else [each.strip() for each in form.split(",")]
        settings = _settings(config, ModelOptions(), unsafe_no_sandbox, {"formats": formats})
        from envfactory.graphs import alone
        from envfactory.tasks.files import read_tasks

        _check(out, settings)
        count, places = sum(1 for _ in read_tasks(tasks)), alone.places_in(library)
        made = _made(
            settings, library, places, out, lambda bench: alone.export(bench, tasks.absolute(), count, out.absolute())
        )
        if json:
            print_json(made)
        else:
            print(f"{made['tasks']} tasks in {out}")


def _settings(config: Path | None, models: ModelOptions, unsafe: bool, tasks: dict[str, Any]) -> Config:
    from envfactory.config import load

    sandbox = {"sandbox": "none" if unsafe else None}
    return load(config, {"run": sandbox, "tasks": tasks, **overrides(models.given())})


def _check(out: Path, config: Config) -> None:
    from envfactory.cli import beforehand

    beforehand.check_tasks(config, out.parent)


def _made(config: Config, library: Path, places: list[Any], out: Path, work: Work) -> dict[str, Any]:
    from envfactory.cli.progress import open_progress
    from envfactory.graphs.alone import alone

    journal = out.with_name(f".{out.name}.exchanges")
    with open_progress() as emit:
        return alone(config, library, places, emit, work, journal)


def _end(made: dict[str, Any], out: Path, as_json: bool, what: str) -> None:
    rows = [row for row in made["rows"] if row["tasks"]]
    if as_json:
        print_json({**made, "file": str(out)})
    else:
        from rich.text import Text

        from envfactory.cli.pages import columns, page

        cells = [
            (row["environment"], row["split"], *(str(row[key]) for key in ("tasks", "turns", "calls"))) for row in rows
        ]
        page().print(columns([[Text(cell) for cell in row] for row in cells], _HEADINGS, right=(2, 3, 4)))
        print(f"{made['tasks']} tasks {what}, in {out}")
    if not made["tasks"]:
        fail(f"no task was {what}", "see the reasons above", 1)


_HEADINGS = ("environment", "split", "tasks", "turns", "calls")
