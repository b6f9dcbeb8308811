"""How far stage two is, added up from its events: for the live board, for plain lines and for single commands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from envfactory.events import ChunkFinished, Event, TasksCounted, TasksPlanned

STEPS = ("sampled", "refined", "proved", "kept")


@dataclass
class Progress:
    """One environment: what is wanted of it, what each chunk came to so far, and how its chunks ended."""

    split: str
    wanted: int
    chunks: dict[int, TasksCounted] = field(default_factory=dict)
    ended: dict[int, str] = field(default_factory=dict)

    def count(self, step: str) -> int:
        """Return how many candidates came through a step."""
        return sum(getattr(chunk, step) for chunk in self.chunks.values())

    @property
    def refused(self) -> Counter[str]:
        """How many candidates were refused for which reason."""
        return sum((Counter(chunk.refused) for chunk in self.chunks.values()), Counter[str]())

    @property
    def full(self) -> bool:
        return self.count("kept") >= self.wanted

    @property
    def lacking(self) -> bool:
        """Whether a chunk has ended without all its tasks."""
        return any(status != "full" for status in self.ended.values())


class Tally:
    """Adds up events (call it with each), by environment."""

    def __init__(self) -> None:
        self.environments: dict[str, Progress] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, TasksPlanned):
            self.environments.setdefault(event.environment, Progress(event.split, event.wanted))
        elif isinstance(event, TasksCounted):
            self.environments[event.environment].chunks[event.chunk] = event
        elif isinstance(event, ChunkFinished):
            self.environments[event.environment].ended[event.chunk] = event.status

    def total(self, step: str) -> int:
        """Return how many candidates came through a step, all environments together."""
        return sum(each.count(step) for each in self.environments.values())

    @property
    def refused(self) -> Counter[str]:
        """How many candidates were refused for which reason, all environments together."""
        return sum((each.refused for each in self.environments.values()), Counter[str]())

    @property
    def wanted(self) -> int:
        return sum(each.wanted for each in self.environments.values())
