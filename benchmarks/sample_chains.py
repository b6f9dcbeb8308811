"""How good and how fast sampled chains are: validity by replay, repetition, coverage, beside the paper's figures.

    python benchmarks/sample_chains.py LIBRARY [--count 1000] [--seed 0] [--out FILE] [--tasks FILE]

Every task is replayed in another process with another hash seed, and results and net changes are compared. The paper's
figures are those of its released sampler, run on its released graph inputs (500 chains, similarity thresholds 0.60 to 0.80).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from envfactory.sampling import Coverage, Refused, Sampler
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope, open_library

PAPER = {
    "valid": "56 to 59 %",
    "replayable": "69.8 % (of its training rows)",
    "repeating": "63 to 97 %",
    "over its cap": "4 to 10 %",
    "more environments than allowed": "4 to 67 %",
}


def main() -> None:
    """Sample, replay elsewhere, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    parser.add_argument("--tasks", type=Path, help="keep the tasks in this file")
    parser.add_argument("--replay", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        json.dump(replay(options.library, options.replay), sys.stdout)
        return
    with tempfile.TemporaryDirectory() as scratch:
        file = options.tasks or Path(scratch) / "tasks.jsonl"
        figures = sample(options.library, options.count, options.seed, file)
        figures |= _replayed_elsewhere(options.library, file)
    _print(figures)
    if options.out:
        machine = {"cores": os.cpu_count(), "python": platform.python_version()}
        options.out.write_text(json.dumps({**figures, **machine, "paper": PAPER}, indent=1) + "\n")


def sample(library: Path, count: int, seed: int, file: Path) -> dict[str, Any]:
    """Sample `count` tasks into a file and return what was measured."""
    with Scope.open(open_library(library)) as scope, file.open("w") as out:
        started = time.monotonic()
        sampler = Sampler(scope, seed=seed)
        ready = time.monotonic() - started
        coverage, refused, memory = Coverage(sampler.views), [], []
        index, spent = 0, 0.0
        while coverage.tasks < count:
            began = time.process_time()
            task = sampler.sample(index)
            spent += time.process_time() - began
            index += 1
            if isinstance(task, Refused):
                refused.append({"focus": task.focus, "reason": task.reason})
                continue
            coverage.add(task)
            out.write(task.model_dump_json() + "\n")
            if coverage.tasks % max(1, count // 10) == 0:
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        seconds = time.monotonic() - started - ready
    return {
        **coverage.summary(),
        "indices": index,
        "refused": refused,
        "seconds_to_open": round(ready, 2),
        "chains_per_second": round(index / seconds, 1),
        "own_seconds": round(spent, 1),
        "memory_mib": memory,
        "missing_tools": [each for each in coverage.all_tools() if each not in coverage.tools],
        "missing_values": [each for each in coverage.all_values() if each not in coverage.values],
        "missing_states": [each for each in coverage.all_states() if each not in coverage.states],
    }


def replay(library: Path, file: Path) -> dict[str, Any]:
    """Play every task's gold again and compare each result and the net changes."""
    wrong = []
    with Scope.open(open_library(library)) as scope:
        for line in file.read_text().splitlines():
            task = Task.model_validate_json(line)
            if not _replays(scope, task):
                wrong.append(task.id)
    return {"not_replayable": wrong}


def _replays(scope: Scope, task: Task) -> bool:
    for reference in task.environments:
        calls = [call for call in task.gold if call.environment == reference.name]
        answer = scope.session(reference.name).request(
            "walk", {"calls": [[call.tool, call.arguments] for call in calls]}
        )
        for call, step in zip(calls, answer["steps"], strict=True):
            outcome = step["outcome"]
            code = "ok" if outcome["status"] == "ok" else outcome.get("code", outcome["status"])
            if (code, outcome.get("result")) != (call.outcome, call.result):
                return False
        if not _same_changes(scope, reference.name, answer["image"], task):
            return False
    return True


def _same_changes(scope: Scope, name: str, image: bytes, task: Task) -> bool:
    """Compare the rows of the end state with the initial ones, column by column, against the goal's changes."""
    witness = scope.witness(name)
    found = {}
    for table, facts in scope.schema(name).tables.items():
        key = facts.primary_key or tuple(facts.columns)
        old = {repr([row[c] for c in key]): row for row in scope.initial_rows(name)[table]}
        new = {repr([row[c] for c in key]): row for row in witness.query(f'SELECT * FROM "{table}"', image=image)}
        for place in {*old, *new}:
            if old.get(place) != new.get(place):
                found[table, place] = (old.get(place), new.get(place))
    wanted = {(each.table, repr(each.key)): each for each in task.goal.changes.get(name, [])}
    if set(found) != set(wanted):
        return False
    for where, (before, after) in found.items():
        change = wanted[where]
        kept = {} if change.op != "update" else before or {}
        if (change.op == "delete") != (after is None) or (
            after is not None and {**kept, **(change.after or {})} != after
        ):
            return False
    return True


def _replayed_elsewhere(library: Path, file: Path) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    command = [sys.executable, __file__, str(library), "--replay", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout))


def _print(figures: dict[str, Any]) -> None:
    console, tasks = Console(), figures["tasks"]
    table = Table(title=f"{tasks} chains ({figures['indices']} indices, {len(figures['refused'])} refused)")
    for heading in ("", "here", "paper's release"):
        table.add_column(heading)
    valid = tasks - len(figures["not_replayable"])
    most_calls = max(int(each) for each in figures["calls_per_turn"])
    most_turns = max(int(each) for each in figures["turns"])
    table.add_row("valid and replayable", _share(valid, tasks), f"{PAPER['valid']}; {PAPER['replayable']}")
    table.add_row("needless repetition", _share(figures["repeating"], tasks), PAPER["repeating"])
    table.add_row(
        "most turns; calls in a turn", f"{most_turns}; {most_calls}", f"over its cap: {PAPER['over its cap']}"
    )
    table.add_row("tools covered", _share(*figures["tools"]), "not measured by it")
    for what in ("value_edges", "state_edges"):
        covered, whole = figures[what]
        coverable = whole - figures[f"{what}_beyond"]
        table.add_row(f"{what.replace('_', ' ')} covered, of all", _share(covered, whole), "not measured by it")
        table.add_row("  of those that a person could travel", _share(covered, coverable), "")
    table.add_row("beyond any conversation, and why", _reasons(figures["beyond"]), "")
    table.add_row("error codes run into", str(figures["codes"]), "none")
    table.add_row("tasks in which something takes a motive", _share(figures["motives"], tasks), "none")
    for what in ("shapes", "outcomes", "turns", "calls_per_turn", "environments", "stories"):
        table.add_row(what.replace("_", " "), _listed(figures[what]), "")
    table.add_row("chains a second (of this process's time)", _speed(figures), "")
    table.add_row("memory while growing, MiB", " ".join(map(str, figures["memory_mib"])), "")
    console.print(table)


def _speed(figures: dict[str, Any]) -> str:
    return f"{figures['chains_per_second']} ({figures['indices'] / max(0.1, figures['own_seconds']):.1f})"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / max(1, whole):.1f} %)"


def _reasons(counts: dict[str, int]) -> str:
    return "; ".join(f"{count} {reason}" for reason, count in counts.items())


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())


if __name__ == "__main__":
    main()
