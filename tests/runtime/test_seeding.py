"""The worker's side of seed data: the bench, its tables and functions, and the player."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.runtime.host import Host
from tests.runtime.conftest import BOOK, ROWS, SCHEMA

NOW = "2026-05-12T08:00:00Z"


def bench(seed: int = 1) -> Host:
    host = Host()
    assert host.handle("seed_open", {"schema": SCHEMA, "now": NOW, "seed": seed}) == {}
    return host


def select(host: Host, sql: str, **parameters: Any) -> Any:
    return host.handle("seed_select", {"sql": sql, "parameters": parameters})


def test_days_and_numbers_surround_the_clock() -> None:
    found = select(bench(), "SELECT MIN(date) AS a, MAX(date) AS b, (SELECT COUNT(*) FROM numbers) AS n FROM days")

    assert found == {"rows": [{"a": "2026-01-12", "b": "2027-01-07", "n": 1000}]}


def test_functions_depend_on_seed_and_keys_only() -> None:
    sql = 'SELECT rnd(1, 6, n) AS a, chance(50, n) AS b, choose(\'["x","y"]\', n) AS c FROM numbers WHERE n < 40'

    first, again, other = (select(bench(seed), sql)["rows"] for seed in (1, 1, 2))

    assert first == again != other
    assert {row["a"] for row in first} == {1, 2, 3, 4, 5, 6}
    assert {row["c"] for row in first} == {"x", "y"}
    assert 8 < sum(row["b"] for row in first) < 32


def test_functions_of_null_are_null() -> None:
    found = select(bench(), "SELECT rnd(NULL, 6) AS a, chance(NULL) AS b, choose(NULL) AS c, choose('[]') AS d")

    assert found == {"rows": [{"a": None, "b": None, "c": None, "d": None}]}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM nowhere",
        "DELETE FROM rooms",
        "INSERT INTO rooms VALUES ('x', 1) RETURNING id",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r",
        "SELECT a.n FROM numbers a, numbers b",
    ],
)
def test_what_is_wrong_with_a_statement_is_an_answer(sql: str) -> None:
    host = bench()

    assert "error" in select(host, sql)
    assert select(host, "SELECT COUNT(*) AS n FROM rooms") == {"rows": [{"n": 0}]}


def test_a_schema_that_does_not_load_is_an_answer() -> None:
    assert "error" in Host().handle("seed_open", {"schema": "CREATE TABLE (", "now": NOW, "seed": 1})


def test_rows_are_inserted_one_by_one_with_their_computed_columns() -> None:
    host = bench()
    computed = [["free", "LENGTH(:row__id) + (SELECT COUNT(*) FROM rooms)"]]

    rows = [{"id": "a"}, {"id": "bb"}, {"id": "a"}]

    errors = host.handle("seed_insert", {"table": "rooms", "rows": rows, "computed": computed})

    assert errors == [None, None, "UNIQUE constraint failed: rooms.id"]
    kept = host.handle("seed_rows", {"tables": ["rooms"]})
    assert kept == {"rooms": [{"id": "a", "free": 1}, {"id": "bb", "free": 3}]}


def test_a_missing_row_is_found_when_all_is_filled() -> None:
    host = bench()
    host.handle("seed_insert", {"table": "bookings", "rows": [{"id": "b", "room_id": "r9", "n": 1}]})

    answer = host.handle("seed_image", {})

    assert answer == {"error": "row 1 of bookings refers to a missing row of rooms"}


def player() -> Host:
    host = bench()
    host.handle("load", {"contracts": [BOOK], "now": NOW, "tools": None, "schema": SCHEMA, "seed_rows": ROWS})
    return host


def play(host: Host, number: int, *, undo: bool = False) -> Any:
    call = {"tool": "book", "arguments": {"room_id": "r1", "n": number}, "now": "2026-05-01T10:00:00Z"}
    return host.handle("seed_play", {**call, "seed": 5, "undo": undo})


def test_played_calls_go_on_from_one_another() -> None:
    host = player()

    first, second = play(host, 2), play(host, 2)

    assert [change["table"] for change in first["changes"]] == ["bookings", "rooms"]
    assert (second["outcome"]["code"], second["changes"]) == ("FULL", [])


def test_an_undone_call_leaves_no_trace() -> None:
    host = player()

    tried, played = play(host, 3, undo=True), play(host, 3)

    assert tried == played
    assert host.handle("seed_rows", {"tables": ["rooms"]})["rooms"][0]["free"] == 0


def test_the_played_state_can_be_read_but_not_written() -> None:
    host = player()
    play(host, 1)

    sql = "SELECT free FROM rooms WHERE id = :id"
    read = host.handle("seed_draw", {"sql": sql, "parameters": {"id": "r1"}, "seed": 5})
    written = host.handle("seed_draw", {"sql": "DELETE FROM rooms", "seed": 5})

    assert read == {"rows": [{"free": 2}]}
    assert "error" in written


def test_the_bench_has_to_be_opened() -> None:
    with pytest.raises(ValueError, match="seed_open comes first"):
        Host().handle("seed_image", {})
