"""How many tasks a minute one core samples, refines, grades and calibrates under `rules`.

    python benchmarks/tasks_per_minute.py LIBRARY [--tasks 200] [--json FILE]

Times are processor seconds of this process and its sandbox workers, so that other work on the machine counts little.
What many tasks cost and hold in memory is measured by `scale_tasks.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from envfactory.agents import taskrules
from envfactory.agents.taskproducts import Batch, Settings, Share
from envfactory.config import CalibrationConfig
from envfactory.graphs.alone import places_in


def processes_below() -> list[int]:
    """Return this process and all processes below it, this one first."""
    parents = {process: fields[1] for process, fields in _statistics().items()}
    mine = [os.getpid()]
    for process in mine:  # grows while it is gone through
        mine += [each for each, parent in parents.items() if parent == process]
    return mine


def processor_seconds() -> float:
    """Return the processor time of this process and of all processes below it, so far."""
    told = _statistics()
    return sum(sum(told[process][11:15]) for process in processes_below() if process in told) / os.sysconf("SC_CLK_TCK")


def _statistics() -> dict[int, list[int]]:
    """Return what the system counts of every process: its state left out, the numbers from the third field on."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(place.name)] = [0, *map(int, fields[1:15])]
    return found


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `work` gives, and the processor seconds it took."""
    before = processor_seconds()
    found = work()
    return found, processor_seconds() - before


def shares(library: Path, wanted: int) -> list[Share]:
    """Return a share an environment, all in one split, with no bound on candidates that matters."""
    places = places_in(library)
    return [
        Share(
            place=place,
            companions=[each for each in places if each != place],
            split="train",
            chunk=0,
            wanted=wanted,
            first=0,
            limit=wanted * 20,
        )
        for place in places
    ]


def steps(settings: Settings, asked: list[Share]) -> dict[str, dict[str, float]]:
    """Take shares through every step; return candidates, processor seconds and tasks a minute and core of each."""
    totals: dict[str, list[float]] = {step: [0, 0, 0.0] for step in ("sample", "refine", "prove", "calibrate")}
    programs: dict[str, Callable[[Share, Batch], Batch]] = {
        "sample": lambda share, _: taskrules.sample(settings, share, 0, share.wanted),
        "refine": partial(taskrules.refine, settings),
        "prove": partial(taskrules.prove, settings),
        "calibrate": partial(taskrules.calibrate, settings),
    }
    for share in asked:
        batch = Batch()
        for step, program in programs.items():
            batch, seconds = measured(partial(program, share, batch))
            entered = len(batch.tasks) + len(batch.refused)
            for place, value in enumerate((entered, len(batch.tasks), seconds)):
                totals[step][place] += value
    return {
        step: {
            "candidates": entered,
            "passed": passed,
            "seconds": round(seconds, 2),
            "per_minute_and_core": round(60 * entered / seconds) if seconds else 0,
        }
        for step, (entered, passed, seconds) in totals.items()
    }


def main() -> None:
    """Measure and print a table; write the figures as JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--tasks", type=int, default=200, help="tasks taken through every step")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args()
    calibration = CalibrationConfig().model_dump()
    settings = Settings(library=options.library.absolute(), store=Path(tempfile.gettempdir()), calibration=calibration)
    asked = shares(options.library, 1)
    asked = [share.model_copy(update={"wanted": max(options.tasks // len(asked), 1)}) for share in asked]
    asked = [share.model_copy(update={"limit": share.wanted * 20}) for share in asked]
    taskrules.sample(settings, asked[0], 0, 1)  # what is opened once is not counted
    started = time.monotonic()
    told: dict[str, Any] = {"environments": len(asked), "steps": steps(settings, asked)}
    for step, figures in told["steps"].items():
        print(f"{step:<10}" + "".join(f"  {name} {value}" for name, value in figures.items()))
    seconds = [told["steps"][step]["seconds"] for step in ("sample", "refine", "prove")]
    told["made_per_minute_and_core"] = round(60 * told["steps"]["prove"]["passed"] / sum(seconds))
    print(f"sampled, refined and graded: {told['made_per_minute_and_core']} tasks a minute and core (aim: 600)")
    told["wall_seconds"] = round(time.monotonic() - started, 1)
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
