"""Roles of parameters, classes of tools, where it is seen whose a row is."""

from __future__ import annotations

import pytest

from envfactory.sampling.views import EnvironmentView, looks_like_code


@pytest.mark.parametrize(
    ("tool", "parameter", "role"),
    [
        ("book_boat", "customer_id", "person"),
        ("find_customer", "email", "contact"),
        ("book_boat", "boat_id", "key"),
        ("compare_boats", "boat_ids", "key"),
        ("book_boat", "start_date", "date"),
        ("book_boat", "crew", "count"),
        ("search_boats", "max_day_cents", "money"),
        ("search_boats", "kind", "choice"),
        ("search_boats", "limit", "paging"),
        ("search_boats", "harbour", "text"),
    ],
)
def test_a_parameter_has_its_role(view: EnvironmentView, tool: str, parameter: str, role: str) -> None:
    assert view.tools[tool].slots[parameter].role == role


@pytest.mark.parametrize(
    ("tool", "verb", "subject"),
    [
        ("search_boats", "search", "boats"),
        ("get_boat", "detail", "boats"),
        ("list_hires", "list", "hires"),
        ("book_boat", "create", "hires"),
        ("add_gear", "add", "hires"),
        ("cancel_hire", "cancel", "hires"),
    ],
)
def test_a_tool_without_frames_has_its_class(view: EnvironmentView, tool: str, verb: str, subject: str) -> None:
    assert (view.tools[tool].verb, view.tools[tool].subject) == (verb, subject)


def test_the_person_is_found_by_their_contact(view: EnvironmentView) -> None:
    assert view.person_key == ("customers", "id")
    assert [(tool.name, contact.name) for tool, contact in view.identify] == [("find_customer", "email")]


def test_a_row_belongs_to_whom_it_refers(view: EnvironmentView) -> None:
    assert view.owner("hires") == "customer_id"
    assert view.owner("boats") is None


@pytest.mark.parametrize(
    ("value", "is_code"),
    [
        ("bt_01", True),
        ("tr_rj61_0316", True),
        ("rd_7hq2mfx4", True),
        ("Porto", False),
        ("2026-05-12", False),
        (7, False),
    ],
)
def test_nobody_says_a_code(value: object, is_code: bool) -> None:
    assert looks_like_code(value) is is_code
