"""What language models may still be asked: one purse a command, limits on calls, money and time.

A call that is in flight when a limit is reached still ends, and its answer is kept: whoever wants another one waits
for that, and is then told that the budget is spent. Calls are never exceeded; money can be by the calls in flight.
"""

from __future__ import annotations

import asyncio
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
    def over(self) -> str:
        """Which limit is reached, in a few words; nothing while there is room."""
        limits, spent = self._limits, self.spent
        if limits.max_calls is not None and spent.calls >= limits.max_calls:
            return f"the budget of {_plural(limits.max_calls, 'model call')} is spent"
        if limits.max_cost is not None and (spent.cost or 0.0) >= limits.max_cost:
            return f"the budget of ${limits.max_cost:g} is spent"
        if self.seconds_left == 0.0:
            return f"the time of {limits.max_minutes:g} min is up"
        return ""

    def report(self) -> str:
        """Say what was spent, in a few words."""
        spent = self.spent
        cost = f", ${spent.cost:.4f}" if spent.cost is not None else ""
        return f"{_plural(spent.calls, 'model call')}, {spent.input_tokens + spent.output_tokens} tokens{cost}"

    def charge(self, usage: Usage) -> None:
        """Take what a call came to."""
        self.spent += usage

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Hold one call; raise BudgetSpent, once no call is in flight, where there is no room for it."""
        while not self._room():
            if not self._flying:
                raise BudgetSpent(self.over, self.report())
            self._landed.clear()
            await self._landed.wait()
        self._flying += 1
        try:
            yield
        finally:
            self._flying -= 1
            self._landed.set()

    def _room(self) -> bool:
        calls = self._limits.max_calls
        return not self.over and (calls is None or self.spent.calls + self._flying < calls)


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
