"""The tools of the kennel: parameters, guards and effects."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from envfactory.resources.model import Operation
from envfactory.synthesis.inference import Inferred, infer
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.tools_write import build_create
from envfactory.synthesis.inference.world import Column, Entity, Tool, World
from tests.synthesis.inference.world import entity, kennel, reference


@cache
def inferred() -> Inferred:
    return infer(kennel(), limit=16)


def tool(name: str) -> Operation:
    return next(operation for operation in inferred().resource.operations if operation.name == name)


def note(name: str) -> dict[str, Any]:
    found: dict[str, Any] = tool(name).extensions["x-env"]
    return found


def codes(name: str) -> set[str]:
    return set(note(name).get("errors", {}))


def parameters(name: str) -> dict[str, bool]:
    return {parameter.name: parameter.required for parameter in tool(name).parameters}


def test_every_tool_is_named_verb_and_noun() -> None:
    assert {operation.name for operation in inferred().resource.operations} == {
        "list_owners", "create_owner", "get_owner", "delete_owner", "list_dogs", "create_dog", "get_dog", "update_dog", "list_stays",
        "create_stay", "get_stay", "update_stay", "cancel_stay", "list_kennels", "lock_kennel", "unlock_kennel",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("list_owners", {"city": False, "query": False, "limit": False}),
        ("list_dogs", {"owner_id": True, "breed": False}),
        ("create_owner", {"name": True, "email": True, "city": False}),
        ("get_dog", {"owner_id": True, "dog_id": True}),
        ("cancel_stay", {"stay_id": True}),
        ("list_stays", {"status": False, "starts_after": False}),
    ],
)
def test_parameters(name: str, expected: dict[str, bool]) -> None:
    assert parameters(name) == expected


def test_creating_inside_a_container_asks_for_it_first() -> None:
    first, *others = parameters("create_dog").items()

    assert first == ("owner_id", True)
    assert dict(others) == {"name": True, "breed": False, "weight": False}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("create_stay", {"DOG_NOT_FOUND", "KENNEL_NOT_FOUND", "STAY_PERIOD_INVALID"}),
        (
            "update_stay",
            {
                "STAY_NOT_FOUND",
                "NOTHING_TO_UPDATE",
                "STAY_CANNOT_BE_UPDATED",
                "STAY_PERIOD_INVALID",
                "KENNEL_NOT_FOUND",
                "DOG_NOT_FOUND",
            },
        ),
        ("cancel_stay", {"STAY_NOT_FOUND", "STAY_CANNOT_BE_CANCELLED"}),
        ("lock_kennel", {"KENNEL_NOT_FOUND", "KENNEL_ALREADY_LOCKED"}),
        ("unlock_kennel", {"KENNEL_NOT_FOUND", "KENNEL_NOT_LOCKED"}),
        ("get_dog", {"DOG_NOT_FOUND"}),
        ("create_owner", {"OWNER_EMAIL_TAKEN"}),
    ],
)
def test_errors(name: str, expected: set[str]) -> None:
    assert codes(name) == expected


def test_the_description_says_in_which_state_a_stay_may_be_changed() -> None:
    guards = [step["guard"] for step in note("update_stay")["steps"] if step.get("else") == "STAY_CANNOT_BE_UPDATED"]

    assert guards == ["$stay.status IN ('booked')"]


def test_cancelling_moves_along_the_life_cycle_and_says_when() -> None:
    assert note("cancel_stay")["effects"] == [
        {"transition": "stay", "else": "STAY_CANNOT_BE_CANCELLED", "set": {"cancelled_at": "$now"}}
    ]


def test_a_flag_is_turned_with_its_date() -> None:
    locking, unlocking = (note(f"{verb}_kennel")["effects"][0]["set"] for verb in ("lock", "unlock"))

    assert locking == {"locked": "1", "locked_at": "$now"}
    assert unlocking == {"locked": "0", "locked_at": "NULL"}


def test_a_status_that_is_a_life_cycle_is_set_by_no_other_tool() -> None:
    assert "status" not in parameters("create_stay")
    assert "status" not in parameters("update_stay")


def test_an_owner_takes_the_dogs_along_unless_they_have_stays() -> None:
    assert [effect["delete"] for effect in note("delete_owner")["effects"]] == ["owners"]
    assert "OWNER_HAS_DOGS" in codes("delete_owner")


def test_unknown_verbs_and_empty_operations_are_dropped_with_a_reason() -> None:
    dropped = inferred().dropped

    assert "defumigateKennel" in dropped
    assert dropped["health"]


def test_every_guard_cites_the_document() -> None:
    steps = [
        step for operation in inferred().resource.operations for step in operation.extensions["x-env"].get("steps", [])
    ]

    assert all(step["cite"].startswith("#/") for step in steps if "guard" in step)
    assert any("guard" in step for step in steps)


def created(made: Entity, parent: Entity) -> Tool:
    reading = Reading(Operation(id="create", name="create"), "create", "create", made.noun)
    tool = build_create(made, reading, World({parent.noun: parent, made.noun: made}))
    assert isinstance(tool, Tool)
    return tool


def named() -> Column:
    return Column("name", "string", "", role="name", on_create=True, needed=True)


def test_the_container_stays_looked_up_where_another_column_asks_by_the_same_parameter() -> None:
    made = entity(
        "shop",
        named(),
        reference("first_town_id", "towns"),
        reference("town_id", "towns", nullable=True),
        parent="town",
        parent_column="first_town_id",
    )

    tool = created(made, entity("town", named()))

    assert tool.note["lookups"]["town_id"]["let"] == "town"
    assert tool.note["effects"][0]["set"]["town_id"] == ":town_id"


def test_the_containers_row_and_a_parameter_of_its_name_are_told_apart() -> None:
    town = Column("town", "string", "What the town is called.", on_create=True)
    made = entity("shop", named(), town, reference("town_id", "towns"), parent="town", parent_column="town_id")

    tool = created(made, entity("town", named()))

    assert tool.note["lookups"]["town_id"]["let"] == "town_row"
    assert "town" in [parameter.name for parameter in tool.parameters]
