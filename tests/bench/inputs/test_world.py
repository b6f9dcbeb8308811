from envfactory.bench.bench import Bench
from envfactory.bench.inputs.world import Place, World


def by_id(world: World, table: str, key: str) -> Place:
    return Place(table, world.where(table, "id", key)[0])


def test_ancestry_follows_foreign_keys_upwards(bench: Bench) -> None:
    found = bench.inputs.start.ancestry(by_id(bench.inputs.start, "hires", "hi_13"))
    assert {(place.table, place.row["id"]) for place in found} == {
        ("hires", "hi_13"),
        ("customers", "cu_08"),
        ("boats", "bt_02"),
        ("harbours", "hb_porto"),
    }


def test_related_rows_are_parents_or_children_of_the_context(bench: Bench) -> None:
    world = bench.inputs.start
    context = world.ancestry(by_id(world, "hires", "hi_13"))
    assert [row["id"] for row in world.related("customers", context)] == ["cu_08"]
    assert [row["id"] for row in world.related("gear", context)] == ["gr_01", "gr_02"]


def test_a_world_after_changes_leaves_the_first_as_it_was(bench: Bench) -> None:
    start = bench.inputs.start
    gear = start.where("gear", "id", "gr_01")[0]
    after = start.after(
        [
            {"table": "gear", "op": "update", "key": ["gr_01"], "before": {"free": 2}, "after": {"free": 0}},
            {"table": "hire_gear", "op": "delete", "key": ["hi_18", "gr_01"], "before": {}},
            {
                "table": "harbours",
                "op": "insert",
                "key": ["hb_x"],
                "after": {"id": "hb_x", "name": "X", "country": "XX"},
            },
        ]
    )
    assert after.where("gear", "id", "gr_01") == [{**gear, "free": 0}]
    assert start.where("gear", "id", "gr_01") == [gear]
    assert len(after.rows("hire_gear")) == len(start.rows("hire_gear")) - 1
    assert after.changed([{"table": "harbours", "op": "insert", "key": ["hb_x"], "after": {}}])[0].row["name"] == "X"
