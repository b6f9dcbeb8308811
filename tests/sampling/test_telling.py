"""What answers must state: kinds of values, names of a few rows, nothing that was told before."""

from __future__ import annotations

import random

import pytest

from envfactory.sampling.paths import Record, records
from envfactory.sampling.selecting import Selector
from envfactory.sampling.telling import Teller, currency_of, kind_of
from envfactory.sampling.views import EnvironmentView


@pytest.fixture
def teller(view: EnvironmentView) -> Teller:
    return Teller(view, Selector(view))


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("total_cents", 1200, "money"),
        ("nights", 3, "number"),
        ("paid", True, "boolean"),
        ("day", "2026-06-01", "date"),
        ("starts_at", "2026-06-01T08:00:00Z", "datetime"),
        ("opens", "08:30", "time"),
        ("boat", "Bura", "text"),
    ],
)
def test_a_value_is_told_by_its_kind(name: str, value: object, kind: str) -> None:
    assert kind_of(name, value) == kind


def test_a_few_rows_are_told_by_name(view: EnvironmentView, teller: Teller) -> None:
    result = {"boats": [{"boat_id": "bt_05", "name": "Bura"}, {"boat_id": "bt_06", "name": "Maestral"}]}
    facts = teller.facts(view.tools["search_boats"], list(records(result)), 4, random.Random(1))
    assert [(fact.name, fact.value, fact.path) for fact in facts] == [
        ("name", "Bura", "boats[0].name"),
        ("name", "Maestral", "boats[1].name"),
    ]


def test_many_rows_are_counted(view: EnvironmentView, teller: Teller) -> None:
    result = {"boats": [{"boat_id": f"bt_0{n}", "name": f"Boat {n}"} for n in range(7)]}
    facts = teller.facts(view.tools["search_boats"], list(records(result)), 0, random.Random(1))
    assert [(fact.name, fact.value, fact.path) for fact in facts] == [("count", 7, "boats[]")]


def test_rows_of_one_name_are_counted_where_nothing_tells_them_apart(view: EnvironmentView, teller: Teller) -> None:
    """Six rides to four places were once told as four rides."""
    result = {"boats": [{"boat_id": "bt_05", "name": "Bura"}, {"boat_id": "bt_06", "name": "Bura"}]}
    facts = teller.facts(view.tools["search_boats"], list(records(result)), 0, random.Random(1))
    assert [(fact.name, fact.value) for fact in facts] == [("count", 2)]


def test_a_thing_that_is_offered_twice_is_told_once(view: EnvironmentView, teller: Teller) -> None:
    result = {"boats": [{"boat_id": "bt_05", "name": "Bura", "day_cents": cents} for cents in (4_000, 5_000)]}
    facts = teller.facts(view.tools["search_boats"], list(records(result)), 0, random.Random(1))
    assert [(fact.name, fact.value) for fact in facts] == [("name", "Bura")]


def test_nothing_is_asked_that_was_told(view: EnvironmentView, teller: Teller) -> None:
    result = {"hire_id": "hi_10", "status": "pending", "crew": 4}
    known = {("status", "'pending'")}
    facts = teller.facts(view.tools["get_hire"], list(records(result)), 0, random.Random(1), known=known)
    assert [(fact.name, fact.value) for fact in facts] == [("crew", 4)]


def test_a_refusal_carries_words_of_its_reason(view: EnvironmentView, teller: Teller) -> None:
    fact = teller.refusal(view.tools["book_boat"], "NOT_AVAILABLE", 3)[0]
    assert (fact.kind, fact.value, fact.call) == ("refusal", "NOT_AVAILABLE", 3)
    assert {"boat", "taken"} <= set(fact.terms)


def test_sums_are_in_the_currency_that_their_row_names() -> None:
    (euro, odd) = (Record("", {"total_minor": 1200, "currency": each}) for each in ("CHF", "currency"))
    assert (currency_of(euro), currency_of(odd)) == ("CHF", "")
