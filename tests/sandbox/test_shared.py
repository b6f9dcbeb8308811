"""One sandbox a process and tier, with the environments' own host in its workers."""

from __future__ import annotations

from typing import Any

from envfactory.sandbox import shared_sandbox
from tests.sandbox.support import run_python

SPEC: dict[str, Any] = {
    "contracts": [],
    "now": "2026-03-01T09:00:00",
    "tools": None,
    "schema": "CREATE TABLE rooms (id TEXT PRIMARY KEY, beds INTEGER NOT NULL) STRICT",
    "seed_rows": {"rooms": [{"id": "r1", "beds": 2}]},
}


def test_same_sandbox_each_time(walls: None) -> None:
    assert shared_sandbox("jail") is shared_sandbox("jail")


def test_its_workers_are_hosts(walls: None) -> None:
    with shared_sandbox("jail").open() as worker:
        assert worker.request("load", SPEC)["tables"] == {"rooms": {"columns": ["id", "beds"], "key": ["id"]}}
        assert worker.request("query", {"sql": "SELECT beds FROM rooms"}) == [{"beds": 2}]


def test_process_that_used_it_ends_without_a_word(walls: None) -> None:
    done = run_python("""
        from envfactory.sandbox import shared_sandbox
        print(shared_sandbox().open().alive)
    """)
    assert (done.stdout, done.stderr) == ("True\n", "")
