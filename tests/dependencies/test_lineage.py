import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.lineage import canonical, fields, slots


@pytest.mark.parametrize(
    ("tool", "path", "column", "repeats"),
    [
        ("search_boats", "boats[].boat_id", ("boats", "id"), ""),
        ("search_boats", "boats[].total_cents", None, ""),
        ("get_boat", "harbour", ("harbours", "name"), ""),
        ("book_boat", "hire_id", ("hires", "id"), ""),
        ("book_boat", "total_cents", None, ""),
        ("confirm_hire", "hire_id", ("hires", "id"), "hire_id"),
        ("confirm_hire", "payment_id", ("payments", "id"), ""),
        ("compare_boats", "cheapest_boat_id", ("boats", "id"), ""),
        ("rate_boat", "boat_id", ("hires", "boat_id"), ""),
        ("list_hires", "hires[].boat", ("boats", "name"), ""),
    ],
)
def test_a_result_s_field_is_traced_to_its_column(
    bench: Bench, tool: str, path: str, column: tuple[str, str] | None, repeats: str
) -> None:
    found = {field.path: field for field in fields(bench.contracts.tool(tool), bench.inputs.schema)}
    assert (found[path].column, found[path].repeats) == (column, repeats)


def test_parameters_that_name_rows_are_told_with_their_key(bench: Bench) -> None:
    found = {slot.path: slot.column for slot in slots(bench.inputs.facts["book_boat"], bench.inputs.schema)}
    assert found == {"customer_id": ("customers", "id"), "boat_id": ("boats", "id")}


def test_items_of_a_list_are_such_parameters_too(bench: Bench) -> None:
    (slot,) = slots(bench.inputs.facts["compare_boats"], bench.inputs.schema)
    assert (slot.path, slot.column) == ("boat_ids[]", ("boats", "id"))


def test_a_foreign_key_stands_for_what_it_refers_to(bench: Bench) -> None:
    assert canonical(("hire_gear", "hire_id"), bench.inputs.schema) == ("hires", "id")
    assert canonical(("hires", "status"), bench.inputs.schema) == ("hires", "status")
