"""What two environments have in common, and whether what was said in one can come up in the other at all."""

from __future__ import annotations

from copy import copy

import pytest

from envfactory.sampling.nearness import connected, could_meet, nearness
from envfactory.sampling.views import EnvironmentView


def placed(view: EnvironmentView, now: str, *cities: str, days: tuple[str, ...] = ()) -> EnvironmentView:
    """Return an environment like `view` in other cities, at another time."""
    made = copy(view)
    made.now = now
    places = {each.casefold() for each in cities}
    vars(made).update(cities=frozenset(cities), places=frozenset(places), days=frozenset(days))
    return made


@pytest.fixture
def inns(view: EnvironmentView) -> EnvironmentView:
    return placed(view, "2027-03-09T08:00:00Z", "Porto", "Vienna")


@pytest.fixture
def tables(view: EnvironmentView) -> EnvironmentView:
    return placed(view, "2027-11-18T15:30:00Z", "Porto", days=("2027-11-20", "2028-03-01"))


@pytest.mark.parametrize(
    ("topic", "meets"),
    [
        ("porto", True),
        ("porto campanha", True),  # a station of a city that both have
        ("vienna", False),
        ("2027-11-17", False),  # over by then
        ("2027-12-10", True),
        ("2028-01-05", False),  # nobody has such a day in mind there
        ("2028-03-01", True),  # but its rows hold this one
        ("4 people", False),  # other people, so long after
    ],
)
def test_what_was_said_comes_up_elsewhere_by_its_place_or_day(
    inns: EnvironmentView, tables: EnvironmentView, topic: str, meets: bool
) -> None:
    assert could_meet(inns, tables, {topic}) == meets


def test_a_party_is_the_same_one_within_a_season(view: EnvironmentView, tables: EnvironmentView) -> None:
    soon = placed(view, "2027-12-20T08:00:00Z")
    assert could_meet(tables, soon, {"4 people"})
    assert not could_meet(tables, soon, set())


def test_a_common_city_connects(inns: EnvironmentView, tables: EnvironmentView, view: EnvironmentView) -> None:
    assert connected(inns, tables)
    assert not connected(inns, placed(view, "2027-11-18T15:30:00Z", "Rome"))
    assert nearness(inns, tables) == 1 + 3 + 2  # one city, one domain


def test_a_view_knows_the_cities_places_and_days_of_its_rows(view: EnvironmentView) -> None:
    assert view.cities == frozenset()  # harbours have a country alone
    assert {"pt", "hr", "ie", "de"} <= view.places
    assert {row["start_date"] for row in view.world.rows("hires")} <= view.days
