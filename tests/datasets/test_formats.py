"""JSONL and Parquet: the same rows give the same bytes, and what comes back is what went in, with nothing filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.datasets.formats import Column, Writer, line, table

COLUMNS: Mapping[str, Column] = {
    "id": "text",
    "calls": "integer",
    "messages": "jsons",
    "goal": "json",
    "rate": "number",
}
ROWS: list[dict[str, Any]] = [
    {"id": "a", "calls": 1, "messages": [{"arguments": {"bags": 2}}], "goal": {"x": {"b": 1, "a": None}}, "rate": 0.5},
    {"id": "b", "calls": 2, "messages": [{"arguments": {"seat": "2A"}}, {"arguments": {}}], "goal": {}, "rate": None},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def write(folder: Path) -> Path:
    with Writer(folder / "rows", COLUMNS, ("jsonl", "parquet")) as writer:
        for row in ROWS:
            writer.write(row)
    return folder / "rows"


def test_columns_stand_in_order_of_their_names_and_values_as_they_are() -> None:
    assert line({"b": {"z": 1, "a": 2}, "a": "é"}) == '{"a":"é","b":{"z":1,"a":2}}\n'.encode()


def test_jsonl_gives_the_rows_back(tmp_path: Path) -> None:
    lines = write(tmp_path).with_suffix(".jsonl").read_text().splitlines()
    assert [json.loads(each) for each in lines] == ROWS


def test_no_argument_is_filled_in_by_arrow(tmp_path: Path) -> None:
    messages = pq.read_table(write(tmp_path).with_suffix(".parquet")).column("messages").to_pylist()
    assert [[json.loads(each) for each in row] for row in messages] == [row["messages"] for row in ROWS]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one"), write(tmp_path / "other")
    for suffix in (".jsonl", ".parquet"):
        assert one.with_suffix(suffix).read_bytes() == other.with_suffix(suffix).read_bytes()


@pytest.mark.parametrize("rows", [0, 1, 255, 256, 257, 600])
def test_groups_lose_no_row(tmp_path: Path, rows: int) -> None:
    with Writer(tmp_path / "rows", {"id": "text"}, ("parquet",)) as writer:
        for number in range(rows):
            writer.write({"id": str(number)})
    assert pq.read_table(tmp_path / "rows.parquet").column("id").to_pylist() == [str(number) for number in range(rows)]


@given(st.lists(JSON, min_size=1, max_size=4))
def test_any_json_comes_back(values: list[Any]) -> None:
    told = table([{"goal": value} for value in values], {"goal": "json"}).column("goal").to_pylist()
    assert [json.loads(each) for each in told] == values
