"""trace.db: spans (a run, an environment, a role, a gate, a model call), their messages, and events.

Attribute keys follow OpenTelemetry's GenAI conventions (still in development there; `SEMCONV` names the version meant).
A span is inserted when it starts, as `open`, and updated when it ends: a killed run shows where it died, and a resumed
one goes on in the same spans, those that a process died in marked `lost`.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlite_utils

from envfactory.errors import ArtefactError

SEMCONV = "gen_ai 1.37"
LOST = "lost"
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

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open a trace file, made where there is none unless it is only to be read.

        Raises ArtefactError, as every method does, where the file is no trace, is damaged or cannot be written.
        """
        self._path, self._read_only, self._lock = path, read_only, threading.RLock()
        address = path.absolute().as_uri() + ("?mode=ro" if read_only else "")
        with self._telling():
            connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
            self._db = sqlite_utils.Database(connection)
            try:
                _check(connection) if read_only else _prepare(connection)
            except sqlite3.Error:
                connection.close()
                raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write all that is told within at once, or nothing of it."""
        with self._lock, self._telling():
            self._db.conn.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._db.conn.execute("ROLLBACK")
                raise
            self._db.conn.execute("COMMIT")

    def start(self, name: str, kind: str, *, parent: str | None = None, **columns: Any) -> str:
        """Open a span and return its id."""
        span = secrets.token_hex(8)
        row = {"span_id": span, "parent_id": parent, "name": name, "kind": kind, "status": "open"}
        self._insert("spans", {"start_ns": time.time_ns(), **row, **_encoded(columns)})
        return span

    def end(self, span: str, status: str, *, attributes: Mapping[str, Any] | None = None, **columns: Any) -> None:
        """Close a span; its attributes are added to those it started with."""
        known = self._query("SELECT attributes FROM spans WHERE span_id = ?", span)
        merged = {**(self._decoded(known[0]["attributes"]) if known else {}), **(attributes or {})}
        self._update(span, {"end_ns": time.time_ns(), "status": status} | _encoded({**columns, "attributes": merged}))

    def reopen(self, span: str) -> None:
        """Open a span again that a resumed run goes on with."""
        self._update(span, {"end_ns": None, "status": "open"})

    def lose(self, span: str) -> None:
        """Mark a span whose process died in it."""
        self._update(span, {"status": LOST})

    def messages(self, span: str, messages: Iterable[Mapping[str, str]]) -> None:
        """Keep a span's conversation, in order."""
        for number, message in enumerate(messages):
            self._insert("messages", {"span_id": span, "n": number, **message})

    def event(self, span: str | None, name: str, data: Mapping[str, Any]) -> None:
        """Keep an event."""
        row = {"span_id": span, "time_ns": time.time_ns(), "name": name, "data": json.dumps(dict(data))}
        self._insert("events", row)

    def spans(self) -> list[dict[str, Any]]:
        """Return every span in order of start, attributes decoded."""
        rows = self._query("SELECT * FROM spans ORDER BY start_ns, rowid")
        return [{**row, "attributes": self._decoded(row["attributes"])} for row in rows]

    def conversation(self, span: str) -> list[dict[str, Any]]:
        """Return a span's messages in order."""
        return self._query("SELECT role, content, reasoning FROM messages WHERE span_id = ? ORDER BY n", span)

    def outline(self) -> list[tuple[str, int, str, int, int]]:
        """Return of every message its span, number, role, and the lengths of text and reasoning; not what was said."""
        rows = self._query(
            "SELECT span_id, n, role, length(content) AS size, length(reasoning) AS thought FROM messages ORDER BY span_id, n"
        )
        return [(row["span_id"], row["n"], row["role"], row["size"], row["thought"]) for row in rows]

    def message(self, span: str, n: int) -> tuple[str, str] | None:
        """Return text and reasoning of a span's n-th message; None where there is none."""
        rows = self._query("SELECT content, reasoning FROM messages WHERE span_id = ? AND n = ?", span, n)
        return (rows[0]["content"], rows[0]["reasoning"]) if rows else None

    def everything_said(self) -> Iterator[dict[str, Any]]:
        """Yield every message with its span's columns, in the order in which the spans began, a few at a time."""
        statement = """SELECT m.span_id, m.n, m.role, m.content, m.reasoning, s.kind, s.environment, s.agent, s.revision
            FROM messages m JOIN spans s USING (span_id) ORDER BY s.start_ns, s.rowid, m.n"""
        with self._telling():
            yield from self._db.query(statement)

    def spans_saying(self, text: str) -> list[str]:
        """Return the spans in whose messages, attributes or report a text occurs, letters of either case."""
        escaped = json.dumps(text, ensure_ascii=False)[1:-1]
        asked = [f"%{_literal(form)}%" for form in dict.fromkeys((text, escaped))]
        fields = [("messages", "content"), ("messages", "reasoning"), ("spans", "attributes"), ("spans", "name")]
        parts = [
            f"SELECT span_id FROM {table} WHERE {field} LIKE ? ESCAPE '!'" for table, field in fields for _ in asked
        ]
        rows = self._query(" UNION ".join(parts), *asked * len(fields))
        return [row["span_id"] for row in rows]

    def events(self, span: str) -> list[dict[str, Any]]:
        """Return a span's events in order."""
        rows = self._query("SELECT time_ns, name, data FROM events WHERE span_id = ? ORDER BY id", span)
        return [{**row, "data": self._decoded(row["data"])} for row in rows]

    def all_events(self) -> list[dict[str, Any]]:
        """Return the events of all spans in order."""
        rows = self._query("SELECT span_id, time_ns, name, data FROM events ORDER BY id")
        return [{**row, "data": self._decoded(row["data"])} for row in rows]

    def close(self) -> None:
        """Close the file; one that was written is left without companions, so that it can be copied and only read."""
        if not self._read_only:
            with suppress(sqlite3.Error):  # somebody is reading it
                self._db.conn.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def _query(self, statement: str, *values: str | int) -> list[dict[str, Any]]:
        with self._lock, self._telling():
            return list(self._db.query(statement, values))

    def _decoded(self, text: str) -> Any:
        with self._telling():
            return json.loads(text)

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        self._execute(f"INSERT INTO {table} ({names}) VALUES ({values})", row)

    def _update(self, span: str, columns: Mapping[str, Any]) -> None:
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        self._execute(f"UPDATE spans SET {changes} WHERE span_id = :span_id", {**columns, "span_id": span})

    def _execute(self, statement: str, row: Mapping[str, Any]) -> None:
        with self._lock, self._telling():
            try:
                self._db.conn.execute(statement, row)
            except UnicodeEncodeError:
                self._db.conn.execute(statement, _storable(row))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            remedy = "envfactory traces list" if self._read_only else "free some space"
            raise ArtefactError(f"the trace {self._path} cannot be used: {error}", remedy=remedy) from error


def _literal(text: str) -> str:
    """Return a text for LIKE in which nothing stands for anything else."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    done = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, statement in enumerate(_MIGRATIONS[done:], done + 1):
        connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")


def _check(connection: sqlite3.Connection) -> None:
    for table in ("spans", "messages", "events"):
        connection.execute(f"SELECT count(*) FROM {table}")


def _storable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without halves of characters, which an answer that was cut off may end in and SQLite cannot hold."""
    return {
        name: value.encode(errors="replace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def _encoded(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {key: json.dumps(value) if key == "attributes" else value for key, value in columns.items()}
