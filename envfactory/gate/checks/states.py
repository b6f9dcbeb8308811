"""States read from their images in the oracle's worker, and compared here: what no tool code has a say in."""

from __future__ import annotations

import json
from typing import Any

from envfactory.bench.bench import Bench
from envfactory.bench.sql.schema import TableFacts

State = dict[str, dict[str, dict[str, Any]]]  # table: key: row


def read_state(bench: Bench, image: bytes | None = None) -> State:
    """Return every row of an image (the initial one by default) by table and key."""
    tables = bench.inputs.schema.tables
    columns = ", ".join(f'({_rows_of(facts)}) AS "{name}"' for name, facts in tables.items())
    answer = bench.oracle.query(f"SELECT {columns}", image=image)[0]
    state: State = {}
    for name, facts in tables.items():
        rows = [dict(zip(facts.columns, values, strict=True)) for values in json.loads(answer[name])]
        state[name] = {repr([row[column] for column in key_of(facts)]): row for row in rows}
    return state


def key_of(facts: TableFacts) -> tuple[str, ...]:
    """Return the columns that identify a row."""
    return facts.primary_key or tuple(facts.columns)


def diff(bench: Bench, before: State, after: State) -> list[dict[str, Any]]:
    """Return what happened between two states, in the form of an episode's changes."""
    found = []
    for name, facts in bench.inputs.schema.tables.items():
        old, new = before[name], after[name]
        for key in {**old, **new}:
            first, last = old.get(key), new.get(key)
            if first != last:
                found.append(_change(name, key_of(facts), first, last))
    return sorted(found, key=lambda change: (change["table"], repr(change["key"])))


def _change(
    table: str, key: tuple[str, ...], before: dict[str, Any] | None, after: dict[str, Any] | None
) -> dict[str, Any]:
    place = {"table": table, "key": [(after or before or {})[column] for column in key]}
    if before is None:
        return {**place, "op": "insert", "after": after}
    if after is None:
        return {**place, "op": "delete", "before": before}
    moved = [column for column in before if before[column] != after[column]]
    return {
        **place,
        "op": "update",
        "before": {column: before[column] for column in moved},
        "after": {column: after[column] for column in moved},
    }


def _rows_of(facts: TableFacts) -> str:
    columns = ", ".join(f'"{column}"' for column in facts.columns)
    return f'SELECT json_group_array(json_array({columns})) FROM "{facts.name}"'
