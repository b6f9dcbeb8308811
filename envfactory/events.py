"""The one stream of typed events a run emits; progress, traces and reports only consume it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """What a role's answer cost: calls to a language model, tokens, money (US dollars, where prices are configured).

    `cached` counts the answers that came from a recording and cost nothing.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    cached: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Return the sum; the cost is unknown only where both are."""
        costs = [usage.cost for usage in (self, other) if usage.cost is not None]
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            sum(costs) if costs else None,
            self.cached + other.cached,
        )

    def in_words(self) -> str:
        """Return what a person is told."""
        calls = f"{self.calls or 'no'} model call{'' if self.calls == 1 else 's'}"
        tokens = f", {self.input_tokens + self.output_tokens} tokens" if self.calls else ""
        cached = f", {self.cached} answered from the record" if self.cached else ""
        return calls + tokens + cached + (f", ${self.cost:.4f}" if self.cost is not None else "")

    def as_row(self) -> dict[str, Any]:
        """Return what a row of a closing table, and the record of a run, say of it."""
        tokens = self.input_tokens + self.output_tokens
        return {"model_calls": self.calls, "cached_calls": self.cached, "tokens": tokens, "cost": self.cost}

    def __sub__(self, earlier: Usage) -> Usage:
        """Return what was used since `earlier`."""
        cost = None if self.cost is None else self.cost - (earlier.cost or 0.0)
        calls, taken = self.calls - earlier.calls, self.input_tokens - earlier.input_tokens
        given, cached = self.output_tokens - earlier.output_tokens, self.cached - earlier.cached
        return Usage(calls, taken, given, cost, cached)


@dataclass(frozen=True, slots=True)
class RunStarted:
    run: str
    domain: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class RunRecalled:
    """What a resumed run knows already: the environments of its plan, and the outcomes of those that are done."""

    planned: list[str]
    outcomes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StopRequested:
    """Someone asked the run to stop, or its time is up (`why` says so): the steps in flight end, then it does."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentPlanned:
    environment: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class ResourceSkipped:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class RoleStarted:
    environment: str
    role: str
    revision: int
    backend: str


@dataclass(frozen=True, slots=True)
class RoleFinished:
    """`prompt` and `answer` are what went in and came out, as text; `detail` says it in a few words."""

    environment: str
    role: str
    revision: int
    backend: str
    status: str
    detail: str
    seconds: float
    usage: Usage = field(default_factory=Usage)
    prompt: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class ModelCalled:
    """One exchange with a language model, retries and bad answers included; `cached` where its answer was on record."""

    environment: str
    role: str
    revision: int
    model: str
    messages: list[dict[str, Any]]
    answer: str
    reasoning: str
    status: str
    seconds: float
    usage: Usage
    cached: bool = False


@dataclass(frozen=True, slots=True)
class GateStarted:
    environment: str
    revision: int


@dataclass(frozen=True, slots=True)
class CheckStarted:
    environment: str
    revision: int
    check: str


@dataclass(frozen=True, slots=True)
class CheckFinished:
    environment: str
    revision: int
    check: str
    status: str


@dataclass(frozen=True, slots=True)
class GateFinished:
    environment: str
    revision: int
    verdict: str
    passed: int
    total: int
    failed: list[str]
    seconds: float
    report: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentFinished:
    """`summary` is the row of the closing table (see `agents.products.Summary`)."""

    environment: str
    verdict: str
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TasksPlanned:
    """So many tasks are to be made of an environment, which lies in a split."""

    environment: str
    split: str
    wanted: int


@dataclass(frozen=True, slots=True)
class TasksCounted:
    """How far a chunk is, all told: how many candidates came through each step, how many were refused for which reason."""

    environment: str
    chunk: int
    sampled: int = 0
    refined: int = 0
    proved: int = 0
    kept: int = 0
    refused: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChunkFinished:
    """A chunk has its tasks (`full`), has tried all its candidates (`short`), or its infrastructure broke (`unfinished`)."""

    environment: str
    chunk: int
    status: str
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DatasetStarted:
    tasks: int


@dataclass(frozen=True, slots=True)
class DatasetWritten:
    folder: str
    tasks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    run: str
    status: str
    verified: int
    rejected: int


Event = (
    RunStarted
    | RunRecalled
    | StopRequested
    | EnvironmentPlanned
    | ResourceSkipped
    | RoleStarted
    | RoleFinished
    | ModelCalled
    | GateStarted
    | CheckStarted
    | CheckFinished
    | GateFinished
    | EnvironmentFinished
    | TasksPlanned
    | TasksCounted
    | ChunkFinished
    | DatasetStarted
    | DatasetWritten
    | RunFinished
)
Emit = Callable[[Event], None]
