"""What language models may still be asked: one purse a command, limits on calls, money and time.

A call that is in flight when a limit is reached still ends, and its answer is kept: whoever wants another one waits
for that, and is then told that the budget is spent. Calls are never exceeded; money can be, as far as the calls in
flight cost more than those before them.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from envfactory.config import BudgetConfig
from envfactory.errors import BudgetSpent
from envfactory.events import Usage


class Purse:
    """Counts what is spent. `spent` is what earlier processes of the same run spent; minutes count from now."""

    def __init__(self, limits: BudgetConfig | None = None, spent: Usage | None = None) -> None:
        self._limits, self.spent = limits or BudgetConfig(), spent or Usage()
        self._began, self._flying, self._landed = time.monotonic(), 0, asyncio.Event()

    @property
    def seconds_left(self) -> float | None:
        """How much of the time is left, or None where none was set."""
        minutes = self._limits.max_minutes
        return None if minutes is None else max(60 * minutes - (time.monotonic() - self._began), 0.0)

    @property
    def limit(self) -> str:
        """Which limit is reached, by its key in the configuration; nothing while there is room."""
        limits, spent = self._limits, self.spent
        if limits.max_calls is not None and spent.calls >= limits.max_calls:
            return "max_calls"
        if limits.max_cost is not None and (spent.cost or 0.0) >= limits.max_cost:
            return "max_cost"
        return "max_minutes" if self.seconds_left == 0.0 else ""

    @property
    def over(self) -> str:
        """Say that a limit is reached and what was spent; nothing while there is room."""
        limit = getattr(self._limits, self.limit) if self.limit else 0
        words = {
            "max_calls": f"the budget of {limit} model call{'' if limit == 1 else 's'} is spent",
            "max_cost": f"the budget of ${limit:g} is spent",
            "max_minutes": f"the time of {limit:g} min is up",
        }
        return f"{words[self.limit]} ({self.spent.in_words()})" if self.limit else ""

    def charge(self, usage: Usage) -> None:
        """Take what a call came to."""
        self.spent += usage

    def saved(self) -> Usage:
        """Count an answer that came from a recording, and return what it came to."""
        self.spent += Usage(cached=1)
        return Usage(cached=1)

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Hold one call; raise BudgetSpent, once no call is in flight, where there is no room for it."""
        while not self._room():
            if not self._flying:
                raise BudgetSpent(self.over, remedy="go on with a higher limit")
            self._landed.clear()
            await self._landed.wait()
        self._flying += 1
        try:
            yield
        finally:
            self._flying -= 1
            self._landed.set()

    def _room(self) -> bool:
        calls, cost = self._limits.max_calls, self._limits.max_cost
        if self.over or (calls is not None and self.spent.calls + self._flying >= calls):
            return False
        return cost is None or not self._flying or self._foreseen() < cost

    def _foreseen(self) -> float:
        """Return what is spent once the calls in flight are back, if each costs what calls have cost so far.

        Without end before one has: the first call is awaited alone.
        """
        if not self.spent.calls:
            return math.inf
        spent = self.spent.cost or 0.0
        return spent + self._flying * spent / self.spent.calls
