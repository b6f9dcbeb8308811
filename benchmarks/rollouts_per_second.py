"""How many episodes a second the harness plays and grades when the policy costs nothing: the gold, on one and two processes.

    python benchmarks/rollouts_per_second.py --library library --tasks datasets/travel/tasks.jsonl [--attempts N] [--ray N] [--out FILE]

An episode is a whole conversation: every gold call through the sandbox, every turn of the simulated person, and the
grade by replay. The time that processes need to open their environments is part of it, as it is of any real use.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from envfactory.rollouts.driver import Job, RolloutOptions, jobs_of, play
from envfactory.rollouts.onray import play_on_ray
from envfactory.rollouts.processes import Players, play_on_processes
from envfactory.rollouts.scripted import scripted
from envfactory.tasks.files import StoredRollout, read_tasks
from envfactory.tasks.scope import Scope, folders_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, default=Path("library"))
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--attempts", type=int, default=1)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--ray", type=int, help="so many Ray workers too")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    tasks = list(read_tasks(given.tasks))
    folders = folders_of(tasks, given.library)
    jobs = jobs_of(tasks, given.attempts)
    rows = [measured("in this process", len(jobs), in_this_process(jobs, folders))]
    players = Players("scripted:oracle", partial(Scope.open, folders), partial(scripted, "oracle", tasks))
    for count in given.processes:
        rows.append(measured(f"{count} processes", len(jobs), play_on_processes(jobs, players, count, share=16)))
    if given.ray:
        rows.append(measured(f"{given.ray} Ray workers", len(jobs), play_on_ray(jobs, players, given.ray, share=16)))
    show(rows)
    if given.out:
        told = {"machine": platform.machine(), "cores": os.cpu_count(), "tasks": len(tasks), "rows": rows}
        given.out.write_text(json.dumps(told, indent=1) + "\n")


def in_this_process(jobs: list[Job], folders: list[Path]) -> Iterator[StoredRollout]:
    with Scope.open(folders) as scope:
        yield from play(jobs, scope, scripted("oracle", [job.task for job in jobs]), RolloutOptions(side_by_side=32))


def measured(name: str, count: int, rollouts: Iterator[StoredRollout]) -> dict[str, Any]:
    started = time.monotonic()
    made = list(rollouts)
    seconds = time.monotonic() - started
    calls = sum(len(each.calls) for each in made)
    solved = sum(bool(each.grade and each.grade.solved) for each in made)
    return {
        "how": name,
        "episodes": count,
        "solved": solved,
        "seconds": round(seconds, 2),
        "episodes_per_second": round(count / seconds, 1),
        "calls_per_second": round(calls / seconds, 1),
    }


def show(rows: list[dict[str, Any]]) -> None:
    table = Table(title="episodes played and graded with the oracle policy")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name == "how" else "right")
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
