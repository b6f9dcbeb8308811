"""trace.db: spans (a run, an environment, a role, a gate, a model call), their messages, and events.

Attribute keys follow OpenTelemetry's GenAI conventions (still in development there; `SEMCONV` names the version meant).
A span is inserted when it starts, as `open`, and updated when it ends: a killed run shows where it died.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlite_utils

SEMCONV = "gen_ai 1.37"
_MIGRATIONS = (
    """CREATE TABLE spans (
        span_id TEXT PRIMARY KEY, parent_id TEXT REFERENCES spans(span_id), name TEXT NOT NULL, kind TEXT NOT NULL,
        environment TEXT, agent TEXT, revision INTEGER, start_ns INTEGER NOT NULL, end_ns INTEGER, status TEXT NOT NULL,
        model TEXT, input_tokens INTEGER, output_tokens INTEGER, cost REAL, attributes TEXT NOT NULL DEFAULT '{}') STRICT""",
    """CREATE TABLE messages (
        span_id TEXT NOT NULL REFERENCES spans(span_id), n INTEGER NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL,
        reasoning TEXT NOT NULL DEFAULT '', PRIMARY KEY (span_id, n)) STRICT""",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY, span_id TEXT REFERENCES spans(span_id), time_ns INTEGER NOT NULL, name TEXT NOT NULL,
        data TEXT NOT NULL) STRICT""",
    "CREATE INDEX spans_parent ON spans(parent_id)",
)


class TraceStore:
    """Writes and reads one trace file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        self._db = sqlite_utils.Database(connection)
        self._lock = threading.Lock()
        self._migrate()

    def _migrate(self) -> None:
        done = self._db.conn.execute("PRAGMA user_version").fetchone()[0]
        for number, statement in enumerate(_MIGRATIONS[done:], done + 1):
            self._db.conn.execute(statement)
            self._db.conn.execute(f"PRAGMA user_version = {number}")

    def start(self, name: str, kind: str, *, parent: str | None = None, **columns: Any) -> str:
        """Open a span and return its id."""
        span = secrets.token_hex(8)
        row = {"span_id": span, "parent_id": parent, "name": name, "kind": kind, "start_ns": time.time_ns(), "status": "open"}
        self._insert("spans", row | _encoded(columns))
        return span

    def end(self, span: str, status: str, **columns: Any) -> None:
        """Close a span."""
        with self._lock:
            self._db.table("spans").update(span, {"end_ns": time.time_ns(), "status": status} | _encoded(columns))

    def messages(self, span: str, messages: Iterable[Mapping[str, str]]) -> None:
        """Keep a span's conversation, in order."""
        for number, message in enumerate(messages):
            self._insert("messages", {"span_id": span, "n": number, **message})

    def event(self, span: str | None, name: str, data: Mapping[str, Any]) -> None:
        """Keep an event."""
        self._insert("events", {"span_id": span, "time_ns": time.time_ns(), "name": name, "data": json.dumps(dict(data))})

    def spans(self) -> list[dict[str, Any]]:
        """Return every span in order of start, attributes decoded."""
        with self._lock:
            rows = list(self._db.query("SELECT * FROM spans ORDER BY start_ns, rowid"))
        return [{**row, "attributes": json.loads(row["attributes"])} for row in rows]

    def conversation(self, span: str) -> list[dict[str, Any]]:
        """Return a span's messages in order."""
        with self._lock:
            return list(self._db.query("SELECT role, content, reasoning FROM messages WHERE span_id = ? ORDER BY n", [span]))

    def events(self, span: str) -> list[dict[str, Any]]:
        """Return a span's events in order."""
        with self._lock:
            rows = list(self._db.query("SELECT time_ns, name, data FROM events WHERE span_id = ? ORDER BY id", [span]))
        return [{**row, "data": json.loads(row["data"])} for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        with self._lock:
            self._db.table(table).insert(dict(row))


def _encoded(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {key: json.dumps(value) if key == "attributes" else value for key, value in columns.items()}
