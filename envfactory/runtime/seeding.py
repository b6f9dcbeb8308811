"""What a worker does while seed data is made: tables under construction, then lives played through the tools.

SQL from documents runs here and nowhere else. On the bench it sees the tables filled so far, `days(n, date)` around the
clock's date, `numbers(n)`, and three functions whose values depend only on the seed and their keys: `rnd(low, high,
key...)`, `chance(percent, key...)`, `choose(json_array, key...)`. What is wrong with a document's SQL is an answer
(`{"error": text}`), not a fault.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from envfactory.runtime.episode import DictRows, Episode, Program

Answer = dict[str, Any]
FIRST_DAY, LAST_DAY, NUMBERS = -120, 240, 1000
_MAX_VM_TICKS = 20_000  # times 10,000 SQLite instructions: some seconds for one statement
_MAX_ROWS = 50_000


def drawn(seed: int, name: str, keys: Iterable[Any]) -> int:
    """Return a number of 64 bits that depends on nothing but its arguments."""
    text = json.dumps([seed, name, *keys], ensure_ascii=False)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def add_functions(db: sqlite3.Connection, seed: int) -> None:
    """Give a connection `rnd`, `chance` and `choose`."""

    def rnd(low: Any, high: Any, *keys: Any) -> int | None:
        if low is None or high is None:
            return None
        return int(low) + drawn(seed, "rnd", keys) % (max(int(high), int(low)) - int(low) + 1)

    def chance(percent: Any, *keys: Any) -> int | None:
        return None if percent is None else int(drawn(seed, "chance", keys) % 10_000 < percent * 100)

    def choose(array: Any, *keys: Any) -> Any:
        items = [] if array is None else json.loads(array)
        return items[drawn(seed, "choose", keys) % len(items)] if items else None

    functions: list[Callable[..., Any]] = [rnd, chance, choose]
    for function in functions:
        db.create_function(function.__name__, -1, function, deterministic=True)


class Bench:
    """Tables under construction, without foreign keys until they are all filled."""

    def __init__(self, schema: str, now: str, seed: int) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.row_factory = DictRows()
        self._ticks = 0
        self.db.executescript(schema)
        self.db.execute("PRAGMA foreign_keys = OFF")
        self._now = now
        self._add_calendar(datetime.date.fromisoformat(now[:10]))
        add_functions(self.db, seed)
        self.db.set_progress_handler(self._tick, 10_000)

    def _add_calendar(self, today: datetime.date) -> None:
        """Add `days` and `numbers`; they hide tables of the document that are called so."""
        self.db.execute("CREATE TEMP TABLE days (n INTEGER PRIMARY KEY, date TEXT)")
        self.db.execute("CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY)")
        days = ((n, (today + datetime.timedelta(days=n)).isoformat()) for n in range(FIRST_DAY, LAST_DAY + 1))
        self.db.executemany("INSERT INTO temp.days VALUES (?, ?)", days)
        self.db.executemany("INSERT INTO temp.numbers VALUES (?)", ((n,) for n in range(NUMBERS)))

    def select(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a SELECT; raise sqlite3.Error, also where it writes, takes too long or gives too much."""
        self._ticks = 0
        self.db.execute("PRAGMA query_only = ON")
        try:
            rows: list[dict[str, Any]] = self.db.execute(sql, dict(parameters)).fetchmany(_MAX_ROWS + 1)
        finally:
            self.db.execute("PRAGMA query_only = OFF")
        if len(rows) > _MAX_ROWS:
            raise sqlite3.DataError(f"more than {_MAX_ROWS} rows")
        return rows

    def insert(self, table: str, row: Mapping[str, Any], computed: Iterable[tuple[str, str]]) -> str | None:
        """Insert one row, its computed columns evaluated one after the other; return what is wrong, or None."""
        values = dict(row)
        try:
            for column, expression in computed:
                values[column] = self._computed(expression, values)
            columns = ", ".join(f'"{column}"' for column in values)
            self.db.execute(
                f'INSERT INTO main."{table}" ({columns}) VALUES ({", ".join("?" * len(values))})', list(values.values())
            )
        except sqlite3.Error as error:
            return str(error)
        return None

    def _computed(self, expression: str, values: Mapping[str, Any]) -> Any:
        scope = {"now": self._now, "today": self._now[:10], **{f"row__{name}": value for name, value in values.items()}}
        return self.select(f"SELECT ({expression}) AS value", scope)[0]["value"]

    def _tick(self) -> int:
        self._ticks += 1
        return int(self._ticks > _MAX_VM_TICKS)


class Seeding:
    """The host's operations for seed data (see the table in `host`)."""

    _program: Program
    _bench: Bench | None = None
    _player: Episode | None = None

    def _op_seed_open(self, payload: Mapping[str, Any]) -> Answer:
        try:
            self._bench, self._player = Bench(payload["schema"], payload["now"], payload["seed"]), None
        except sqlite3.Error as error:
            return {"error": str(error)}
        return {}

    def _op_seed_select(self, payload: Mapping[str, Any]) -> Answer:
        try:
            return {"rows": self._opened().select(payload["sql"], payload.get("parameters") or {})}
        except sqlite3.Error as error:
            return {"error": str(error)}

    def _op_seed_insert(self, payload: Mapping[str, Any]) -> list[str | None]:
        bench, table, computed = self._opened(), payload["table"], payload.get("computed") or []
        return [bench.insert(table, row, computed) for row in payload["rows"]]

    def _op_seed_image(self, _payload: Any) -> Answer:
        broken = self._opened().db.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            return {
                "error": f"row {broken['rowid']} of {broken['table']} refers to a missing row of {broken['parent']}"
            }
        return {"image": self._opened().db.serialize()}

    def _op_seed_play(self, payload: Mapping[str, Any]) -> Answer:
        """Call a tool of the loaded program at another time; the state goes on from call to call, but for "undo"."""
        episode = self._playing(payload)
        episode.context.now = payload["now"]
        episode.log.mark()
        counters = episode.context.counters()
        episode.db.execute("SAVEPOINT _ef_try")
        outcome = episode.call(payload["tool"], payload["arguments"])
        changes = episode.log.net() if outcome["status"] == "ok" else []
        if payload.get("undo"):
            episode.db.execute("ROLLBACK TO _ef_try")
            episode.context.restore_counters(counters)
        episode.db.execute("RELEASE _ef_try")
        return {"outcome": outcome, "changes": changes}

    def _op_seed_draw(self, payload: Mapping[str, Any]) -> Answer:
        """Run a SELECT on the state that is being played."""
        db = self._playing(payload).db
        db.execute("PRAGMA query_only = ON")
        try:
            return {"rows": db.execute(payload["sql"], payload.get("parameters") or {}).fetchmany(NUMBERS)}
        except sqlite3.Error as error:
            return {"error": str(error)}
        finally:
            db.execute("PRAGMA query_only = OFF")

    def _op_seed_rows(self, payload: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """Return all rows, in the order in which they came about, from the player or else the bench."""
        source = self._opened().db if self._player is None else self._player.db
        return {
            table: source.execute(f'SELECT * FROM main."{table}" ORDER BY rowid').fetchall()
            for table in payload["tables"]
        }

    def _opened(self) -> Bench:
        if self._bench is None:
            raise ValueError("seed_open comes first")
        return self._bench

    def _playing(self, payload: Mapping[str, Any]) -> Episode:
        if self._player is None:
            self._player = Episode(self._program, payload["seed"], logged=True)
            add_functions(self._player.db, payload["seed"])
        return self._player
