"""Values in the form and within the bounds that a parameter takes: numbers kept in range, moments in its format."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from envfactory.sampling.views import Slot

STAMP = "%Y-%m-%dT%H:%M:%SZ"
_SOME_DAY = datetime(2000, 1, 1)


def bounded(slot: Slot, value: int) -> int:
    """Return the nearest value that the parameter allows."""
    low, high = slot.parameter.minimum, slot.parameter.maximum
    value = max(value, int(low)) if low is not None else value
    return min(value, int(high)) if high is not None else value


def parsed(text: str, otherwise: datetime | None = None) -> datetime:
    """Return the moment that a day or an instant says; `otherwise` (else some day) where it says none."""
    return _parsed(text) or otherwise or _SOME_DAY


@lru_cache(maxsize=4096)
def _parsed(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, STAMP if "T" in text else "%Y-%m-%d")
    except ValueError:
        return None


def shaped(slot: Slot, moment: datetime) -> str:
    """Return a moment as the parameter takes it: a day, a time of day or an instant."""
    if slot.role == "date":
        return moment.strftime("%Y-%m-%d")
    return moment.strftime("%H:%M") if slot.role == "time" else moment.strftime(STAMP)
