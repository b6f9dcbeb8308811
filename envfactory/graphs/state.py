"""What the state machine checkpoints: names of stored products, counters and verdicts, all plain data."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from envfactory.config import Config
from envfactory.events import Emit
from envfactory.graphs.store import Store
from envfactory.models.purse import Purse

if TYPE_CHECKING:
    from envfactory.agents.desk import Desk

Part = Literal["brief", "design", "code", "cases", "graph", "report"]


class Attempt(TypedDict):
    """The best revision so far: how many checks passed, and the parts it was made of."""

    passed: int
    revision: int
    parts: dict[str, str]


class EnvironmentState(TypedDict, total=False):
    """One environment on its way through design, code, test, gate and revision."""

    environment: str
    parts: dict[str, str]
    revision: int
    best: Attempt
    verdict: str
    reasons: list[str]
    seconds: float
    usage: list[dict[str, Any]]
    outcomes: Annotated[list[dict[str, Any]], operator.add]


def latest(known: list[dict[str, Any]], come: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return outcomes with new ones added; one of an environment that was tried again stands in for the first."""
    tried = {(outcome["domain"], outcome["environment"]) for outcome in come}
    return [outcome for outcome in known if (outcome["domain"], outcome["environment"]) not in tried] + come


class RunState(TypedDict, total=False):
    """The whole run: the plan, and the outcome of each environment as it ends. `again` are briefs tried once more."""

    request: dict[str, Any]
    briefs: list[str]
    again: list[str]
    skipped: list[dict[str, str]]
    outcomes: Annotated[list[dict[str, Any]], latest]


@dataclass(frozen=True)
class Context:
    """What a run is given and never checkpoints."""

    config: Config
    desk: Desk
    store: Store
    emit: Emit
    judge: Callable[..., Any]
    run_folder: Any
    before_node: Callable[[str], None] = lambda node: None
    purse: Purse = field(default_factory=Purse)
