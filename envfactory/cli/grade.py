"""`envfactory grade` (and `tasks grade`, the same): score again what somebody did, from the stored calls alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from envfactory.cli.boundary import clear_errors, fail, print_json
from envfactory.cli.options import AsJson, UnsafeForTools

if TYPE_CHECKING:
    from envfactory.tasks.files import StoredRollout
    from envfactory.tasks.grader import RewardName
    from envfactory.tasks.model import Grade, Task

EXAMPLES = """\b
Examples:
  envfactory grade rollouts.jsonl
  envfactory grade trained/smollm2/rollouts/rank-0.jsonl --reward paper
  envfactory grade rollouts.jsonl --from datasets/travel --library library --json
"""
REWARDS = ("goal", "paper")
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="File of tasks, or a folder that holds some.  [default: datasets]"),
]
Library = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Library of the tasks' environments.  [default: library]")
]


class Scored(NamedTuple):
    """A task's gold path, or a rollout, with its grade now."""

    task: Task
    rollout: StoredRollout | None
    grade: Grade

    @property
    def before(self) -> float | None:
        """The reward that was stored with the rollout."""
        return self.rollout.grade.reward if self.rollout is not None and self.rollout.grade is not None else None

    def told(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        told: dict[str, Any] = {"task": self.task.id}
        if self.rollout is not None:
            told |= {"solver": self.rollout.solver, "attempt": self.rollout.attempt}
            if self.rollout.grade is not None:
                told |= {"stored_reward": self.before, "stored_by": self.rollout.rewarded_by}
        return told | self.grade.model_dump(mode="json")


def grade(
    rollouts: Annotated[Path, typer.Argument(metavar="ROLLOUTS", help="JSON lines: {task, calls, answers}.")],
    reward: Annotated[str, typer.Option(metavar="NAME", help="How: goal, or the paper's reward (paper).")] = "goal",
    source: From = None,
    library: Library = None,
    unsafe_no_sandbox: UnsafeForTools = False,
    json: AsJson = False,
) -> None:
    """Grade rollouts by replay: reward, its parts, and why it is not full. Infrastructure errors are not scored.

    What was stored of an earlier grade is compared with, not believed. Exit status 1 where one is not solved.
    """
    with clear_errors():
        if reward not in REWARDS:
            fail(f"there is no reward {reward}", f"one of: {', '.join(REWARDS)}")
        by: RewardName = "paper" if reward == "paper" else "goal"
        tell(graded(list(found_tasks(source)), rollouts, library, unsafe_no_sandbox, by), json, "solve their task", by)


def found_tasks(given: Path | None) -> Iterator[Task]:
    """Yield the tasks of a file, or of all files below a folder; fail where there is none."""
    from envfactory.tasks.files import read_tasks

    for file in _files(given):
        yield from read_tasks(file)


def _files(given: Path | None) -> list[Path]:
    from envfactory.config import load

    place = given or load(None).tasks.out
    if place.is_file():
        return [place]
    found = sorted(place.glob("**/tasks.jsonl"))
    if not found:
        missing = "holds no tasks.jsonl" if place.is_dir() else "does not exist"
        fail(f"{place} {missing}", "make some: envfactory run --domain travel; or name a file of tasks")
    return found


def graded(
    chosen: list[Task], rollouts: Path | None, library: Path | None, unsafe: bool, reward: RewardName = "goal"
) -> Iterator[Scored]:
    """Yield what became of each gold path, or of each rollout of a file."""
    from envfactory.cli.grading import grade_gold, scope_for
    from envfactory.cli.verify import at_work
    from envfactory.config import load
    from envfactory.rollouts.grading import Grader
    from envfactory.sandbox.doctor import require

    tier = "none" if unsafe else "auto"
    require(tier)
    jobs = [(task, None) for task in chosen] if rollouts is None else _attempts(chosen, rollouts)
    meant = {task.id: task for task, _ in jobs}
    with scope_for(list(meant.values()), library or load(None).run.out, tier) as scope, at_work() as notice:
        grader = Grader(scope, reward)
        for number, (task, rollout) in enumerate(jobs, 1):
            notice(f"{number} of {len(jobs)}  {task.id}")
            if rollout is None:
                yield Scored(task, None, grade_gold(task, scope))
            else:
                grader.require(task)
                yield Scored(task, rollout, grader.grade(task, rollout))


def _attempts(chosen: list[Task], rollouts: Path) -> list[tuple[Task, StoredRollout | None]]:
    """Return a file's rollouts with their tasks; fail where one is of no task that is known."""
    from envfactory.tasks.files import read_rollouts

    wanted = {task.id: task for task in chosen}
    given = list(read_rollouts(rollouts))
    strange = [each.task for each in given if each.task not in wanted]
    if strange:
        fail(f"{rollouts}: there is no task {strange[0]}", "name the tasks it is about: --from FILE")
    return [(wanted[each.task], each) for each in given]


def tell(scored: Iterator[Scored], as_json: bool, what: str, reward: str = "goal") -> None:
    """Print grades as they come, and what they come to; leave with status 1 where one is not solved."""
    made = []
    for each in scored:
        made.append(each)
        if not as_json:
            _print(each)
    solved = sum(each.grade.solved for each in made)
    if as_json:
        print_json([each.told() for each in made])
    elif len(made) != 1:
        print(f"{solved} of {len(made)} {what}{_summary(made, reward)}")
    if solved < len(made) or not made:
        raise typer.Exit(1)


def _print(scored: Scored) -> None:
    from rich.text import Text

    from envfactory.cli.pages import BAD, GOOD, OPEN, page

    grade = scored.grade
    style = GOOD if grade.solved else OPEN if grade.status == "infrastructure" else BAD
    word = "not graded" if grade.reward is None else f"{grade.reward:.2f}"
    parts = ", ".join(f"{name} {value + 0.0:+.2f}" for name, value in grade.parts.items())
    page().print(Text.assemble(f"{scored.task.id}  ", (word, style), f"  {parts}"), soft_wrap=True)
    for reason in grade.reasons:
        page().print(Text(f"  {reason}"), soft_wrap=True)


def _summary(made: list[Scored], reward: str) -> str:
    """Return the mean reward, how many were not graded, and how many grades differ from those stored."""
    rewards = [each.grade.reward for each in made if each.grade.reward is not None]
    told = [f"mean reward {sum(rewards) / len(rewards):.3f}"] if rewards and made[0].rollout is not None else []
    if len(rewards) < len(made):
        told.append(f"{len(made) - len(rewards)} not graded")
    same = [each for each in made if each.rollout is not None and each.rollout.rewarded_by == reward]
    differing = sum(each.before != each.grade.reward for each in same)
    if same:
        told.append(f"{differing} graded otherwise before" if differing else f"{len(same)} graded the same before")
    return "".join(f", {each}" for each in told)
