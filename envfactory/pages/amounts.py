"""Times, amounts and sizes as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def span(seconds: float) -> str:
    """Return how long something took: short times to a tenth, long ones in hours."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return duration(seconds) if seconds < 3600 else f"{int(seconds // 3600)} h {round(seconds % 3600 / 60)} min"


def moment(nanoseconds: int) -> str:
    """Return a moment, in UTC."""
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def money(cost: float | None) -> str:
    """Return US dollars; a dash where nothing is known."""
    return "–" if cost is None else f"${cost:.4f}" if cost < 1 else f"${cost:,.2f}"


def count(number: int, what: str = "") -> str:
    """Return a number with thousands apart, and what it counts, in the plural unless it is one."""
    told = f"{number:,}".replace(",", " ")  # a thin space, which never breaks a line
    return told if not what else f"{told} {what}{'' if number == 1 else 's'}"


def size(characters: int) -> str:
    """Return the length of a text."""
    if characters < 1_000:
        return f"{characters} chars"
    return f"{characters / 1_000:.0f} k chars" if characters < 1_000_000 else f"{characters / 1_000_000:.1f} M chars"
