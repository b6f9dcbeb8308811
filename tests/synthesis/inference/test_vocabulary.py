"""Words for seed data."""

from __future__ import annotations

import pytest

from envfactory.synthesis.inference.vocabulary import is_person, names_for, texts_for


@pytest.mark.parametrize("noun", ["task", "pet_type", "sales_channel", "turbine"])
def test_names_differ_and_are_enough_to_choose_from(noun: str) -> None:
    names = names_for(noun)

    assert len(names) == len(set(names)) >= 6
    assert all(name == name.strip() for name in names)


def test_an_unknown_noun_names_itself() -> None:
    assert all(name.endswith(" Wind Turbine") for name in names_for("wind_turbine"))


@pytest.mark.parametrize(
    ("noun", "expected"), [("customer", True), ("team_member", True), ("memberships", False), ("desk", False)]
)
def test_is_person(noun: str, expected: bool) -> None:
    assert is_person(noun) is expected


def test_texts_fit_the_noun_or_are_neutral() -> None:
    assert texts_for("visit", "description") != texts_for("turbine", "description")
    assert len(texts_for("turbine", "description")) >= 8
