"""What tricks earn beside honest work, under both rewards: a table over tasks of real environments.

    python benchmarks/reward_hacking.py --library library --tasks datasets/travel/tasks.jsonl [--limit 150] [--out FILE]

Each policy is a script (`envfactory/rollouts/scripted.py`, `cheats.py`); `half` works honestly and gives up half way. A
trick that earns more than it does is marked: training would find it.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from envfactory.rollouts.cheats import CHEATS
from envfactory.rollouts.driver import RolloutOptions, jobs_of, play
from envfactory.rollouts.grading import Grader
from envfactory.rollouts.scripted import SCRIPTS, scripted
from envfactory.tasks.files import StoredRollout, read_tasks
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope, folders_of

HONEST = "half"
ORDER = ["oracle", HONEST, "random", "empty", *CHEATS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, default=Path("library"))
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=150, help="tasks, taken evenly from the file")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    every = list(read_tasks(given.tasks))
    tasks = every[:: max(1, len(every) // given.limit)][: given.limit]
    with Scope.open(folders_of(tasks, given.library)) as scope:
        rows = [row_of(name, tasks, scope) for name in ORDER]
    show(rows, len(tasks))
    if given.out:
        given.out.write_text(json.dumps({"tasks": len(tasks), "rows": rows}, indent=1) + "\n")


def row_of(name: str, tasks: list[Task], scope: Scope) -> dict[str, Any]:
    """Play a script on every task once, and grade the same rollouts by both rewards."""
    made = list(play(jobs_of(tasks), scope, scripted(name, tasks), RolloutOptions(keep_messages=False)))
    return {
        "policy": name,
        "doc": ({**SCRIPTS, **CHEATS}[name].__doc__ or "").strip(),
        "calls": round(statistics.mean(len(each.calls) for each in made), 1),
        "solved": sum(bool(each.grade and each.grade.solved) for each in made),
        "goal": mean_reward([each.grade.reward for each in made if each.grade]),
        "paper": mean_reward(paper_rewards(made, tasks, scope)),
    }


def paper_rewards(made: list[StoredRollout], tasks: list[Task], scope: Scope) -> list[float | None]:
    grader, by_id = Grader(scope, "paper"), {task.id: task for task in tasks}
    return [grader.grade(by_id[each.task], each).reward for each in made]


def mean_reward(rewards: list[float | None]) -> float:
    scored = [each for each in rewards if each is not None]
    return round(statistics.mean(scored), 3)


def show(rows: list[dict[str, Any]], count: int) -> None:
    honest = next(row for row in rows if row["policy"] == HONEST)
    table = Table(title=f"mean reward over {count} tasks; * earns more than honest work given up half way")
    for name in ("policy", "calls", "solved", "goal", "paper", "what it does"):
        table.add_column(name, justify="left" if name in ("policy", "what it does") else "right")
    for row in rows:
        worth = [f"{row[by]:.3f}{'*' if cheats(row, by, honest) else ' '}" for by in ("goal", "paper")]
        table.add_row(row["policy"], str(row["calls"]), str(row["solved"]), *worth, row["doc"])
    Console().print(table)


def cheats(row: dict[str, Any], by: str, honest: dict[str, Any]) -> bool:
    return row["policy"] in CHEATS and row[by] >= honest[by]


if __name__ == "__main__":
    main()
