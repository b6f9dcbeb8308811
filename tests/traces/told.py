"""A small run told through the recorder: a model writes code, is refused once, fails the gate and mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from envfactory.events import (
    ChunkFinished,
    DatasetWritten,
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    GateStarted,
    ModelCalled,
    RoleFinished,
    RoleStarted,
    RunFinished,
    RunStarted,
    TasksCounted,
    TasksPlanned,
    Usage,
)
from envfactory.traces.recorder import Recorder
from envfactory.traces.redaction import Redactor
from envfactory.traces.store import TraceStore

MODEL = "openai:qwen3"
NO = "I would rather not"
ONE = Usage(1, 100, 20, 0.5)
FIRST = 'def book(ctx):\n    """Book."""\n    return 1\n'
SECOND = FIRST.replace("return 1", "return 2")
DESIGN = {
    "schema_sql": "CREATE TABLE seats (id TEXT)",
    "seed_rows": {"seats": [{"id": "s1"}, {"id": "s2"}]},
    "contracts": {},
}
REFUSED = {
    "checks": [
        {"id": "lint", "status": "pass", "summary": "1 tool"},
        {"id": "accept", "status": "fail", "summary": "1 case differs", "evidence": [{"tool": "book", "got": 1}]},
    ]
}


def call(answer: str, *more: tuple[str, str], thought: str = "", status: str = "ok") -> ModelCalled:
    """One exchange of rail's coder; `more` are further turns of the conversation so far."""
    turns = [("system", "You write code."), ("human", "write book"), *more]
    messages = [{"role": role, "content": content} for role, content in turns]
    return ModelCalled("rail", "coder", 0, MODEL, messages, answer, thought, status, 1.0, ONE)


def told(*, thought: str = "it must book", second: str = SECOND, title: str = "Rail") -> Iterator[Event]:
    """Yield the events of the run. A test may put words into mouths, and change what the reviser makes."""
    yield RunStarted("travel-1", "travel", False)
    yield EnvironmentPlanned("rail", title, "asked for")
    yield RoleStarted("rail", "schema_designer", 0, "rules")
    yield RoleFinished(
        "rail", "schema_designer", 0, "rules", "ok", "1 contract", 0.1, Usage(), "{}", json.dumps(DESIGN)
    )
    yield RoleStarted("rail", "coder", 0, MODEL)
    yield call(NO, thought=thought)
    yield call(json.dumps({"source": FIRST}), ("ai", NO), ("human", "that is no JSON"))
    answer = json.dumps({"source": FIRST})
    yield RoleFinished("rail", "coder", 0, MODEL, "ok", "3 lines", 2.0, ONE + ONE, '{"environment": "rail"}', answer)
    yield GateStarted("rail", 0)
    yield GateFinished("rail", 0, "rejected", 1, 2, ["accept"], 1.0, json.dumps(REFUSED))
    yield RoleStarted("rail", "reviser", 1, "rules")
    mended = json.dumps({"diagnosis": "it returned 1", "faulty": ["code"], "code": {"source": second}})
    yield RoleFinished("rail", "reviser", 1, "rules", "ok", "it returned 1", 0.1, Usage(), "{}", mended)
    yield GateStarted("rail", 1)
    yield GateFinished("rail", 1, "verified", 2, 2, [], 1.0, '{"checks": []}')
    yield EnvironmentFinished("rail", "verified", {"tools": 9, "folder": "library/travel/rail"})
    yield TasksPlanned("rail", "train", 5)
    yield RoleStarted("rail", "sampler", 0, "rules")
    yield RoleFinished("rail", "sampler", 0, "rules", "ok", "5 of 5 candidates", 0.1, Usage(), "share 0", "batch")
    yield TasksCounted("rail", 0, sampled=5, refined=5, proved=4, kept=4, refused={"proof: leak": 1})
    yield ChunkFinished("rail", 0, "short", ["no more candidates"])
    yield DatasetWritten("datasets/travel", 4, 0.1)
    yield RunFinished("travel-1", "finished", 1, 0)


def record(store: TraceStore, events: Iterator[Event]) -> TraceStore:
    """Put events into a trace."""
    recorder = Recorder(store, Redactor([]))
    for event in events:
        recorder(event)
    return store
