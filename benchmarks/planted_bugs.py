"""Runs the gate on every planted bug: which checks catch it, as a table and, with --out, as JSON.

    python benchmarks/planted_bugs.py [--out FILE] [--only WORDS] [--sample N] [--all-checks] [--jobs 2] [--minutes M]

A bug counts as caught when any check fails. The checks are run in the gate's order up to the first that fails, the two
last that take seconds (the adequacy of contracts and of cases); --all-checks goes on and names all that fail, the one
that ought to see the bug first. Each process makes a sound environment of its own and takes the bugs as they come.
FILE is written bug by bug, and bugs that stand in it are not measured again: what --minutes cuts off goes on there.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
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
    """One bug: the check that ought to see it, and those that were seen to."""

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
    with bench_for(sound, faulty) as bench:
        failed = [check.id for check in run_checks(bench).failures()] if every else first_failure(bench)
    caught = sorted(failed, key=lambda name: name != bug.check)
    return Row(bug.name, bug.part, bug.check, caught, round(time.perf_counter() - began, 2))


def first_failure(bench: Bench) -> list[str]:
    """Return the first check that fails, the slow ones asked last; nothing where all pass."""
    for check in sorted(CHECKS, key=lambda check: check.id in SLOW):
        if run_checks(bench, checks=[check]).failures():
            return [check.id]
    return []


def bench_for(sound: Bench, faulty: Environment) -> Bench:
    try:
        return sound.like(faulty)
    except ValueError:
        return Bench(faulty, shared_sandbox().open)


def table(rows: list[Row]) -> Table:
    shown = Table(title="planted bugs and the checks that catch them")
    for heading in ("bug", "part", "its check", "caught by"):
        shown.add_column(heading)
    shown.add_column("s", justify="right")
    for row in rows:
        style = "" if row.good else "yellow" if row.caught_by else "red"
        shown.add_row(
            row.bug, row.part, row.expected, ", ".join(row.caught_by) or "nothing", str(row.seconds), style=style
        )
    return shown


def chosen(only: str, sample: int | None) -> list[str]:
    """Return the names of the bugs to measure: those that hold some words, or a sample of them, always the same."""
    names = [name for name in BUGS if only in name]
    return names if sample is None else random.Random("planted").sample(names, min(sample, len(names)))


def rows_of(names: list[str], known: dict[str, Row], asked: argparse.Namespace) -> list[Row]:
    """Measure the bugs that are not known, side by side; the rows come in the corpus's order."""
    until = time.monotonic() + asked.minutes * 60 if asked.minutes else None
    rows = {name: known[name] for name in names if name in known}
    with ProcessPoolExecutor(asked.jobs) as pool:
        waiting = [pool.submit(measured, name, asked.all_checks) for name in names if name not in rows]
        console = Console(stderr=True)
        for done in track(as_completed(waiting), "planting bugs", total=len(waiting), console=console):
            row = done.result()
            rows[row.bug] = row
            if asked.out:
                write(asked.out, [*{**known, **rows}.values()])
            if until is not None and time.monotonic() > until:
                for other in waiting:
                    other.cancel()
                break
    return [rows[name] for name in BUGS if name in rows]


def read(path: Path | None) -> dict[str, Row]:
    """Return the rows that an earlier run wrote, by bug."""
    if path is None or not path.exists():
        return {}
    return {row["bug"]: Row(**row) for row in json.loads(path.read_text())["rows"] if row["bug"] in BUGS}


def write(path: Path, rows: list[Row]) -> None:
    """Write the rows with their counts."""
    caught, named = sum(bool(row.caught_by) for row in rows), sum(row.good for row in rows)
    told = {"bugs": len(rows), "caught": caught, "by_the_named_check": named}
    path.write_text(json.dumps({**told, "rows": [asdict(row) for row in rows]}, indent=1) + "\n")


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the rows as JSON, and go on from those that stand there")
    parser.add_argument("--only", default="", help="only bugs whose name holds these words")
    parser.add_argument("--sample", type=int, help="only so many of them, always the same ones")
    parser.add_argument("--all-checks", action="store_true", help="run every check on every bug")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes (default: 2)")
    parser.add_argument("--minutes", type=float, help="begin no further bug after so many")
    asked = parser.parse_args()
    began = time.monotonic()
    names = chosen(asked.only, asked.sample)
    rows = rows_of(names, read(asked.out), asked)
    console = Console()
    console.print(table(rows))
    caught = sum(bool(row.caught_by) for row in rows)
    console.print(
        f"{caught} of {len(rows)} caught, {len(names) - len(rows)} not measured, {time.monotonic() - began:.0f} s"
    )
    raise SystemExit(caught < len(names))


if __name__ == "__main__":
    main()
