"""The commands `tasks list|show|replay|grade`: look at tasks, play their gold, grade what somebody did."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, help_unless_asked, print_json
from envfactory.cli.grade import EXAMPLES as GRADE_EXAMPLES
from envfactory.cli.grade import From, Library, found_tasks, grade, graded, tell
from envfactory.cli.options import AsJson, UnsafeForTools

if TYPE_CHECKING:
    from envfactory.tasks.model import Task

EXAMPLES = """\b
Examples:
  envfactory tasks list
  envfactory tasks list datasets/travel --env rail
  envfactory tasks show rail-0007
  envfactory tasks show rail-0007 --html task.html
  envfactory tasks replay rail-0007
  envfactory tasks grade rollouts.jsonl --json
"""
tasks = typer.Typer(rich_markup_mode=None)


@tasks.callback(invoke_without_command=True, epilog=EXAMPLES)
def about(context: typer.Context) -> None:
    """Graded tasks: list them, show one, replay their gold calls, grade rollouts."""
    help_unless_asked(context)


@tasks.command("list", short_help="List tasks, one a line.")
def list_tasks(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="File of tasks, or a folder that holds some.  [default: datasets]"),
    ] = None,
    env: Annotated[str | None, typer.Option("--env", metavar="NAME", help="Only this environment's.")] = None,
    split: Annotated[
        str | None, typer.Option(metavar="SPLIT", help="Only this split: train, validation, heldout.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List tasks: environments, split, size, outcomes, operators, solve rate, verdict."""
    from envfactory.cli.pages import columns, page

    with clear_errors():
        found = [task for task in found_tasks(file) if _wanted(task, env, split)]
        rows = [task_row(task) for task in found]
        if json:
            print_json(rows)
        elif rows:
            shown = [_cells(row) for row in rows]
            headings = ("task", "environments", "split", "turns", "calls", "outcomes", "operators", "solved", "")
            page().print(columns(shown, headings, right=(3, 4, 7), yielding=(1, 5, 6), cut=True))
            print(f"{len(rows)} tasks")
        else:
            fail("no task is like that", "envfactory tasks list shows all", 1)


@tasks.command(short_help="Show a task so that a person can judge it.")
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A task's id, or the beginning of one.")],
    source: From = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one self-contained page instead.")] = None,
    json: AsJson = False,
) -> None:
    """Show a task: who speaks, turns, calls with the source of every argument, changes, accept and reject sets."""
    from rich.console import Console

    from envfactory.cli.pages import page
    from envfactory.cli.taskpage import NARROWEST, WIDTH, task_page

    with clear_errors():
        task = _task(id, source)
        if html is not None:
            _write_page(task, html)
            return
        if json:
            print_json(task.model_dump(mode="json", exclude_defaults=True))
            return
        console: Console = page()
        for line in task_page(task, min(WIDTH, max(console.width, NARROWEST))):
            console.print(line, soft_wrap=True)


@tasks.command(short_help="Play the gold calls again, or a rollouts file.")
def replay(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this task.")] = None,
    rollouts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Play what these rollouts called instead of the gold.")
    ] = None,
    source: From = None,
    library: Library = None,
    unsafe_no_sandbox: UnsafeForTools = False,
    json: AsJson = False,
) -> None:
    """Play calls from the initial state and say whether the goal is reached.

    Exit status 1 where one is not.
    """
    with clear_errors():
        chosen = [_task(id, source)] if id is not None else list(found_tasks(source))
        tell(graded(chosen, rollouts, library, unsafe_no_sandbox), json, "reach the goal")


tasks.command(epilog=GRADE_EXAMPLES, short_help="Grade a file of rollouts.")(grade)


def _write_page(task: Task, file: Path) -> None:
    from envfactory.cli.writing import write_page
    from envfactory.pages.tasks import task_page

    write_page(file, task.id, lambda bodies: task_page(task, bodies))


def task_row(task: Task) -> dict[str, Any]:
    """Return what a list shows of a task."""
    tried = task.calibration
    return {
        "task": task.id,
        "environments": [reference.name for reference in task.environments],
        "split": task.split,
        "turns": len(task.turns),
        "calls": len(task.gold),
        "outcomes": dict(Counter(turn.outcome for turn in task.turns)),
        "operators": dict(Counter(record.operator for turn in task.turns for record in turn.operators)),
        "solved": None if tried is None else [tried.solved, tried.attempts],
        "verified": task.verified,
    }


def _cells(row: dict[str, Any]) -> list[Any]:
    from rich.text import Text

    from envfactory.cli.pages import BAD, GOOD

    solved = "-" if row["solved"] is None else f"{row['solved'][0]}/{row['solved'][1]}"
    verdict = Text("verified", GOOD) if row["verified"] else Text("unproven", BAD)
    names, counts = ", ".join(row["environments"]), (str(row["turns"]), str(row["calls"]))
    return [row["task"], names, row["split"], *counts, _many(row["outcomes"]), _many(row["operators"]), solved, verdict]


def _many(counts: dict[str, int]) -> str:
    return ", ".join(name if count == 1 else f"{name} × {count}" for name, count in counts.items())


def _wanted(task: Task, env: str | None, split: str | None) -> bool:
    return (env is None or env in [each.name for each in task.environments]) and split in (None, task.split)


def _task(id: str, source: Path | None) -> Task:
    """Return the one task whose id is or begins with `id`."""
    found = {task.id: task for task in found_tasks(source) if task.id.startswith(id)}
    if id in found:
        return found[id]
    if len(found) == 1:
        return next(iter(found.values()))
    known = ", ".join(list(found)[:5])
    return fail(f"{len(found) or 'no'} tasks begin with {id}", f"as {known}" if found else "envfactory tasks list")
