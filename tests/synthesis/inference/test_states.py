"""Life cycles and flags."""

from __future__ import annotations

import pytest

from envfactory.resources.model import Operation
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.states import add_states, closed_states
from envfactory.synthesis.inference.world import Column, Entity, World
from tests.synthesis.inference.world import entity


def actions(noun: str, *verbs: str) -> list[Reading]:
    return [Reading(Operation(id=verb, name=verb), "action", verb, noun, own="id") for verb in verbs]


def with_states(*verbs: str, enum: list[str] | None = None, columns: tuple[Column, ...] = ()) -> Entity:
    made = entity("order", *columns)
    if enum is not None:
        made.columns["status"] = Column(
            "status", "string", "", role="status", enum=list(enum), on_create=True, on_update=True
        )
    add_states(made, actions("order", *verbs), World({"order": made}))
    return made


@pytest.mark.parametrize(
    ("verbs", "enum", "initial", "moves"),
    [
        (("cancel",), ["booked", "cancelled", "finished"], "booked", {"cancel": (["booked"], "cancelled")}),
        (
            ("confirm", "cancel"),
            ["ON_HOLD", "CONFIRMED", "CANCELLED"],
            "ON_HOLD",
            {"confirm": (["ON_HOLD"], "CONFIRMED"), "cancel": (["CONFIRMED", "ON_HOLD"], "CANCELLED")},
        ),
        (("publish",), ["draft", "published"], "draft", {"publish": (["draft"], "published")}),
        (("merge",), ["open", "closed"], "open", {"merge": (["open"], "merged")}),
        (
            ("pause", "resume"),
            ["PAUSED", "ACTIVE", "DELETED"],
            "ACTIVE",
            {"pause": (["ACTIVE"], "PAUSED"), "resume": (["PAUSED"], "ACTIVE")},
        ),
        (
            ("publish", "unpublish"),
            ["draft", "published"],
            "draft",
            {"publish": (["draft"], "published"), "unpublish": (["published"], "draft")},
        ),
        (
            ("enable", "disable"),
            ["PENDING", "ENABLED", "DISABLED"],
            "PENDING",
            {"enable": (["PENDING", "DISABLED"], "ENABLED"), "disable": (["PENDING", "ENABLED"], "DISABLED")},
        ),
        (
            ("enable", "disable"),
            ["ENABLED", "DISABLED", "DELETED"],
            "ENABLED",
            {"enable": (["DISABLED"], "ENABLED"), "disable": (["ENABLED"], "DISABLED")},
        ),
        (
            ("enable", "disable"),
            ["DISABLE_IN_PROGRESS", "ENABLED"],
            "DISABLE_IN_PROGRESS",
            {
                "enable": (["DISABLE_IN_PROGRESS", "DISABLED"], "ENABLED"),
                "disable": (["DISABLE_IN_PROGRESS", "ENABLED"], "DISABLED"),
            },
        ),
    ],
)
def test_verbs_whose_outcome_is_a_status_make_a_life_cycle(
    verbs: tuple[str, ...], enum: list[str], initial: str, moves: dict[str, tuple[list[str], str]]
) -> None:
    cycle = with_states(*verbs, enum=enum).lifecycle

    assert cycle is not None
    assert (cycle.initial, cycle.moves) == (initial, moves)


def test_the_status_of_a_life_cycle_is_not_set_otherwise() -> None:
    status = with_states("cancel", enum=["booked", "cancelled"]).columns["status"]

    assert not status.on_create
    assert not status.on_update


def test_each_state_that_is_entered_has_its_date() -> None:
    made = with_states("confirm", "cancel", enum=["pending", "confirmed", "cancelled"])

    assert made.lifecycle is not None
    assert made.lifecycle.stamps == {"confirmed": "confirmed_at", "cancelled": "cancelled_at"}
    assert made.columns["cancelled_at"].nullable


def test_the_records_own_date_of_a_state_is_used() -> None:
    own = Column("closed_at", "string", "", role="moment", format="date-time", on_update=True)

    made = with_states("close", enum=["open", "closed"], columns=(own,))

    assert made.lifecycle is not None
    assert made.lifecycle.stamps == {"closed": "closed_at"}
    assert not own.on_update


def test_steps_without_a_status_add_one() -> None:
    made = with_states("approve", "decline")

    assert made.lifecycle is not None
    assert made.lifecycle.initial == "pending"
    assert made.columns["status"].enum == ["pending", "approved", "declined"]


def test_a_status_without_values_gets_some() -> None:
    column = Column("state", "string", "")

    made = with_states(columns=(column,))

    assert column.enum == ["active", "inactive"]
    assert made.lifecycle is None


def test_a_pair_of_verbs_turns_a_flag_and_dates_it() -> None:
    made = with_states("lock", "unlock")

    assert (made.turns["lock"].column, made.turns["lock"].value) == ("locked", 1)
    assert made.turns["unlock"].value == 0
    assert made.turns["lock"].stamp == made.turns["unlock"].stamp == "locked_at"


def test_an_existing_flag_is_turned_even_where_it_means_the_opposite() -> None:
    disabled = Column("is_disabled", "boolean", "", role="flag", default=False)

    made = with_states("enable", "disable", columns=(disabled,))

    assert (made.turns["enable"].column, made.turns["enable"].value) == ("is_disabled", 0)
    assert (made.turns["disable"].value, made.turns["disable"].marks) == (1, 1)


@pytest.mark.parametrize(
    ("verbs", "enum", "closed"),
    [
        (("cancel",), ["booked", "cancelled"], ["cancelled"]),
        (("close", "reopen"), ["open", "closed"], []),
        ((), ["booked", "cancelled"], []),
    ],
)
def test_closed_states_are_those_nothing_leads_out_of(
    verbs: tuple[str, ...], enum: list[str], closed: list[str]
) -> None:
    assert closed_states(with_states(*verbs, enum=enum)) == closed


def test_what_undoes_a_step_of_the_life_cycle_turns_no_flag_beside_it() -> None:
    made = with_states("publish", "unpublish", enum=["archived", "published"])

    assert made.turns == {}
    assert "published" not in made.columns
