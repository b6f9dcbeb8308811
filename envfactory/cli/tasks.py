"""The commands `tasks list|show|replay|grade`: look at tasks, play their gold, grade what somebody did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, help_unless_asked, print_json

if TYPE_CHECKING:
    from envfactory.tasks.files import StoredRollout
    from envfactory.tasks.model import Grade, Task

EXAMPLES = """\b
Examples:
  envfactory tasks list
  envfactory tasks list datasets/travel --env rail
  envfactory tasks show rail-0007
  envfactory tasks replay rail-0007
  envfactory tasks grade rollouts.jsonl --json
"""
tasks = typer.Typer(rich_markup_mode=None)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="File of tasks, or a folder that holds some.  [default: datasets]"),
]
Library = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Library of the tasks' environments.  [default: library]")
]


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
        found = [task for task in _tasks(file) if _wanted(task, env, split)]
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
    json: AsJson = False,
) -> None:
    """Show a task: who speaks, turns, calls with the source of every argument, changes, accept and reject sets."""
    from rich.console import Console

    from envfactory.cli.pages import page
    from envfactory.cli.taskpage import NARROWEST, WIDTH, task_page

    with clear_errors():
        task = _task(id, source)
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
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run tool code without the sandbox's walls.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Play calls from the initial state and say whether the goal is reached.

    Exit status 1 where one is not.
    """
    with clear_errors():
        chosen = [_task(id, source)] if id is not None else list(_tasks(source))
        _tell(_graded(chosen, rollouts, library, unsafe_no_sandbox), json, "reach the goal")


@tasks.command(short_help="Grade a file of rollouts.")
def grade(
    rollouts: Annotated[Path, typer.Argument(metavar="ROLLOUTS", help="JSON lines: {task, calls, answers}.")],
    source: From = None,
    library: Library = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run tool code without the sandbox's walls.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Grade rollouts by replay: reward, its parts, and why it is not full. Infrastructure errors are not scored.

    Exit status 1 where one is not solved.
    """
    with clear_errors():
        _tell(_graded(list(_tasks(source)), rollouts, library, unsafe_no_sandbox), json, "solve their task")


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


def _files(given: Path | None) -> list[Path]:
    """Return the files of tasks that are meant; fail where there is none."""
    from envfactory.config import load

    place = given or load(None).tasks.out
    if place.is_file():
        return [place]
    found = sorted(place.glob("**/tasks.jsonl"))
    if not found:
        missing = "holds no tasks.jsonl" if place.is_dir() else "does not exist"
        fail(f"{place} {missing}", "make some: envfactory run --domain travel; or name a file of tasks")
    return found


def _tasks(given: Path | None) -> Iterator[Task]:
    from envfactory.tasks.files import read_tasks

    for file in _files(given):
        yield from read_tasks(file)


def _task(id: str, source: Path | None) -> Task:
    """Return the one task whose id is or begins with `id`."""
    found = {task.id: task for task in _tasks(source) if task.id.startswith(id)}
    if id in found:
        return found[id]
    if len(found) == 1:
        return next(iter(found.values()))
    known = ", ".join(list(found)[:5])
    return fail(f"{len(found) or 'no'} tasks begin with {id}", f"as {known}" if found else "envfactory tasks list")


def _graded(
    chosen: list[Task], rollouts: Path | None, library: Path | None, unsafe: bool
) -> Iterator[tuple[Task, Grade]]:
    """Yield what became of each gold path or rollout."""
    from envfactory.cli.grading import grade_gold, scope_for
    from envfactory.cli.verify import at_work
    from envfactory.config import load
    from envfactory.sandbox.doctor import require
    from envfactory.tasks.files import read_rollouts
    from envfactory.tasks.grader import grade

    tier = "none" if unsafe else "auto"
    require(tier)
    wanted: dict[str, Task] = {task.id: task for task in chosen}
    jobs: list[tuple[Task, StoredRollout | None]] = [(task, None) for task in chosen]
    if rollouts is not None:
        given = list(read_rollouts(rollouts))
        strange = [rollout.task for rollout in given if rollout.task not in wanted]
        if strange:
            fail(f"{rollouts}: there is no task {strange[0]}", "name the tasks it is about: --from FILE")
        jobs = [(wanted[rollout.task], rollout) for rollout in given]
    meant = {task.id: task for task, _ in jobs}
    with scope_for(list(meant.values()), library or load(None).run.out, tier) as scope, at_work() as notice:
        for number, (task, rollout) in enumerate(jobs, 1):
            notice(f"{number}  {task.id}")
            yield task, grade_gold(task, scope) if rollout is None else grade(task, rollout, scope)


def _tell(graded: Iterator[tuple[Task, Grade]], as_json: bool, what: str) -> None:
    from rich.text import Text

    from envfactory.cli.pages import BAD, GOOD, OPEN, page

    told, rewards = [], []
    for task, grade in graded:
        told.append({"task": task.id, **grade.model_dump(mode="json")})
        rewards.append(grade)
        if not as_json:
            style = GOOD if grade.solved else OPEN if grade.status == "infrastructure" else BAD
            word = "not graded" if grade.reward is None else f"{grade.reward:.2f}"
            parts = ", ".join(f"{name} {value + 0.0:+.2f}" for name, value in grade.parts.items())
            page().print(Text.assemble(f"{task.id}  ", (word, style), f"  {parts}"), soft_wrap=True)
            for reason in grade.reasons:
                page().print(Text(f"  {reason}"), soft_wrap=True)
    solved = sum(grade.solved for grade in rewards)
    if as_json:
        print_json(told)
    elif len(told) != 1:
        print(f"{solved} of {len(told)} {what}")
    if solved < len(told) or not told:
        raise typer.Exit(1)
