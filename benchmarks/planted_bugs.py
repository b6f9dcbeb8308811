"""Runs the gate on every planted bug: which checks catch it, as a table and, with --out, as JSON.

    python benchmarks/planted_bugs.py [--out FILE] [--only WORDS] [--sample N] [--all-checks] [--jobs 2]

A bug counts as caught when any check fails; the check that ought to see it stands first. The two checks that judge the
contracts' and the cases' adequacy take seconds and are run only where they are the ones asked, or with --all-checks.
Each of the processes makes a sound environment of its own and takes the bugs as they come.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.artefact import Environment
from envfactory.gate.checks.mutants import mutants
from envfactory.gate.runner import CHECKS, run_checks
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.tester import first_cases, strengthen
from tests.gate import harbour
from tests.gate.planted_bugs import Planted, planted_bugs

SLOW = ("contract-adequate", "mutants")
BUGS = {bug.name: bug for bug in planted_bugs()}
_own: dict[str, Bench] = {}  # this process's sound environment, made with its first bug


@dataclass(frozen=True)
class Row:
    """One bug: the check that ought to see it, and all that do."""

    bug: str
    part: str
    expected: str
    caught_by: list[str]
    seconds: float

    @property
    def good(self) -> bool:
        return self.expected in self.caught_by


@contextmanager
def sound_bench() -> Iterator[Bench]:
    """Yield the boat hire without a fault, with strong cases and its graph, in the sandbox."""
    with Bench(harbour.environment(), shared_sandbox().open) as bare:
        cases = first_cases(bare)
        with bare.like(harbour.environment(cases=cases)) as tried:
            cases = strengthen(cases, mutants(tried).evidence, bare)
        with bare.like(harbour.environment(cases=cases, graph=build_graph(bare)).sealed()) as sound:
            yield sound


def measured(name: str, every: bool) -> Row:
    """Measure one bug in this process."""
    if "sound" not in _own:
        _own["sound"] = ExitStack().enter_context(sound_bench())
    return measure(_own["sound"], BUGS[name], every=every)


def measure(sound: Bench, bug: Planted, *, every: bool) -> Row:
    """Run the checks on one faulty environment; generated inputs are shared where contracts and state are the same."""
    began = time.perf_counter()
    faulty = bug.plant(sound.environment).sealed()
    chosen = [check for check in CHECKS if every or check.id == bug.check or check.id not in SLOW]
    with bench_for(sound, faulty) as bench:
        report = run_checks(bench, checks=chosen)
    caught = sorted((check.id for check in report.failures()), key=lambda name: name != bug.check)
    return Row(bug.name, bug.part, bug.check, caught, round(time.perf_counter() - began, 2))


def bench_for(sound: Bench, faulty: Environment) -> Bench:
    try:
        return sound.like(faulty)
    except ValueError:
        return Bench(faulty, shared_sandbox().open)


def table(rows: list[Row]) -> Table:
    shown = Table(title="planted bugs and the checks that catch them")
    for heading in ("bug", "part", "caught by"):
        shown.add_column(heading)
    shown.add_column("s", justify="right")
    for row in rows:
        style = "" if row.good else "yellow" if row.caught_by else "red"
        shown.add_row(row.bug, row.part, ", ".join(row.caught_by) or "nothing", str(row.seconds), style=style)
    return shown


def chosen(only: str, sample: int | None) -> list[str]:
    """Return the names of the bugs to measure: those that hold some words, or a sample of them, always the same."""
    names = [name for name in BUGS if only in name]
    return names if sample is None else random.Random("planted").sample(names, min(sample, len(names)))


def rows_of(names: list[str], *, every: bool, jobs: int) -> list[Row]:
    """Measure bugs side by side; the rows come in the corpus's order."""
    with ProcessPoolExecutor(jobs) as pool:
        waiting: Iterable[Row] = (
            done.result() for done in as_completed([pool.submit(measured, name, every) for name in names])
        )
        console = Console(stderr=True)
        rows = list(track(waiting, "planting bugs", total=len(names), console=console))
    order = list(BUGS)
    return sorted(rows, key=lambda row: order.index(row.bug))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the table as JSON")
    parser.add_argument("--only", default="", help="only bugs whose name holds these words")
    parser.add_argument("--sample", type=int, help="only so many of them, always the same ones")
    parser.add_argument("--all-checks", action="store_true", help="run every check on every bug")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes (default: 2)")
    asked = parser.parse_args()
    began = time.perf_counter()
    rows = rows_of(chosen(asked.only, asked.sample), every=asked.all_checks, jobs=asked.jobs)
    console = Console()
    console.print(table(rows))
    caught, named = sum(bool(row.caught_by) for row in rows), sum(row.good for row in rows)
    seconds = time.perf_counter() - began
    console.print(f"{caught} of {len(rows)} caught, {named} by the check that ought to, in {seconds:.0f} s")
    if asked.out:
        told = {"bugs": len(rows), "caught": caught, "by_the_named_check": named, "seconds": round(seconds, 1)}
        asked.out.write_text(json.dumps({**told, "rows": [asdict(row) for row in rows]}, indent=1) + "\n")
    raise SystemExit(caught < len(rows))


if __name__ == "__main__":
    main()
