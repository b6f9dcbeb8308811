"""Roles at work, told to the event stream: who was asked, what came of it, what it cost.

What a role uses is charged to a place (an environment, or a share of one); model calls are charged as they are heard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from envfactory.events import Emit, Event, ModelCalled, RoleFinished, RoleStarted, Usage


@dataclass
class Entry:
    """What became of one piece of a role's work, filled in by who does it: in a few words, and in full."""

    summary: str = ""
    product: str = ""


class Ledger:
    """Emits the beginning and end of a role's work. `place_of` says which place a model's call is charged to."""

    def __init__(self, emit: Emit, place_of: Callable[[ModelCalled], Hashable]) -> None:
        self._emit, self._place_of = emit, place_of
        self._spent: dict[Hashable, Usage] = {}

    def hear(self, event: Event) -> None:
        """Charge a model's call, and pass every event on."""
        if isinstance(event, ModelCalled):
            place = self._place_of(event)
            self._spent[place] = self.spent(place) + event.usage
        self._emit(event)

    def spent(self, place: Hashable) -> Usage:
        """Return what a place has used so far."""
        return self._spent.get(place, Usage())

    def take(self, place: Hashable) -> Usage:
        """Return what a place has used since this was last asked."""
        return self._spent.pop(place, Usage())

    @contextmanager
    def entry(
        self, place: Hashable, environment: str, role: str, number: int, backend: str, asked: str
    ) -> Iterator[Entry]:
        """Tell of a role's work from its beginning to its end, an error included; `asked` says what it was given."""
        self._emit(RoleStarted(environment, role, number, backend))
        started, before, status, made = time.monotonic(), self.spent(place), "error", Entry()
        try:
            yield made
            status = "ok"
        except Exception as error:
            status = f"{type(error).__name__}: {error}"[:2000]
            raise
        finally:
            usage, seconds = self.spent(place) - before, time.monotonic() - started
            self._emit(
                RoleFinished(
                    environment,
                    role,
                    number,
                    backend,
                    status,
                    made.summary,
                    seconds,
                    usage,
                    asked,
                    made.product,
                )
            )
