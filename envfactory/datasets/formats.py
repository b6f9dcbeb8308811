"""Rows as JSON lines and as Parquet, byte for byte the same for the same rows.

JSONL is canonical: dicts stay dicts, and nothing is filled in. In Parquet what is arbitrary JSON lies in columns of the
`arrow.json` type, so that `load_dataset` gives dicts back and Arrow never unifies the arguments of different tools into
one struct (which would write `"bags": null` into a call that has no such argument).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]
Column = Literal["text", "texts", "number", "integer", "json", "jsons"]
Format = Literal["jsonl", "parquet"]
SFT_COLUMNS: Mapping[str, Column] = {
    "id": "text",
    "split": "text",
    "domain": "text",
    "environments": "texts",
    "outcomes": "texts",
    "calls": "integer",
    "faults": "integer",
    "questions": "integer",
    "messages": "jsons",
    "tools": "jsons",
}
RL_COLUMNS: Mapping[str, Column] = {
    "id": "text",
    "split": "text",
    "domain": "text",
    "environments": "jsons",
    "state": "json",
    "prompt": "jsons",
    "tools": "jsons",
    "user": "jsons",
    "goal": "json",
    "facts": "jsons",
    "max_calls": "integer",
    "max_turns": "integer",
    "reward": "text",
    "solve_rate": "number",
    "verdicts": "json",
    "task": "json",
}
_GROUP = 256


def line(row: Row) -> bytes:
    """Return a row as one line of JSON: its columns in order of their names, what is inside them as it is."""
    ordered = {name: row[name] for name in sorted(row)}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def text_of(value: Any) -> str:
    """Return a value as the compact JSON that stands in a column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Writer:
    """Writes rows to `stem.jsonl` and `stem.parquet`, whichever are wanted, a group at a time; a context manager.

    OSError where a file cannot be written.
    """

    def __init__(self, stem: Path, columns: Mapping[str, Column], formats: Sequence[Format]) -> None:
        stem.parent.mkdir(parents=True, exist_ok=True)
        self._columns = columns
        self._jsonl = stem.with_suffix(".jsonl").open("wb") if "jsonl" in formats else None
        self._schema = schema(columns)
        target = stem.with_suffix(".parquet")
        self._parquet = pq.ParquetWriter(target, self._schema, compression="zstd") if "parquet" in formats else None
        self._waiting: list[Row] = []
        self.rows = 0

    def write(self, row: Row) -> None:
        """Write one row."""
        self.rows += 1
        if self._jsonl is not None:
            self._jsonl.write(line(row))
        if self._parquet is not None:
            self._waiting.append(row)
            if len(self._waiting) == _GROUP:
                self._flush()

    def close(self) -> None:
        """Write what waits and close the files."""
        if self._jsonl is not None:
            self._jsonl.close()
        if self._parquet is not None:
            if self._waiting:
                self._flush()
            self._parquet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush(self) -> None:
        assert self._parquet is not None
        self._parquet.write_table(table(self._waiting, self._columns))
        self._waiting.clear()


def schema(columns: Mapping[str, Column]) -> pa.Schema:
    """Return the Arrow schema of columns."""
    return pa.schema([(name, _TYPES[kind]()) for name, kind in columns.items()])


def table(rows: Sequence[Row], columns: Mapping[str, Column]) -> pa.Table:
    """Return rows as an Arrow table."""
    return pa.Table.from_arrays([_array(rows, name, kind) for name, kind in columns.items()], schema=schema(columns))


def _array(rows: Sequence[Row], name: str, kind: Column) -> pa.Array:
    values: Iterable[Any] = (row[name] for row in rows)
    if kind == "json":
        return pa.array([text_of(value) for value in values], pa.string()).cast(pa.json_())
    if kind == "jsons":
        texts = [[text_of(item) for item in value] for value in values]
        return pa.array(texts, pa.list_(pa.string())).cast(pa.list_(pa.json_()))
    return pa.array(list(values), _TYPES[kind]())


_TYPES = {
    "text": pa.string,
    "texts": lambda: pa.list_(pa.string()),
    "number": pa.float64,
    "integer": pa.int64,
    "json": pa.json_,
    "jsons": lambda: pa.list_(pa.json_()),
}
