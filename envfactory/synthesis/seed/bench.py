"""The trusted side of a worker's seed operations: what is wrong with a document's SQL becomes a DesignError."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from envfactory.errors import DesignError
from envfactory.runtime.expressions import translate
from envfactory.sandbox.session import Worker

Row = dict[str, Any]
_IMPURE = re.compile(
    r"'now'|\bcurrent_(date|time|timestamp)\b|\brandom(blob)?\s*\(|\blast_insert_rowid\s*\(", re.IGNORECASE
)
_DEADLINE = 60.0
_BATCH = 1000


class SeedBench:
    """Tables under construction in a worker; see `runtime.seeding`."""

    def __init__(self, worker: Worker, schema_sql: str, now: str, seed: int) -> None:
        self._worker = worker
        self._clock = {"now": now, "today": now[:10]}
        self._keys: dict[str, list[Any]] = {}
        answer = worker.request("seed_open", {"schema": schema_sql, "now": now, "seed": seed}, deadline=_DEADLINE)
        if "error" in answer:
            raise DesignError(f"the schema does not load: {answer['error']}", remedy="see the checks of the tables")

    def select(self, sql: str, place: str) -> list[Row]:
        """Return the rows of a document's SELECT over the tables filled so far."""
        check_pure(sql, place)
        translated = translate(sql)
        unknown = sorted(translated.names - set(self._clock))
        if unknown:
            raise DesignError(f"{place}: :{unknown[0]} is not known there", remedy="use $now, $today and the tables")
        payload = {"sql": translated.sql, "parameters": {name: self._clock[name] for name in translated.names}}
        answer = self._worker.request("seed_select", payload, deadline=_DEADLINE)
        if "error" in answer:
            raise DesignError(f"{place}: {answer['error']}", remedy=f"in {sql[:300]}")
        rows: list[Row] = answer["rows"]
        return rows

    def insert(self, table: str, rows: Sequence[Row], computed: Sequence[tuple[str, str]]) -> list[str | None]:
        """Insert rows one by one; return for each what is wrong with it, or None."""
        expressions = [[column, translate(expression).sql] for column, expression in computed]
        found: list[str | None] = []
        for start in range(0, len(rows), _BATCH):
            batch = [{name: stored(value) for name, value in row.items()} for row in rows[start : start + _BATCH]]
            payload = {"table": table, "rows": batch, "computed": expressions}
            found += self._worker.request("seed_insert", payload, deadline=_DEADLINE)
        self._keys.clear()
        return found

    def keys(self, table: str, column: str) -> list[Any]:
        """Return the values of a column, in the order of the rows."""
        place = f"{table}.{column}"
        if place not in self._keys:
            self._keys[place] = [
                row[column] for row in self.select(f"SELECT {column} FROM main.{table} ORDER BY rowid", place)
            ]
        return self._keys[place]

    def image(self) -> bytes:
        """Return the database; DesignError where a row refers to one that is missing."""
        answer = self._worker.request("seed_image", {}, deadline=_DEADLINE)
        if "error" in answer:
            raise DesignError(f"seed data: {answer['error']}", remedy="fill the table it refers to")
        image: bytes = answer["image"]
        return image


def check_pure(sql: str, place: str) -> None:
    """Raise DesignError where SQL depends on the machine's clock or on chance."""
    impure = _IMPURE.search(sql)
    if impure:
        raise DesignError(
            f"{place}: {impure[0]} differs from run to run",
            remedy="use $now, $today, rnd(low, high, key...) or chance(percent, key...)",
        )


def stored(value: Any) -> Any:
    """Return a value as a column holds it: booleans as 0 and 1, lists and objects as JSON text."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def mentioned_tables(sql: str, tables: Mapping[str, Any]) -> set[str]:
    """Return the tables whose names occur in SQL."""
    return set(re.findall(r"\w+", sql)) & set(tables)
