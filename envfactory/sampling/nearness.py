"""How well two environments go together in one conversation: cities they share, the time of the year, the domain."""

from __future__ import annotations

from datetime import datetime

from envfactory.sampling.views import EnvironmentView

_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_CITY = ("city", "region")
_DAYS = 45
_SAME_DAYS = 20


def nearness(one: EnvironmentView, other: EnvironmentView) -> float:
    """Return a weight of at least 1."""
    shared = len(cities(one) & cities(other))
    return (
        1
        + 3 * min(shared, 3)
        + (4 if days_between(one, other) <= _DAYS else 0)
        + (2 if _same_domain(one, other) else 0)
    )


def connected(one: EnvironmentView, other: EnvironmentView) -> bool:
    """Tell whether a person could have one reason to turn to both: a city in both, or the same days."""
    return bool(cities(one) & cities(other)) or days_between(one, other) <= _SAME_DAYS


def cities(view: EnvironmentView) -> set[str]:
    """Return the names of cities that an environment's rows hold."""
    found = set()
    for table, facts in view.schema.tables.items():
        for column in facts.columns:
            if column in _CITY:
                found |= {str(row[column]) for row in view.world.rows(table)}
    return found


def days_between(one: EnvironmentView, other: EnvironmentView) -> int:
    """Return how many days lie between two environments' clocks."""
    return abs((datetime.strptime(one.now, _STAMP) - datetime.strptime(other.now, _STAMP)).days)


def _same_domain(one: EnvironmentView, other: EnvironmentView) -> bool:
    return one.reference.domain == other.reference.domain
