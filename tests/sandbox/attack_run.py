"""Runs the whole corpus and our own attacks as whoever runs it, in the tier named, and prints what became of them as JSON."""

from __future__ import annotations

import json
import os
import sys

from envfactory.sandbox import Sandbox
from tests.sandbox.world import (
    IMPORTS,
    INSIDE,
    PLAIN,
    RAW,
    ROOT,
    attempt_file,
    attempt_own,
    corpus_names,
    own_names,
    own_properly_stopped,
    properly_stopped,
    world,
)

SQLITE_TOOL = """
import sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE flights (id INTEGER PRIMARY KEY, seats INTEGER) STRICT")
connection.executemany("INSERT INTO flights VALUES (?, ?)", [(1, 3), (2, 0)])
result = connection.execute("SELECT id FROM flights WHERE seats > 0").fetchall()
"""


def main(tier: str) -> None:
    """Print {"user", "tool", "bad": {name: outcome}, "tried"}."""
    bad, tried = {}, 0
    with (
        world() as context,
        Sandbox(tier, handler=RAW, paths=[ROOT]) as raw,
        Sandbox(tier, handler=PLAIN, paths=[ROOT]) as plain,
    ):
        for name in corpus_names():
            outcome = attempt_file(plain if name in IMPORTS else raw, name, context)
            tried += 1
            if name not in INSIDE and not properly_stopped(name, outcome):
                bad[name] = outcome
        for name in own_names():
            outcome = attempt_own(raw, name, context)
            tried += 1
            if not own_properly_stopped(name, outcome):
                bad[name] = outcome
        with plain.open() as worker:
            tool = worker.request("run", {"source": SQLITE_TOOL})
    json.dump({"user": os.geteuid(), "tool": tool, "bad": bad, "tried": tried}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
