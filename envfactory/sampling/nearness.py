"""How well two environments go together in one conversation: cities they share, the time of the year, the domain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from envfactory.sampling.views import DAY, EnvironmentView

_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_DAYS = 45
_SAME_DAYS = 20
_SOON = 30  # days ahead that people speak of whatever the rows hold
PARTY = " people"


def nearness(one: EnvironmentView, other: EnvironmentView) -> float:
    """Return a weight of at least 1."""
    shared = len(one.cities & other.cities)
    return (
        1
        + 3 * min(shared, 3)
        + (4 if days_between(one, other) <= _DAYS else 0)
        + (2 if _same_domain(one, other) else 0)
    )


def connected(one: EnvironmentView, other: EnvironmentView) -> bool:
    """Tell whether a person could have one reason to turn to both: a city in both, or the same days."""
    return bool(one.cities & other.cities) or days_between(one, other) <= _SAME_DAYS


def could_meet(one: EnvironmentView, other: EnvironmentView, topics: Collection[str]) -> bool:
    """Tell whether anything that was spoken of in `one` (places, days, a party) could come up in `other` too.

    Most that was can not, where the two share a city in which nothing was done, or a year; all that is tried then is
    in vain.
    """
    if days_between(one, other) <= _DAYS and any(each.endswith(PARTY) for each in topics):
        return True
    shared = {each.casefold() for each in one.cities & other.cities}
    if any(each in other.places or any(city in each for city in shared) for each in topics):
        return True
    soon = shifted(other.now, _SOON)
    return any(other.now[:10] <= each and (each <= soon or each in other.days) for each in topics if DAY.match(each))


def shifted(now: str, days: int) -> str:
    """Return the day so many days later."""
    return (datetime.strptime(now, _STAMP) + timedelta(days=days)).strftime("%Y-%m-%d")


def days_between(one: EnvironmentView, other: EnvironmentView) -> int:
    """Return how many days lie between two environments' clocks."""
    return abs((datetime.strptime(one.now, _STAMP) - datetime.strptime(other.now, _STAMP)).days)


def _same_domain(one: EnvironmentView, other: EnvironmentView) -> bool:
    return one.reference.domain == other.reference.domain
