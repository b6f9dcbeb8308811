import sqlite3

import pytest

from envfactory.bench.sql.order import is_total
from envfactory.bench.sql.parse import statement
from envfactory.bench.sql.schema import Schema, read_schema
from envfactory.sandbox.session import Session
from tests.support import LocalWorker

SCHEMA = """
CREATE TABLE hotels (id TEXT PRIMARY KEY, city TEXT NOT NULL, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE rooms (
  id TEXT PRIMARY KEY, hotel_id TEXT NOT NULL REFERENCES hotels (id), price INTEGER NOT NULL) STRICT;
CREATE TABLE nights (
  room_id TEXT NOT NULL, night TEXT NOT NULL, free INTEGER NOT NULL, PRIMARY KEY (room_id, night)) STRICT;
"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    spec = {"contracts": [], "now": "2026-05-12T08:00:00Z", "tools": None, "schema": SCHEMA, "seed_rows": {}}
    with Session(LocalWorker, spec) as session:
        return read_schema(session)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM rooms ORDER BY price, id",
        "SELECT * FROM rooms WHERE id = :id",
        "SELECT name FROM hotels ORDER BY name",
        "SELECT r.id AS room, h.name FROM rooms r JOIN hotels h ON h.id = r.hotel_id ORDER BY r.price, room",
        "SELECT r.id, h.name FROM rooms r LEFT JOIN hotels h ON h.id = r.hotel_id ORDER BY 1",
        "SELECT * FROM nights WHERE room_id = :room ORDER BY night",
        "SELECT n.free FROM nights n JOIN rooms r ON r.id = n.room_id WHERE r.id = :room ORDER BY n.night",
        "SELECT city, COUNT(*) AS n FROM hotels GROUP BY city ORDER BY n, city",
        "SELECT COUNT(*), MIN(price) FROM rooms",
        "SELECT DISTINCT city FROM hotels ORDER BY city",
        "SELECT city FROM hotels ORDER BY city",
        "SELECT j.value, r.price FROM json_each(:ids) j JOIN rooms r ON r.id = j.value ORDER BY j.key",
        "SELECT s.n FROM (SELECT hotel_id, COUNT(*) AS n FROM rooms GROUP BY hotel_id) s ORDER BY s.n, s.hotel_id",
        "WITH cheap AS (SELECT id, price FROM rooms WHERE price < 9) SELECT * FROM cheap ORDER BY price, id",
        "SELECT id FROM rooms UNION SELECT id FROM hotels ORDER BY id",
        "SELECT 1 AS found FROM rooms WHERE hotel_id = :hotel",
        "SELECT * FROM rooms ORDER BY rowid",
    ],
)
def test_an_order_that_ends_in_a_key_is_total(schema: Schema, sql: str) -> None:
    assert is_total(statement(sql), schema)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM rooms ORDER BY price",
        "SELECT * FROM rooms",
        "SELECT * FROM rooms WHERE hotel_id = :hotel LIMIT 1",
        "SELECT r.id, h.name FROM rooms r JOIN hotels h ON h.id = r.hotel_id ORDER BY h.name",
        "SELECT * FROM nights ORDER BY night",
        "SELECT city, COUNT(*) AS n FROM hotels GROUP BY city ORDER BY n",
        "SELECT name FROM hotels ORDER BY lower(name)",
        "SELECT r.id FROM rooms r JOIN nights n ON n.room_id = r.id ORDER BY n.night",
        "SELECT id, price FROM rooms UNION SELECT id, 1 FROM hotels ORDER BY price",
        "SELECT * FROM rooms WHERE price = :price OR id = :id",
        "SELECT s.hotel_id, s.n FROM (SELECT hotel_id, COUNT(*) AS n FROM rooms GROUP BY hotel_id) s ORDER BY s.n",
    ],
)
def test_an_order_that_leaves_ties_is_not(schema: Schema, sql: str) -> None:
    assert not is_total(statement(sql), schema)


def test_the_database_s_facts_are_read(schema: Schema) -> None:
    assert sqlite3.sqlite_version_info >= (3, 40)
    assert schema.tables["nights"].primary_key == ("room_id", "night")
    assert schema.target("rooms", "hotel_id") == ("hotels", "id")
    assert schema.tables["hotels"].keys == (("id",), ("name",))
