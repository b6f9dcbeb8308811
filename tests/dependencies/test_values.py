from typing import Any

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from tests.gate import edits, harbour
from tests.support import LocalWorker


def _with_a_list_of_boats(tools: dict[str, dict[str, Any]]) -> None:
    tools["search_boats"]["result"]["choices"] = {
        "rows": "SELECT id AS harbour_id, (SELECT json_group_array(id) FROM (SELECT id FROM boats"
        " WHERE harbour_id = harbours.id ORDER BY id)) AS boat_ids FROM harbours ORDER BY id",
        "json_columns": ["boat_ids"],
    }


def test_a_list_shown_in_one_field_is_no_value_of_the_parameter_that_takes_its_items() -> None:
    with Bench(harbour.environment(contracts=edits.contracts(_with_a_list_of_boats)), LocalWorker) as bench:
        found = build_graph(bench)
    into = {(edge.producer, edge.field) for edge in found.value_edges if edge.consumer == "compare_boats"}
    assert ("list_hires", "hires[].boat_id") in into or ("search_boats", "boats[].boat_id") in into
    assert not any(field.endswith("boat_ids") for _, field in into)
