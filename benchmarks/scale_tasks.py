"""What making many tasks costs and holds in memory, slice by slice: neither may grow with the number made before.

    python benchmarks/scale_tasks.py LIBRARY [--count 10000] [--environments 2] [--slices 10] [--export] [--json FILE]

Candidates go through every step (sample, refine, prove, calibrate) in batches of a chunk, as in a lane of a run, and
what is left of a batch is appended to one file. After every slice it prints for each step the processor milliseconds
a candidate (of this process and its workers), the peak of resident memory of this process, and the largest of a worker.
Few environments make many tasks of each, which shows what grows with the tasks of one environment. With `--export`
the first third and the whole of the file are written as datasets, and cost and memory of both are told.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tasks_per_minute import measured, processes_below, shares

from envfactory.agents import taskrules
from envfactory.agents.taskproducts import Batch, Settings, Share
from envfactory.config import CalibrationConfig
from envfactory.tasks.files import append_lines, read_tasks, write_tasks

CHUNK = 20
STEPS = ("refine", "prove", "calibrate")


def peak_megabytes(process: int) -> int:
    """Return the most resident memory a process ever had; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0)


def memory() -> dict[str, int]:
    """Return the peak of this process, the largest of the processes below it, and how many there are."""
    own, *below = processes_below()
    peaks = [peak_megabytes(process) for process in below]
    return {"own_megabytes": peak_megabytes(own), "largest_below": max(peaks, default=0), "below": len(below)}


class Line:
    """One environment's candidates, batch after batch, through every step."""

    def __init__(self, settings: Settings, share: Share) -> None:
        self._settings = settings
        self._share = share
        self._next = share.first

    def batch(self, costs: dict[str, float], entered: dict[str, int]) -> Batch:
        """Take the next chunk of candidates through all steps; add to what the steps cost and how many entered them."""
        work: Callable[[], Batch] = partial(taskrules.sample, self._settings, self._share, self._next, CHUNK)
        batch: Batch
        batch, seconds = measured(work)
        self._next = batch.next
        costs["sample"] += seconds
        entered["sample"] += len(batch.tasks) + len(batch.refused)
        for step in STEPS:
            entered[step] += len(batch.tasks)
            batch, seconds = measured(partial(getattr(taskrules, step), self._settings, self._share, batch))
            costs[step] += seconds
        return batch


def slices(settings: Settings, asked: list[Share], count: int, parts: int, file: Path) -> Iterator[dict[str, Any]]:
    """Make `count` candidates in `parts` slices, append the tasks to a file, and yield what each slice cost."""
    lines = [Line(settings, share) for share in asked]
    rounds = max(count // (parts * CHUNK * len(lines)), 1)
    made = kept = 0
    for _ in range(parts):
        costs, entered = dict.fromkeys(("sample", *STEPS), 0.0), dict.fromkeys(("sample", *STEPS), 0)
        for line in [each for _ in range(rounds) for each in lines]:
            batch = line.batch(costs, entered)
            append_lines(file, batch.tasks)
            kept += len(batch.tasks)
        made += entered["refine"]
        each = {step: round(1000 * costs[step] / max(entered[step], 1), 1) for step in costs}
        yield {"candidates": made, "tasks": kept, "milliseconds_each": each, **memory()}


def exported(settings: Settings, asked: list[Share], file: Path, count: int) -> dict[str, Any]:
    """Write the first `count` tasks of a file as a dataset; return cost and memory."""
    part = file.with_name(f"first-{count}.jsonl")
    write_tasks(part, islice(read_tasks(file), count))
    places = [share.place for share in asked]
    made, seconds = measured(partial(taskrules.export, settings, places, part, file.with_name(f"dataset-{count}")))
    each = round(1000 * seconds / max(count, 1), 1)
    return {"exported": count, "written": made["tasks"], "milliseconds_each": each, **memory()}


def main() -> None:
    """Measure, print a line a slice, and write the figures as JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="candidates to make")
    parser.add_argument("--environments", type=int, default=2, help="how many of the library's they are made in")
    parser.add_argument("--slices", type=int, default=10)
    parser.add_argument("--export", action="store_true", help="write a third and the whole as datasets too")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args()
    told: list[dict[str, Any]] = []

    def say(figures: dict[str, Any]) -> None:
        told.append(figures)
        print(json.dumps(figures), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        calibration = CalibrationConfig().model_dump()
        settings = Settings(library=options.library.absolute(), store=Path(folder), calibration=calibration)
        asked = shares(options.library, options.count)[: options.environments]
        own = [share.place for share in asked]
        asked = [share.model_copy(update={"companions": [p for p in own if p != share.place]}) for share in asked]
        file = Path(folder) / "tasks.jsonl"
        for figures in slices(settings, asked, options.count, options.slices, file):
            say(figures)
        if options.export:
            for count in (told[-1]["tasks"] // 3, told[-1]["tasks"]):
                say(exported(settings, asked, file, count))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
