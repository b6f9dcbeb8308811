"""Tables filled from literal rows, datasets, SELECTs and counts, each row meeting the schema."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from envfactory.errors import DesignError
from envfactory.synthesis.design import Design, design_environment
from tests.support import LocalWorker
from tests.synthesis.documents import Change, schema, workshop

Rows = list[dict[str, Any]]


def designed(*changes: Change, seed: int = 1) -> Design:
    return design_environment(workshop(no_calls, *changes), None, seed=seed, worker=LocalWorker())


def rows(table: str, *changes: Change, seed: int = 1) -> Rows:
    return designed(*changes, seed=seed).seed_rows[table]


def no_calls(document: dict[str, Any]) -> None:
    schema(document, "Job")["x-env"].pop("seed")


def seeded(name: str, **notes: Any) -> Change:
    return lambda document: schema(document, name)["x-env"].update(seed=notes)


def column(name: str, property_name: str, **notes: Any) -> Change:
    return lambda document: schema(document, name)["properties"][property_name].update({"x-env": notes})


def test_literal_rows_keep_their_values_and_get_the_missing_ones() -> None:
    found = rows("parts")

    assert [(row["id"], row["name"]) for row in found] == [(1, "Chain"), (2, "Brake")]
    assert found[1]["price_cents"] == 1999
    assert 100 <= found[0]["price_cents"] <= 9900


def test_a_count_with_rows_is_the_number_of_all() -> None:
    found = rows("parts", seeded("Part", rows=[{"name": "Chain"}], count=5))

    assert [row["id"] for row in found] == [1, 2, 3, 4, 5]


def test_generated_rows_meet_references_checks_and_uniqueness() -> None:
    design = designed()

    customers, bikes = design.seed_rows["customers"], design.seed_rows["bikes"]
    assert (len(customers), len(bikes)) == (8, 20)
    assert len({row["email"] for row in customers}) == 8
    assert {row["customer_id"] for row in bikes} <= {row["id"] for row in customers}
    assert {row["colour"] for row in bikes} == {"red", "blue"}
    assert all(row["added_at"] < design.contracts.now for row in bikes)


def test_a_table_that_refers_to_itself_refers_to_earlier_rows() -> None:
    found = rows("customers", seeded("Customer", count=30))

    numbers = {row["id"]: number for number, row in enumerate(found)}
    referred = [(number, numbers[row["referred_by"]]) for number, row in enumerate(found) if row["referred_by"]]
    assert len(referred) > 5
    assert all(earlier < number for number, earlier in referred)


def test_a_dataset_fills_the_columns_it_is_told_to() -> None:
    properties = {
        "id": {"type": "string"},
        "code": {"type": "string"},
        "zone": {"type": "string"},
        "lat": {"type": "number"},
    }
    notes = {
        "dataset": "airports",
        "where": {"iata": ["OPO", "LIS"]},
        "columns": {"code": "iata", "zone": "tz", "lat": "lat"},
    }

    found = rows("airfields", adding("Airfield", "airfields", properties, notes))

    assert [(row["code"], row["zone"]) for row in found] == [("OPO", "Europe/Lisbon"), ("LIS", "Europe/Lisbon")]
    assert 41 < found[0]["lat"] < 42


def test_a_count_draws_from_a_dataset() -> None:
    properties = {"id": {"type": "string"}, "name": {"type": "string"}, "country": {"type": "string"}}

    found = rows("towns", adding("Town", "towns", properties, {"dataset": "cities", "count": 7}))

    assert len({row["name"] for row in found}) == 7
    assert rows("towns", adding("Town", "towns", properties, {"dataset": "cities", "count": 7}), seed=2) != found


def adding(name: str, table: str, properties: dict[str, Any], seed: dict[str, Any], **notes: Any) -> Change:
    made = {"type": "object", "x-env": {"table": table, "seed": seed, **notes}, "properties": properties}
    return lambda document: document["components"]["schemas"].update({name: made})


DAY = {"bike_id": {"type": "string"}, "day": {"type": "string", "format": "date"}, "free": {"type": "boolean"}}


def test_a_select_sees_earlier_tables_days_and_the_clock() -> None:
    select = (
        "SELECT b.id AS bike_id, d.date AS day, d.date > $today AS free FROM bikes b, days d WHERE d.n BETWEEN -1 AND 1"
    )

    found = rows("bike_days", adding("BikeDay", "bike_days", DAY, {"select": select}, key=["bike_id", "day"]))

    assert len(found) == 60
    assert Counter((row["day"], row["free"]) for row in found) == {
        ("2026-05-11", 0): 20,
        ("2026-05-12", 0): 20,
        ("2026-05-13", 1): 20,
    }


def test_several_selects_follow_each_other_and_leave_columns_to_generators() -> None:
    selects = [f"SELECT id AS bike_id, '2026-05-{day}' AS day FROM bikes ORDER BY id LIMIT 3" for day in (13, 14)]

    found = rows("bike_days", adding("BikeDay", "bike_days", DAY, {"select": selects}, key=["bike_id", "day"]))

    assert [row["day"] for row in found] == ["2026-05-13"] * 3 + ["2026-05-14"] * 3
    assert {row["free"] for row in found} <= {0, 1}


def test_a_column_can_be_computed_from_the_columns_before_it() -> None:
    found = rows(
        "parts", column("Part", "price_cents", seed={"sql": "LENGTH($row.name) * 100 + (SELECT COUNT(*) FROM parts)"})
    )

    assert [row["price_cents"] for row in found] == [500, 1999]


def test_a_share_of_nulls_a_range_of_dates_and_a_pattern() -> None:
    found = rows("customers", seeded("Customer", count=60))

    born = [row["born"] for row in found if row["born"]]
    assert 15 < len(born) < 45
    assert all("1950-01-01" <= date <= "2000-12-31" for date in born)
    assert all(len(row["secret"]) == 6 and row["secret"][2] == "-" for row in found)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    assert designed(seed=3) == designed(seed=3)
    assert rows("customers", seed=3) != rows("customers", seed=4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (seeded("Part", rows=[{"nmae": "Chain"}]), "parts has no column nmae"),
        (seeded("Part", rows=[{"id": 1, "name": "Chain", "price_cents": 1}]), "row 1 .*CHECK constraint failed"),
        (seeded("Part", select="SELECT x FROM nowhere"), "no such table: nowhere"),
        (seeded("Part", select="SELECT date('now') AS name"), "'now' differs from run to run"),
        (seeded("Part", select="SELECT :name AS name"), ":name is not known there"),
        (seeded("Part", select="DELETE FROM parts"), "attempt to write a readonly database"),
        (seeded("Part", dataset="airports", columns={"name": "nome"}), "airports has no nome"),
        (seeded("Part", count=3, rows=[], select=[]), None),
        (column("Part", "name", unique=True, seed={"values": ["a", "b"]}), None),
        (column("Customer", "name", unique=True, seed={"values": ["a", "b"]}), "not enough different values"),
        (seeded("Customer", count=0), "customers has no rows to refer to"),
    ],
)
def test_faults_of_seed_notes_are_named(change: Change, message: str | None) -> None:
    if message is None:
        assert designed(change).seed_rows["parts"]
        return
    with pytest.raises(DesignError, match=message):
        designed(change)
