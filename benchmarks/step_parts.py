"""Where the microseconds of a step go: the calls of sandbox_steps.py in this process, one part after the other.

    python benchmarks/step_parts.py --out step_parts.json

Processor time, the best of many rounds. What is left of the figures of sandbox_steps.py is the kernel's: two pipes and
the switch between two processes, once a frame.
"""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sandbox_steps import BOOKINGS_EACH, CALLS_PER_EPISODE, Call, episode_calls, made_spec

from envfactory.runtime.episode import Episode, Program, plain
from envfactory.runtime.host import Host
from envfactory.sandbox import codec

_ROUNDS, _TIMES = 30, 300
_SQL = {
    "get_guest": "SELECT id, name, points FROM guests WHERE id = :guest_id",
    "list_bookings": "SELECT id, night, cents, status FROM bookings WHERE guest_id = :guest_id ORDER BY id",
    "confirm_booking": "SELECT status FROM bookings WHERE id = :booking_id",
}
_UPDATE = "UPDATE bookings SET status = 'confirmed' WHERE id = :booking_id"


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    out = parser.parse_args().out
    parts = measured(made_spec(guests=450, bookings_each=BOOKINGS_EACH)[0], episode_calls())
    table = Table(title=f"Microseconds of a step, Python {platform.python_version()}")
    table.add_column("part")
    table.add_column("µs", justify="right")
    for name, microseconds in parts.items():
        table.add_row(name, f"{microseconds:.2f}")
    Console(width=100).print(table)
    if out:
        machine = {
            "python": platform.python_version(),
            "build": platform.python_build(),
            "sqlite": sqlite3.sqlite_version,
        }
        out.write_text(json.dumps({"machine": machine, "microseconds": parts}, indent=2) + "\n")


def measured(spec: dict[str, Any], calls: list[Call]) -> dict[str, float]:
    """Return the microseconds of each part of a step."""
    host, program = Host(), Program(spec)
    host.handle("load", spec)
    episode = Episode(program)
    results = [episode.call(tool, arguments)["result"] for tool, arguments in calls]
    sql = _a_step(lambda: [_by_sql(episode.db, tool, arguments) for tool, arguments in calls])
    code = _a_step(lambda: [program.invoke(tool, episode.context, arguments) for tool, arguments in calls])
    checks = _a_step(lambda: [program.normalisers[tool](arguments) for tool, arguments in calls])
    looks = _a_step(lambda: [plain(result) for result in results])
    called = _a_step(lambda: [episode.call(tool, arguments) for tool, arguments in calls])
    whole = _a_step(lambda: host.handle("episode", {"calls": calls}))
    return {
        "SQLite, with Python's binding of it": sql,
        "rows to dicts, the tool's own code": code - sql,
        "checking the arguments": checks,
        "looking at the result": looks,
        "savepoints, guards, outcomes": called - code - checks - looks,
        "the episode about them: reset, one list": whole - called,
        "in the worker, an episode a frame": whole,
        "msgpack on both sides, an episode a frame": _a_step(lambda: _crossed("episode", {"calls": calls}, results)),
        "msgpack on both sides, step by step": _a_step(lambda: _crossed_singly(calls, results)),
    }


def _a_step(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.process_time()
        for _ in range(_TIMES):
            work()
        best = min(best, time.process_time() - start)
    return best / _TIMES / CALLS_PER_EPISODE * 1e6


def _by_sql(db: sqlite3.Connection, tool: str, arguments: dict[str, str]) -> list[Any]:
    """Run a tool's statements and nothing else."""
    rows = sqlite3.Cursor(db).execute(_SQL[tool], arguments).fetchall()
    if tool == "confirm_booking":
        db.execute(_UPDATE, arguments)
    return rows


def _crossed(op: str, payload: object, answer: object) -> None:
    codec.decode(codec.encode(1, op, payload)[codec.HEADER_SIZE :])
    codec.decode(codec.encode(1, "ok", answer)[codec.HEADER_SIZE :])


def _crossed_singly(calls: list[Call], results: list[Any]) -> None:
    for (tool, arguments), result in zip(calls, results, strict=True):
        _crossed("call", {"tool": tool, "arguments": arguments}, {"status": "ok", "result": result})


if __name__ == "__main__":
    main()
