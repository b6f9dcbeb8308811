"""What is scored: an item of a suite, the talk with a policy about it, and what came of one attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from envfactory.environments.contract import Strict
from envfactory.rollouts.policy import Asked, Reply

POLICY, PERSON, JUDGE = "policy", "person", "judge"


@dataclass(frozen=True)
class Item:
    """One thing to solve. `cluster` is the world it is of; `traits` are what scores are broken down by."""

    id: str
    cluster: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to: `score` 0 to 1, further measures by name, and why it is not full."""

    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    broken: bool = False


class Talk(Protocol):
    """One attempt at one item, going on until `ask` gives nothing any more. `speaker` says who is asked next."""

    speaker: str

    def ask(self) -> Asked | None:
        """Return what the policy is shown next."""

    def take(self, reply: Reply) -> None:
        """Take its message, do what it asks for."""

    def outcome(self) -> Outcome:
        """Judge the attempt."""

    def close(self) -> None:
        """Free what it holds."""


class Scored(Strict):
    """One line of a suite's file: one attempt at one item. `infrastructure` is not scored, and tried again by `--resume`.

    `wrote` is what the policy wrote, message by message, where no file of rollouts keeps it. `seconds` add up to the run's.
    """

    item: str
    attempt: int = 0
    status: Literal["scored", "infrastructure"] = "scored"
    score: float = 0.0
    cluster: str = ""
    traits: dict[str, str] = {}
    parts: dict[str, float] = {}
    why: str = ""
    calls: int = 0
    malformed: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    wrote: list[str] = []
