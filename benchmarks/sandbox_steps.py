"""How fast environments answer behind the walls: steps a second on one core, resets, starts of workers.

    python benchmarks/sandbox_steps.py [--out FILE] [--rounds N]

Both sides are put on one CPU, so that wall time is what one core needs for everything. Each figure is taken over many
short rounds: the best round says what the code costs, the median what this machine gave while others used it too. Where
others keep the machine busy neither says much; then the processor time that both sides used is the figure to compare,
and best as a multiple of the limit: what the same calls cost over bare pipes (bare_worker.py), round by round in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bare_worker import BareWorker
from rich.console import Console
from rich.table import Table

from envfactory.runtime.host import Host
from envfactory.sandbox import Sandbox, Worker

Call = tuple[str, dict[str, str]]
ECHO = "envfactory.sandbox.echo:Echo"
CALLS_PER_EPISODE = 10
BOOKINGS_EACH = 4

SCHEMA = """
CREATE TABLE guests (id TEXT PRIMARY KEY, name TEXT NOT NULL, points INTEGER NOT NULL CHECK (points >= 0)) STRICT;
CREATE TABLE bookings (
    id TEXT PRIMARY KEY, guest_id TEXT NOT NULL REFERENCES guests (id), night TEXT NOT NULL, cents INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'confirmed', 'cancelled'))
) STRICT;
CREATE INDEX bookings_by_guest ON bookings (guest_id);
"""
TOOLS = """
def get_guest(ctx, *, guest_id):
    row = ctx.one("SELECT id, name, points FROM guests WHERE id = :guest_id", guest_id=guest_id)
    if row is None:
        raise ToolError("GUEST_NOT_FOUND", "no such guest")
    return row


def list_bookings(ctx, *, guest_id):
    query = "SELECT id, night, cents, status FROM bookings WHERE guest_id = :guest_id ORDER BY id"
    return {"bookings": ctx.all(query, guest_id=guest_id)}


def confirm_booking(ctx, *, booking_id):
    row = ctx.one("SELECT status FROM bookings WHERE id = :booking_id", booking_id=booking_id)
    if row is None:
        raise ToolError("BOOKING_NOT_FOUND", "no such booking")
    ctx.execute("UPDATE bookings SET status = 'confirmed' WHERE id = :booking_id", booking_id=booking_id)
    return {"booking_id": booking_id, "status": "confirmed"}
"""


class Figure(NamedTuple):
    """One measured thing, per operation, in microseconds: its best round, its median one, and the processor time.

    The last is that of both sides in the cheapest round, and `limit_us` what the bare pipes used. `aim` is in `unit`.
    """

    name: str
    best_us: float
    median_us: float
    unit: str
    aim: str = ""
    cpu_us: float | None = None
    limit_us: float | None = None

    def shown(self, microseconds: float) -> str:
        """Return the value in the figure's unit."""
        if self.unit == "steps/s/core":
            return f"{1e6 / microseconds:,.0f}"
        return f"{microseconds / 1e3:.2f}" if self.unit == "ms" else f"{microseconds:.1f}"


def main() -> None:
    """Measure, print the table, write the JSON."""
    options = _options()
    cpu = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpu})
    spec, image = made_spec(guests=450, bookings_each=BOOKINGS_EACH)
    size = len(image)
    with tempfile.NamedTemporaryFile() as file:
        file.write(image)
        file.flush()
        with BareWorker(Path(file.name)) as bare:
            figures = [*_starts(cpu, options.rounds, bare), *_walls(cpu, spec, options.rounds, bare)]
    figures += _resets(spec, options.rounds)
    _print(figures, size)
    if options.out:
        _write(options.out, figures, size)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    parser.add_argument("--rounds", type=int, default=40, help="rounds a figure (default: 40)")
    return parser.parse_args()


def made_spec(guests: int, bookings_each: int) -> tuple[dict[str, Any], bytes]:
    """Return what a worker loads, and the image of its state."""
    rows = {
        "guests": [{"id": f"gu_{i:04}", "name": f"Guest number {i}", "points": i} for i in range(guests)],
        "bookings": [
            {
                "id": f"bk_{i:06}",
                "guest_id": f"gu_{i % guests:04}",
                "night": f"2026-{1 + i % 12:02}-{1 + i % 28:02}",
                "cents": 5_000 + i,
                "status": "open",
            }
            for i in range(guests * bookings_each)
        ],
    }
    contracts = [_contract("get_guest", "read", "guest_id"), _contract("list_bookings", "read", "guest_id")]
    contracts.append(_contract("confirm_booking", "write", "booking_id"))
    spec = {"contracts": contracts, "now": "2026-03-01T09:00:00", "tools": TOOLS, "schema": SCHEMA, "seed_rows": rows}
    host = Host()
    host.handle("load", spec)
    return spec, host.handle("image", {})


def _contract(name: str, kind: str, parameter: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "parameters": {parameter: {"type": "string"}}}


def episode_calls() -> list[Call]:
    """Return the calls of an episode: three times a look, a list and a write, then a look."""
    calls: list[Call] = []
    for i in range(10, 13):
        guest, booking = {"guest_id": f"gu_{i:04}"}, {"booking_id": f"bk_{i:06}"}
        calls += [("get_guest", guest), ("list_bookings", guest), ("confirm_booking", booking)]
    return [*calls, ("get_guest", {"guest_id": "gu_0042"})]


def _measure(
    name: str,
    work: Callable[[Any], object],
    side: Worker | BareWorker | None = None,
    bare: BareWorker | None = None,
    *,
    rounds: int,
    repeats: int,
    per: int,
    unit: str,
    aim: str = "",
) -> Figure:
    """Time `repeats` calls of `work` with a side, each worth `per` operations, in every round, and with the bare one."""
    taken, used, limit = [], [], []
    for _ in range(rounds + 1):  # the first warms up
        wall, cpu = _timed(work, side, repeats)
        taken.append(wall / repeats / per * 1e6)
        used.append(cpu / repeats / per * 1e6)
        if bare is not None:
            limit.append(_timed(work, bare, repeats)[1] / repeats / per * 1e6)
    best, median = min(taken[1:]), statistics.median(taken[1:])
    cpu_us, limit_us = min(used[1:]) if side else None, min(limit[1:]) if bare else None
    return Figure(name, best, median, unit, aim, cpu_us, limit_us)


def _timed(work: Callable[[Any], object], side: Worker | BareWorker | None, repeats: int) -> tuple[float, float]:
    start, before = time.perf_counter(), _used(side)
    for _ in range(repeats):
        work(side)
    return time.perf_counter() - start, _used(side) - before


def _used(side: Worker | BareWorker | None) -> float:
    """Return the seconds of processor time that this process and a worker have used."""
    other = Path(f"/proc/{side.pid}/schedstat").read_text().split()[0] if side else "0"
    return time.process_time() + int(other) / 1e9


def _starts(cpu: int, rounds: int, bare: BareWorker) -> list[Figure]:
    with Sandbox(handler=ECHO) as sandbox:
        sandbox.open(cpu=cpu).close()  # the zygote starts with the first worker

        def open_and_close(_: object) -> None:
            sandbox.open(cpu=cpu).close()

        def echo(side: Worker | BareWorker) -> None:
            side.request("echo", {"tool": "get_guest", "arguments": {"guest_id": "gu_0001"}})

        start = _measure("start and end of a jailed worker", open_and_close, rounds=rounds, repeats=1, per=1, unit="ms")
        with sandbox.open(cpu=cpu) as worker:
            name = "request and reply, nothing done"
            trip = _measure(name, echo, worker, bare, rounds=rounds, repeats=100, per=1, unit="µs", aim="12")
    return [start._replace(aim="10"), trip]


def _walls(cpu: int, spec: dict[str, Any], rounds: int, bare: BareWorker) -> list[Figure]:
    figures = []
    for tier, label in (("jail", "jailed"), ("none", "without walls")):
        with Sandbox(tier) as sandbox, sandbox.open(cpu=cpu) as worker:
            worker.request("load", spec)
            figures += _steps(worker, label, rounds, bare)
    return figures


def _steps(worker: Worker, label: str, rounds: int, bare: BareWorker) -> list[Figure]:
    calls = episode_calls()
    _check(worker, calls)

    def stepwise(side: Worker | BareWorker) -> None:
        side.request("reset", {})
        for tool, arguments in calls:
            side.request("call", {"tool": tool, "arguments": arguments})

    def whole(side: Worker | BareWorker) -> None:
        side.request("episode", {"calls": calls})

    per, unit = CALLS_PER_EPISODE, "steps/s/core"
    name = f"{label}: step by step"
    one = _measure(name, stepwise, worker, bare, rounds=rounds, repeats=10, per=per, unit=unit, aim="50,000")
    name = f"{label}: an episode a frame"
    all_ = _measure(name, whole, worker, bare, rounds=rounds, repeats=20, per=per, unit=unit, aim="150,000")
    return [one, all_] if label == "jailed" else [one._replace(aim=""), all_._replace(aim="")]


def _check(worker: Worker, calls: list[Call]) -> None:
    """Make sure that what is timed is what should happen: every call answered, and undone by a reset."""
    assert len(calls) == CALLS_PER_EPISODE
    worker.request("reset", {})
    before = worker.request("image", {})
    outcomes = worker.request("episode", {"calls": calls})
    assert [outcome["status"] for outcome in outcomes] == ["ok"] * CALLS_PER_EPISODE
    assert len(outcomes[1]["result"]["bookings"]) == BOOKINGS_EACH
    assert worker.request("image", {}) != before
    worker.request("reset", {})
    assert worker.request("image", {}) == before


def _resets(spec: dict[str, Any], rounds: int) -> list[Figure]:
    """Time the host's own work on a written state, in this process: the line is a figure of its own."""
    host = Host()
    host.handle("load", spec)
    host.handle("reset", {})
    figures = []
    for op, label, aim in (("reset", "reset of a written state", "20"), ("snapshot", "snapshot of a state", "")):
        taken = []
        for _ in range(rounds * 20):
            host.handle("episode", {"calls": episode_calls()})
            start = time.perf_counter()
            host.handle(op, {})
            taken.append((time.perf_counter() - start) * 1e6)
        figures.append(Figure(label, min(taken), statistics.median(taken), "µs", aim))
    return figures


def _print(figures: list[Figure], size: int) -> None:
    table = Table(title=f"One core; a state of {size // 1000} KB, reset before every {CALLS_PER_EPISODE} calls")
    table.add_column("what")
    for heading in ("best", "median", "by CPU time", "the limit", "× limit", "aim"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    for figure in figures:
        best, median = figure.shown(figure.best_us), figure.shown(figure.median_us)
        used = figure.shown(figure.cpu_us) if figure.cpu_us is not None else ""
        limit = figure.shown(figure.limit_us) if figure.limit_us is not None else ""
        times = f"{figure.cpu_us / figure.limit_us:.2f}" if figure.cpu_us and figure.limit_us else ""
        table.add_row(figure.name, best, median, used, limit, times, figure.aim, figure.unit)
    Console(width=130).print(table)


def _write(path: Path, figures: list[Figure], size: int) -> None:
    report = {
        "machine": {
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "cpus": os.cpu_count(),
            "load": os.getloadavg()[0],
        },
        "state_bytes": size,
        "calls_per_episode": CALLS_PER_EPISODE,
        "figures": [figure._asdict() for figure in figures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
