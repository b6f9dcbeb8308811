"""Operations to contracts: look-ups, fill-in, transitions, lists, default results, messages, and clear faults."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.environments.contract import Contract, GuardStep
from envfactory.errors import DesignError
from envfactory.synthesis.contracts import write_contracts
from envfactory.synthesis.tables import read_tables
from tests.synthesis.documents import Change, contract, operation, schema, workshop

BIKE_COLUMNS = "id, customer_id, weight, colour, gears, frame_number, tags, electric, added_at"


def dumped(model: Contract) -> dict[str, Any]:
    """The contract as contracts.json has it."""
    found: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return found


def test_a_parameter_that_names_a_row_is_looked_up_and_the_row_is_the_result() -> None:
    found = dumped(contract("get_bike"))

    assert found["steps"] == [
        {"let": "bike", "row": "SELECT * FROM bikes WHERE id = :bike_id", "else": "BIKE_NOT_FOUND"}
    ]
    assert found["result"] == {
        "bike": {
            "row": f"SELECT {BIKE_COLUMNS} FROM bikes WHERE id = $bike.id",
            "booleans": ["electric"],
            "json_columns": ["tags"],
        }
    }
    assert found["errors"] == {"BIKE_NOT_FOUND": {"message": "Bike not found."}}


def test_source_and_description_come_from_the_operation() -> None:
    found = contract("list_bikes")

    assert found.description == "List bikes. Lists the bikes of the workshop."
    assert found.source is not None
    assert (found.source.operation, found.source.citation) == ("listBikes", "#/paths/~1bikes/get")


def test_parameters_keep_bounds_enums_defaults_and_descriptions() -> None:
    parameters = dumped(contract("list_bikes"))["parameters"]

    assert parameters["limit"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 50,
        "default": 10,
        "description": "Most bikes.",
    }
    assert parameters["colour"] == {
        "type": "string",
        "required": True,
        "enum": ["red", "blue"],
        "description": "The colour.",
    }
    assert parameters["gears"]["items"] == {"type": "integer"}
    assert parameters["customer_id"]["ref"] == "customers.id"


def test_a_list_filters_by_name_and_by_statement_in_a_total_order() -> None:
    found = dumped(contract("list_bikes"))

    assert found["kind"] == "read"
    assert found["result"]["bikes"]["rows"] == (
        f"SELECT {BIKE_COLUMNS} FROM bikes"
        " WHERE (:customer_id IS NULL OR customer_id = :customer_id) AND colour = :colour"
        " AND (:heavier_than IS NULL OR weight > :heavier_than)"
        " AND (:gears IS NULL OR gears IN (SELECT value FROM json_each(:gears)))"
        " ORDER BY weight DESC, id LIMIT :limit"
    )


def test_an_insert_is_filled_in_from_parameters_defaults_ids_and_the_clock() -> None:
    found = dumped(contract("add_bike"))

    assert found["steps"][-1] == {"let": "new_bike", "new_id": "bk"}
    assert found["effects"][0]["set"] == {
        "id": "$new_bike",
        "customer_id": ":customer_id",
        "weight": ":weight",
        "colour": "COALESCE(:colour, 'red')",
        "gears": "NULL",
        "frame_number": "NULL",
        "tags": "'[]'",
        "electric": "0",
        "added_at": "$now",
    }
    assert found["result"]["bike"]["row"].endswith(" FROM bikes WHERE id = $new_bike")
    assert found["parameters"]["weight"]["minimum"] == 0.01


def test_an_optional_reference_is_looked_up_only_where_it_is_given() -> None:
    found = dumped(contract("open_job"))

    assert found["steps"][1:3] == [
        {"let": "helper", "row": "SELECT * FROM customers WHERE id = :helper_id", "optional": True},
        {
            "guard": ":helper_id IS NULL OR $helper.id IS NOT NULL",
            "else": "HELPER_NOT_FOUND",
            "cite": "#/paths/~1jobs/post",
        },
    ]


def test_a_word_of_python_gets_another_name_in_parameters_and_sql() -> None:
    found = dumped(contract("open_job"))

    assert "from_" in found["parameters"]
    assert found["steps"][3]["guard"] == ":from_ IS NULL OR :from_ >= $today"
    assert found["effects"][0]["set"]["starts_on"] == "COALESCE(:from_, $today)"


def test_an_insert_for_each_row_takes_what_is_set_and_keeps_its_condition() -> None:
    found = dumped(contract("open_job"))

    assert found["effects"][0]["set"]["state"] == "'open'"
    assert found["effects"][1] == {
        "insert": "job_parts",
        "set": {"job_id": "$new_job", "part_id": "$each.id", "amount": "1"},
        "each": "SELECT id FROM parts ORDER BY id",
        "when": ":urgent",
    }


def test_a_transition_guards_the_state_and_moves_it_along_the_life_cycle() -> None:
    found = dumped(contract("move_job"))

    assert found["steps"][1] == {
        "guard": "$job.state IN ('open', 'done')",
        "else": "INVALID_STATUS",
        "cite": "#/paths/~1jobs~1{job_id}~1move/post",
    }
    assert found["effects"] == [
        {
            "update": "jobs",
            "where": "id = $job.id",
            "set": {
                "state": "CASE $job.state WHEN 'open' THEN 'done' WHEN 'done' THEN 'paid' END",
                "fee_cents": "COALESCE(:fee_cents, 0)",
            },
        }
    ]
    assert set(found["result"]) == {"job"}


def test_a_deletion_answers_with_the_key_and_keeps_citation_and_subsumption() -> None:
    found = dumped(contract("remove_bike"))

    assert found["effects"] == [{"delete": "bikes", "where": "id = $bike.id"}]
    assert found["result"] == {"bike_id": "$bike.id", "deleted": {"boolean": "1"}}
    assert found["errors"]["BIKE_HAS_JOBS"] == {"message": "There are jobs.", "subsumed_by": "BIKE_NOT_FOUND"}
    assert found["steps"][1]["cite"] == "the manual"


def test_every_guard_has_a_citation() -> None:
    resource = workshop()

    tools = write_contracts(resource, read_tables(resource), None, []).tools

    guards = [step for tool in tools for step in tool.steps if isinstance(step, GuardStep)]
    assert len(guards) >= 4
    assert all(guard.cite for guard in guards)


def test_the_whole_has_clock_principal_life_cycles_invariants_and_formats() -> None:
    resource = workshop()

    found = write_contracts(resource, read_tables(resource), ["getBike", "moveJob"], [])

    assert [tool.name for tool in found.tools] == ["get_bike", "move_job"]
    assert (found.now, found.principal) == ("2026-05-12T08:00:00Z", "customers")
    assert found.lifecycles[0].transitions == {"move_job": [("open", "done"), ("done", "paid")]}
    assert [rule.name for rule in found.invariants] == ["no_lost_bikes", "bikes_light"]
    assert found.column_formats["customers.email"] == "email"


def on(path: str, method: str, **notes: Any) -> Change:
    return lambda document: operation(document, path, method).setdefault("x-env", {}).update(notes)


def new_parameter(path: str, method: str, name: str, kind: str, *, required: bool = True) -> Change:
    parameter = {"name": name, "in": "query", "required": required, "schema": {"type": kind}}
    return lambda document: operation(document, path, method).setdefault("parameters", []).append(parameter)


def transitions(**moves: Any) -> Change:
    return lambda document: schema(document, "Job")["x-env"]["lifecycle"]["transitions"].update(moves)


BIKES, BIKE, JOBS, JOB = "/bikes", "/bikes/{bike_id}", "/jobs", "/jobs/{job_id}/move"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (on(BIKE, "get", kind="write"), "getBike: is said to be a write tool but has no effects"),
        (on(BIKES, "post", effects=[]), "addBike: changes nothing"),
        (on(BIKE, "get", effects=[{"delete": "bikes", "of": "bike"}]), "getBike: is a GET but has effects"),
        (on(BIKE, "get", result={"a": "$bike.id"}, list={"table": "bikes"}), "states both `result` and `list`"),
        (on(BIKE, "get", result={"rows": "SELECT 1"}), "the result has no name"),
        (on(BIKE, "get", steps=[{"let": "bike", "value": "1"}]), "the name bike is given twice"),
        (on(BIKE, "get", steps=[{"guard": "1"}]), "getBike: the step .*Field required"),
        (on(BIKE, "get", errors={"GONE": "Gone."}), "declares the error GONE, which no step raises"),
        (on(BIKE, "get", lookups={"bik_id": False}), "lookups names bik_id"),
        (on(BIKE, "get", steps=[{"guard": "$trike.id = 1", "else": "X"}]), r"\$trike is not defined"),
        (on(BIKES, "get", list={"table": "cars"}), "list names cars, which is no table"),
        (on(BIKES, "get", list={"table": "customers"}), "the parameter customer_id filters nothing"),
        (on(BIKES, "post", effects=[{"insert": "bikes", "set": {"wheels": "2"}}]), "sets wheels, which bikes does not"),
        (on(BIKES, "post", effects=[{"insert": "bikes", "update": "bikes"}]), "must be exactly one of"),
        (on(BIKES, "post", effects=[{"insert": "job_parts"}]), "the insert into job_parts gives no job_id"),
        (on(BIKES, "post", effects=[{"update": "bikes", "set": {"gears": 1}}]), "which rows of bikes change is not"),
        (on(BIKE, "delete", effects=[{"transition": "bike"}]), "bikes has no transition by remove_bike"),
        (on(BIKE, "delete", effects=[{"transition": "job"}]), "transition names job, which is no looked-up row"),
        (on(BIKE, "delete", effects=[{"delete": "jobs", "of": "bike"}]), "bike is no row of jobs"),
        (on(BIKE, "get", tool="import"), "import cannot be the name of a tool"),
        (on(BIKE, "get", tool="list_bikes"), "tools named twice: list_bikes"),
        (on(BIKE, "get", note="x"), "x-env of operation getBike: note: Extra inputs"),
        (new_parameter(BIKE, "get", "page", "integer"), "the parameter page has no effect"),
        (new_parameter(BIKE, "get", "map", "object"), "the required parameter map is an object without stated fields"),
        (transitions(lose=[["open", "done"]]), "by lose, which is no tool"),
        (transitions(move_job=[["open", "done"], ["open", "paid"]]), "moves one state to several"),
        (lambda d: d["x-env"].update(principal="people"), "the principal people is no table"),
    ],
)  # fmt: skip
def test_what_is_contradictory_or_missing_is_named_with_the_operation(change: Change, message: str) -> None:
    resource = workshop(change)

    with pytest.raises(DesignError, match=message):
        write_contracts(resource, read_tables(resource), None, [])


def test_an_optional_parameter_without_effect_is_left_out_with_a_remark() -> None:
    resource = workshop(new_parameter(BIKE, "get", "verbose", "boolean", required=False))
    remarks: list[str] = []

    found = write_contracts(resource, read_tables(resource), ["getBike"], remarks)

    assert list(found.tool("get_bike").parameters) == ["bike_id"]
    assert remarks == ["getBike: the parameter verbose has no effect; it was left out"]


def test_an_unknown_operation_is_refused() -> None:
    resource = workshop()

    with pytest.raises(DesignError, match="no operation fly"):
        write_contracts(resource, read_tables(resource), ["fly"], [])
