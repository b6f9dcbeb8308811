"""Compiled code does exactly what the contracts say, and reads like code a person wrote."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfactory.environments.contract import Contracts
from envfactory.synthesis.coder import write_tools
from tests.synthesis.differential import Rows, accepted, differences

HOTEL = Path(__file__).parents[2].parent / "shared" / "probes" / "documents" / "hotel"
PARCELS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "parcels.yaml").read_text())
SCHEMA: str = PARCELS["schema"]
ROWS: Rows = PARCELS["rows"]


def contracts_of(tools: list[dict[str, Any]]) -> Contracts:
    return Contracts.model_validate({"now": "2026-05-12T08:00:00Z", "tools": tools})


def asker(guard: str) -> dict[str, Any]:
    return {**PARCELS["asker"], "steps": [*PARCELS["asker"]["steps"], {"guard": guard, "else": "REFUSED"}]}


@pytest.mark.parametrize("guard", PARCELS["guards"])
def test_every_kind_of_guard_decides_as_the_contract_does(guard: str) -> None:
    contracts = contracts_of([asker(guard)])

    code = write_tools(contracts, SCHEMA)

    assert list(differences(contracts, SCHEMA, ROWS, code, seed=1, calls=250)) == []


@pytest.mark.parametrize("seed", range(4))
def test_writes_lists_objects_and_booleans_do_as_the_contract_does(seed: int) -> None:
    contracts = contracts_of([*PARCELS["writers"], asker(":flag")])

    code = write_tools(contracts, SCHEMA)

    assert list(differences(contracts, SCHEMA, ROWS, code, seed=seed, calls=400)) == []
    assert accepted(contracts, SCHEMA, ROWS, seed, 400) >= {"pack", "drop", "ask"}


@pytest.mark.parametrize("seed", range(3))
def test_the_hotel_document_compiles_to_the_same_behaviour(seed: int) -> None:
    if not HOTEL.exists():
        pytest.skip(f"no {HOTEL}")
    given = json.loads((HOTEL / "contracts.json").read_text())
    schema, rows = (HOTEL / "schema.sql").read_text(), {table: list(made) for table, made in hotel_rows()}
    contracts = Contracts.model_validate({"now": given["now"], "tools": [adapted(tool) for tool in given["tools"]]})

    code = write_tools(contracts, schema)

    assert list(differences(contracts, schema, rows, code, seed=seed, calls=800)) == []
    assert len(accepted(contracts, schema, rows, seed, 800)) >= 10


def adapted(tool: dict[str, Any]) -> dict[str, Any]:
    """The spike's spelling in today's: `params` and `required` joined, snake case, messages added."""
    kept = {key: value for key, value in tool.items() if key not in ("params", "required")}
    parameters = {name: {**schema, "required": name in tool["required"]} for name, schema in tool["params"].items()}
    for schema in parameters.values():
        if "maxLength" in schema:
            schema["max_length"] = schema.pop("maxLength")
    codes = [step["else"] for step in tool["steps"] if "else" in step]
    values = {
        name: value["value"] for name, value in tool["result"].items() if isinstance(value, dict) and "value" in value
    }
    errors = {code: {"message": code.lower()} for code in codes}
    return {**kept, "parameters": parameters, "result": {**tool["result"], **values}, "errors": errors}


def hotel_rows() -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    numbers, created = (1, 2, 3), "2026-03-01T00:00:00Z"
    states = ["pending", "pending", "confirmed", "confirmed", "confirmed", "checked_in", "checked_in"] * 3
    yield "cities", ({"id": f"c{i}", "name": name, "country": "XX"} for i, name in enumerate(["Lisbon", "Ghent"]))
    yield "policies", iter([{"id": "flex", "name": "Flexible", "free_days": 2, "penalty_percent": 33}])
    yield "hotels", ({"id": f"h{i}", "city_id": f"c{i % 2}", "name": f"House {i}", "stars": i} for i in numbers)
    room = {"policy_id": "flex", "name": "Double", "allotment": 2}
    yield (
        "room_types",
        ({"id": f"r{i}", "hotel_id": f"h{i}", **room, "capacity": i, "price_cents": 7001 + i} for i in numbers),
    )
    yield "guests", ({"id": f"g{i}", "name": "A", "email": f"g{i}@x.org", "tier": ["basic", "gold"][i]} for i in (0, 1))
    stay = {
        "check_in": "2026-03-10",
        "check_out": "2026-03-12",
        "guests": 1,
        "total_cents": 14004,
        "created_at": created,
    }
    yield (
        "bookings",
        (
            {"id": f"b{i}", "guest_id": f"g{i % 2}", "room_type_id": f"r{i % 3 + 1}", "status": state, **stay}
            for i, state in enumerate(states)
        ),
    )
    yield (
        "room_nights",
        (
            {"room_type_id": f"r{i}", "night": f"2026-03-{day:02d}", "available": 2 + day % 2}
            for i in numbers
            for day in range(1, 31)
        ),
    )
    charge = {"method": "card", "amount_cents": 14004, "kind": "charge", "created_at": created}
    yield "payments", iter([{"id": "py", "booking_id": "b2", **charge}])


def test_simple_guards_are_comparisons_and_look_ups_are_named() -> None:
    contracts = contracts_of([tool for tool in PARCELS["writers"] if tool["name"] == "send"])

    code = write_tools(contracts, SCHEMA)

    assert code[code.index("    parcel = ") :] == (
        '    parcel = ctx.one("SELECT * FROM parcels WHERE id = :parcel_id", parcel_id=parcel_id)\n'
        "    if not parcel:\n"
        '        raise ToolError("PARCEL_NOT_FOUND", "No such parcel.")\n'
        '    if parcel["owner"] != person_id:\n'
        '        raise ToolError("NOT_YOURS", "Not yours.")\n'
        '    if parcel["state"] not in ("open", "lost"):\n'
        '        raise ToolError("NOT_OPEN", "Not open.")\n'
        '    if parcel["pieces"] is None or parcel["pieces"] <= 0:\n'
        '        raise ToolError("EMPTY", "Empty.")\n'
        "\n"
        "    ctx.execute(\"UPDATE parcels SET state = 'sent' WHERE id = :parcel_id\", parcel_id=parcel_id)\n"
        '    return {"parcel_id": parcel_id, "state": "sent"}\n'
    )


def test_every_statement_is_a_literal() -> None:
    code = write_tools(contracts_of(PARCELS["writers"]), SCHEMA)

    calls = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    methods = ("one", "all", "value", "execute")
    statements = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in methods]
    assert len(statements) >= 10
    assert all(isinstance(statement, ast.Constant) and isinstance(statement.value, str) for statement in statements)
