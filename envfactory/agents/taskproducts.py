"""What the roles of stage two are given and produce: shares of an environment's tasks, and batches of candidates.

A share is a range of task indexes of one environment. Its candidates are drawn in the order of their indexes, each from
a seed of its own, so that a share comes to the same tasks in any process and after any kill.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from envfactory.environments.contract import Strict
from envfactory.tasks.model import Task

Split = Literal["train", "validation", "heldout"]
Step = Literal["sampling", "refinement", "proof", "calibration"]


class Place(Strict):
    """A verified environment: its folder below the library, and which version of it is meant."""

    name: str
    domain: str
    folder: str
    content_hash: str


class Share(Strict):
    """A chunk of an environment's tasks. `companions` are the other environments of its split, for tasks over several."""

    place: Place
    companions: list[Place] = []
    split: Split
    chunk: int
    wanted: int
    first: int
    limit: int

    @property
    def key(self) -> str:
        """What a worker must have loaded to work on it."""
        return self.place.name


class Settings(Strict):
    """What holds for a whole run of stage two. Controls are the packages' own, judged beforehand."""

    library: Path
    store: Path
    seed: int = 0
    tier: str = "auto"
    formats: list[str] = ["jsonl"]
    splits: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    refinement: dict[str, Any] = {}
    calibration: dict[str, Any] = {}
    export: dict[str, Any] = {}


class Refusal(Strict):
    """A candidate that became no task: at which step, for which reason (a few words that can be counted), and what exactly."""

    index: int
    step: Step
    reason: str
    detail: str = ""


class Batch(Strict):
    """Candidates that came through a step, and those that did not come through this one or the steps before it."""

    tasks: list[Task] = []
    refused: list[Refusal] = []
    next: int = Field(default=0, description="The first index that was not tried yet.")


def counted(refused: list[Refusal]) -> dict[str, int]:
    """Return how many candidates were refused for which reason."""
    return dict(Counter(f"{each.step}: {each.reason}" for each in refused))
