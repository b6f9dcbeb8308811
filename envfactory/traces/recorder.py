"""Turns the event stream into spans, messages and events, secrets redacted."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from envfactory.config import AUTHORS
from envfactory.events import (
    CheckFinished,
    ChunkFinished,
    DatasetWritten,
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    GateStarted,
    ModelCalled,
    ResourceSkipped,
    RoleFinished,
    RoleStarted,
    RunFinished,
    RunStarted,
    StopRequested,
    TasksCounted,
    TasksPlanned,
    Usage,
)
from envfactory.traces.redaction import Redactor
from envfactory.traces.store import SEMCONV, TraceStore
from envfactory.traces.tally import STEPS, Tally

Key = tuple[str, str, int]


class Recorder:
    """Consumes events (call it with each). One span a run, an environment, its tasks, a role's answer, a gate, a model call."""

    def __init__(self, store: TraceStore, redact: Redactor) -> None:
        self._store, self._redact = store, redact
        self._run: str | None = None
        self._environments: dict[str, str] = {}
        self._tasks: dict[str, str] = {}
        self._tally = Tally()
        self._roles: dict[Key, str] = {}
        self._gates: dict[tuple[str, int], str] = {}
        self._lock = threading.Lock()  # checks are told by another thread than all else

    def __call__(self, event: Event) -> None:
        handler = getattr(self, f"_{type(event).__name__}", None)
        if handler is not None:
            with self._lock, self._store.together():
                handler(event)

    def _RunStarted(self, event: RunStarted) -> None:  # noqa: N802 - handlers are named like their events
        if event.resumed:
            self._recover()
        if self._run is None:
            attributes = {"gen_ai.conversation.id": event.run, "semconv": SEMCONV}
            self._run = self._store.start(f"run {event.domain}", "run", attributes=attributes)
        self._store.event(self._run, "resumed" if event.resumed else "started", {})

    def _recover(self) -> None:
        """Take up the spans of the process that stopped or died."""
        for span in self._store.spans():
            if span["kind"] == "run":
                self._run = span["span_id"]
                self._store.reopen(span["span_id"])
            elif span["kind"] == "environment":
                self._environments[span["environment"]] = span["span_id"]
            elif span["kind"] == "tasks":
                self._tasks[span["environment"]] = span["span_id"]
            elif span["status"] == "open":
                self._store.lose(span["span_id"])

    def _StopRequested(self, event: StopRequested) -> None:  # noqa: N802
        self._store.event(self._run, "stop_requested", {})

    def _EnvironmentPlanned(self, event: EnvironmentPlanned) -> None:  # noqa: N802
        self._environment(event.environment, {"title": event.title, "why": event.why})

    def _ResourceSkipped(self, event: ResourceSkipped) -> None:  # noqa: N802
        self._store.event(self._run, "resource_skipped", {"source": event.source, "reason": self._redact(event.reason)})

    def _RoleStarted(self, event: RoleStarted) -> None:  # noqa: N802
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": event.role,
            "gen_ai.request.model": event.backend,
            "gen_ai.provider.name": event.backend.partition(":")[0],
        }
        self._roles[event.environment, event.role, event.revision] = self._store.start(
            f"invoke_agent {event.role}",
            "role",
            parent=self._parent(event.environment, event.role),
            environment=event.environment,
            agent=event.role,
            revision=event.revision,
            model=event.backend,
            attributes=attributes,
        )

    def _RoleFinished(self, event: RoleFinished) -> None:  # noqa: N802
        span = self._roles.pop((event.environment, event.role, event.revision), None)
        if span is None:
            return
        answer = event.answer or event.status
        spoken = [{"role": "user", "content": event.prompt}, {"role": "assistant", "content": answer}]
        self._store.messages(span, [{**message, "content": self._redact(message["content"])} for message in spoken])
        attributes = {"detail": self._redact(event.detail)}
        self._store.end(span, self._redact(event.status), attributes=attributes, **_spent(event.usage))

    def _ModelCalled(self, event: ModelCalled) -> None:  # noqa: N802
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": event.model,
            "gen_ai.usage.input_tokens": event.usage.input_tokens,
            "gen_ai.usage.output_tokens": event.usage.output_tokens,
            **({"recorded": True} if event.cached else {}),
        }
        span = self._store.start(
            f"chat {event.model}",
            "chat",
            parent=self._roles.get((event.environment, event.role, event.revision)) or self._run,
            environment=event.environment,
            agent=event.role,
            revision=event.revision,
            model=event.model,
            start_ns=time.time_ns() - int(event.seconds * 1e9),
            attributes=attributes,
        )
        spoken = [{"role": m["role"], "content": self._redact(m["content"])} for m in event.messages]
        reply = {"role": "assistant", "content": event.answer, "reasoning": event.reasoning}
        self._store.messages(span, [*spoken, {key: self._redact(text) for key, text in reply.items()}])
        self._store.end(span, self._redact(event.status), **_spent(event.usage))

    def _GateStarted(self, event: GateStarted) -> None:  # noqa: N802
        self._gate(event.environment, event.revision)

    def _CheckFinished(self, event: CheckFinished) -> None:  # noqa: N802
        span = self._gate(event.environment, event.revision)
        self._store.event(span, "check", {"check": event.check, "status": event.status})

    def _GateFinished(self, event: GateFinished) -> None:  # noqa: N802
        attributes: dict[str, Any] = {"passed": event.passed, "total": event.total, "failed": event.failed}
        attributes["report"] = json.loads(event.report) if event.report else None
        self._store.end(self._gate(event.environment, event.revision), event.verdict, attributes=attributes)

    def _EnvironmentFinished(self, event: EnvironmentFinished) -> None:  # noqa: N802
        summary = dict(event.summary)
        if "reasons" in summary:  # they may quote what a model or a document said
            summary["reasons"] = [self._redact(reason) for reason in summary["reasons"]]
        self._store.end(self._environment(event.environment, {}), event.verdict, attributes=summary)

    def _TasksPlanned(self, event: TasksPlanned) -> None:  # noqa: N802
        self._tally(event)
        if event.environment not in self._tasks:
            self._tasks[event.environment] = self._store.start(
                f"tasks {event.environment}",
                "tasks",
                parent=self._run,
                environment=event.environment,
                attributes={"split": event.split, "wanted": event.wanted},
            )

    def _TasksCounted(self, event: TasksCounted) -> None:  # noqa: N802
        self._tally(event)

    def _ChunkFinished(self, event: ChunkFinished) -> None:  # noqa: N802
        """Bring the span of an environment's tasks to where it stands: more chunks may follow."""
        self._tally(event)
        told = self._tally.environments[event.environment]
        counts = {step: told.count(step) for step in STEPS}
        attributes = {**counts, "refused": dict(told.refused), "reasons": [self._redact(r) for r in event.reasons]}
        status = "full" if told.full else "open" if not told.lacking else event.status
        self._store.end(self._tasks[event.environment], status, attributes=attributes)

    def _DatasetWritten(self, event: DatasetWritten) -> None:  # noqa: N802
        self._store.event(self._run, "dataset_written", {"folder": event.folder, "tasks": event.tasks})

    def _RunFinished(self, event: RunFinished) -> None:  # noqa: N802
        if self._run is not None:
            counts = {"verified": event.verified, "rejected": event.rejected}
            self._store.end(self._run, event.status, attributes=counts)

    def _parent(self, environment: str, role: str = "") -> str | None:
        if role in AUTHORS and environment in self._tasks:
            return self._tasks[environment]
        return self._environment(environment, {}) if environment else self._run

    def _environment(self, name: str, attributes: dict[str, Any]) -> str:
        if name not in self._environments:
            self._environments[name] = self._store.start(
                f"environment {name}", "environment", parent=self._run, environment=name, attributes=attributes
            )
        return self._environments[name]

    def _gate(self, environment: str, revision: int) -> str:
        """Return the span of a gate, started or even ended: a check may be told after the verdict."""
        if (environment, revision) not in self._gates:
            self._gates[environment, revision] = self._store.start(
                f"gate revision {revision}",
                "gate",
                parent=self._parent(environment),
                environment=environment,
                agent="gate",
                revision=revision,
                attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "gate"},
            )
        return self._gates[environment, revision]


def _spent(usage: Usage) -> dict[str, Any]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cost": usage.cost}
