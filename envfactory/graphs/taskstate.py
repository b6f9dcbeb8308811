"""What the machine of stage two checkpoints: shares, names of stored batches, counts; all plain data."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from envfactory.config import Config
from envfactory.events import Emit
from envfactory.graphs.store import Store
from envfactory.models.purse import Purse

if TYPE_CHECKING:
    from envfactory.graphs.taskdesk import TaskDesk


class ChunkState(TypedDict, total=False):
    """One share on its way: which index comes next, the batch at work, and the batches of what is kept."""

    share: dict[str, Any]
    next: int
    round: int
    batch: str
    kept: list[str]
    counts: dict[str, int]
    refused: dict[str, int]
    status: str
    reasons: list[str]
    seconds: float
    usage: list[dict[str, Any]]
    chunks: Annotated[list[dict[str, Any]], operator.add]


class TasksState(TypedDict, total=False):
    """Stage two as a whole: the environments, the shares, what each chunk came to, and what was written."""

    places: list[dict[str, Any]]
    shares: list[dict[str, Any]]
    chunks: Annotated[list[dict[str, Any]], operator.add]
    tasks: dict[str, Any]
    dataset: dict[str, Any]


@dataclass(frozen=True)
class TasksContext:
    """What stage two is given and never checkpoints."""

    config: Config
    desk: TaskDesk
    store: Store
    emit: Emit
    run_folder: Path
    dataset: Path
    before_node: Callable[[str], None] = lambda node: None
    purse: Purse = field(default_factory=Purse)
