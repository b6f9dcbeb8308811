import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.sql.parse import statement
from envfactory.bench.sql.queries import outputs
from envfactory.bench.sql.templates import result_parts


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id AS boat_id, name FROM boats", {"boat_id": ("boats", "id"), "name": ("boats", "name")}),
        ("SELECT b.name, h.name AS harbour FROM boats b JOIN harbours h ON h.id = b.harbour_id",
         {"name": ("boats", "name"), "harbour": ("harbours", "name")}),
        ("SELECT s.boat FROM (SELECT id AS boat FROM boats) s", {"boat": ("boats", "id")}),
        ("WITH cheap(boat, cents) AS (SELECT id, day_cents FROM boats) SELECT boat, cents FROM cheap",
         {"boat": ("boats", "id"), "cents": ("boats", "day_cents")}),
        ("SELECT day_cents * 2 AS twice, :x AS given FROM boats", {"twice": None, "given": None}),
        ("SELECT j.value FROM json_each(:ids) j", {"value": None}),
        ("SELECT id FROM boats UNION SELECT id FROM gear", {"id": ("boats", "id")}),
    ],
)  # fmt: skip
def test_columns_are_traced_to_their_table(bench: Bench, sql: str, expected: dict[str, tuple[str, str] | None]) -> None:
    assert {output.name: output.origin for output in outputs(statement(sql), bench.inputs.schema)} == expected


def test_a_star_is_every_column_of_its_table(bench: Bench) -> None:
    sql = "SELECT h.*, b.harbour_id FROM hires h JOIN boats b ON b.id = h.boat_id"
    names = [output.name for output in outputs(statement(sql), bench.inputs.schema)]
    assert names[:2] == ["id", "customer_id"]
    assert names[-1] == "harbour_id"


def test_a_result_is_read_part_by_part(bench: Bench) -> None:
    parts = {part.place: part.kind for part in result_parts(bench.contracts.tool("get_boat"))}
    assert (parts["boat_id"], parts["licence_required"], parts["gear"]) == ("value", "boolean", "rows")
