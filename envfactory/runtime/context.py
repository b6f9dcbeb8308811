"""What tool code is given: a database connection, the episode's clock, fresh ids, and the error it may raise.

Clock, ids and randomness come only from here, so an episode is a function of its seed and its calls.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

Row = dict[str, Any]
_MAX_KNOWN = 1000
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1: ids are read aloud


class ToolError(Exception):
    """What a tool raises to refuse a call: a declared code and a message for the caller."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


@lru_cache(maxsize=8192)  # whoever tries one call after another asks for the same first ids again and again
def make_id(seed: int, prefix: str, number: int) -> str:
    """Return the `number`-th id of `prefix` in an episode with `seed`, for instance `bk_7hq2mfx4`."""
    digest = hashlib.blake2b(f"{seed}/{prefix}/{number}".encode(), digest_size=8).digest()
    return f"{prefix}_" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)


class Context:
    """The world of one call. `db` is a `sqlite3.Connection` whose rows are dicts; the helpers take named parameters.

    `single` is a cursor for statements that give one row of one value, which it fetches without making a dict of it.
    """

    __slots__ = ("_counters", "_names", "_seed", "db", "now", "single")

    def __init__(self, db: sqlite3.Connection, now: str, seed: int) -> None:
        self.db = db
        self.single = db.cursor()
        self.single.row_factory = None
        self.now = now
        self._seed = seed
        self._counters: dict[str, int] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    @property
    def today(self) -> str:
        """The date part of `now`, as YYYY-MM-DD."""
        return self.now[:10]

    def new_id(self, prefix: str) -> str:
        """Return a fresh id; the same call in the same place of an episode gives the same id."""
        number = self._counters.get(prefix, 0) + 1
        self._counters[prefix] = number
        return make_id(self._seed, prefix, number)

    def one(self, sql: str, parameters: Mapping[str, Any] | None = None, /, **named: Any) -> Row | None:
        """Return the first row, or None."""
        cursor = sqlite3.Cursor(self.db).execute(sql, {**parameters, **named} if parameters else named)
        row = cursor.fetchone()
        return None if row is None else dict(zip(self._columns(sql, cursor), row))  # noqa: B905 - see `all`

    def all(self, sql: str, parameters: Mapping[str, Any] | None = None, /, **named: Any) -> list[Row]:
        """Return every row, in the statement's order."""
        cursor = sqlite3.Cursor(self.db).execute(sql, {**parameters, **named} if parameters else named)
        names = self._columns(sql, cursor)
        return [dict(zip(names, row)) for row in cursor]  # noqa: B905 - as many as columns; strict costs a third

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None, /, **named: Any) -> Any:
        """Return the first column of the first row, or None."""
        cursor = sqlite3.Cursor(self.db).execute(sql, {**parameters, **named} if parameters else named)
        row = cursor.fetchone()
        return None if row is None else row[0]

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, /, **named: Any) -> int:
        """Run an INSERT, UPDATE or DELETE and return the number of rows it touched."""
        return self.db.execute(sql, {**parameters, **named} if parameters else named).rowcount

    def _columns(self, sql: str, cursor: sqlite3.Cursor) -> tuple[str, ...]:
        """Return the names of a statement's columns; the schema stands still, so they are those of the last time."""
        names = self._names.get(sql)
        if names is None:
            names = tuple([column[0] for column in cursor.description or ()])
            if len(self._names) < _MAX_KNOWN:  # a tool may make every statement anew
                self._names[sql] = names
        return names

    def counters(self) -> dict[str, int]:
        """Return a copy of the id counters, to be put back by `restore_counters`."""
        return dict(self._counters)

    def restore_counters(self, counters: Mapping[str, int]) -> None:
        """Put the id counters back, so that an undone call leaves no trace in later ids."""
        self._counters = dict(counters)
