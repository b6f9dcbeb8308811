"""Turns the event stream into spans, messages and events, secrets redacted."""

from __future__ import annotations

import json
from typing import Any

from envfactory.events import (
    CheckFinished,
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    ModelCalled,
    ResourceSkipped,
    RoleFinished,
    RoleStarted,
    RunFinished,
    RunStarted,
    Usage,
)
from envfactory.traces.redaction import Redactor
from envfactory.traces.store import SEMCONV, TraceStore

Key = tuple[str, str, int]


class Recorder:
    """Consumes events (call it with each). One span a run, an environment, a role's answer, a gate, a model call."""

    def __init__(self, store: TraceStore, redact: Redactor) -> None:
        self._store, self._redact = store, redact
        self._run: str | None = None
        self._environments: dict[str, str] = {}
        self._open: dict[Key, str] = {}

    def __call__(self, event: Event) -> None:
        handler = getattr(self, f"_{type(event).__name__}", None)
        if handler is not None:
            handler(event)

    def _RunStarted(self, event: RunStarted) -> None:  # noqa: N802 - handlers are named like their events
        attributes = {"gen_ai.conversation.id": event.run, "semconv": SEMCONV, "resumed": event.resumed}
        self._run = self._store.start(f"run {event.domain}", "run", attributes=attributes)

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
        self._begin(event.environment, event.role, event.revision, f"invoke_agent {event.role}", "role", event.backend, attributes)

    def _RoleFinished(self, event: RoleFinished) -> None:  # noqa: N802
        span = self._open.pop((event.environment, event.role, event.revision), None)
        if span is None:
            return
        answer = event.answer or event.status
        spoken = [{"role": "user", "content": event.prompt}, {"role": "assistant", "content": answer}]
        self._store.messages(span, [{**message, "content": self._redact(message["content"])} for message in spoken])
        attributes = {"detail": event.detail, "gen_ai.agent.name": event.role, "gen_ai.request.model": event.backend}
        self._store.end(span, self._redact(event.status), attributes=attributes, **_spent(event.usage))

    def _ModelCalled(self, event: ModelCalled) -> None:  # noqa: N802
        parent = self._open.get((event.environment, event.role, event.revision)) or self._run
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": event.model, "seconds": round(event.seconds, 4)}
        attributes |= {"gen_ai.usage.input_tokens": event.usage.input_tokens, "gen_ai.usage.output_tokens": event.usage.output_tokens}
        span = self._store.start(
            f"chat {event.model}",
            "chat",
            parent=parent,
            environment=event.environment,
            agent=event.role,
            revision=event.revision,
            model=event.model,
            attributes=attributes,
        )
        spoken = [{"role": m["role"], "content": self._redact(m["content"])} for m in event.messages]
        reply = {"role": "assistant", "content": self._redact(event.answer), "reasoning": self._redact(event.reasoning)}
        self._store.messages(span, [*spoken, reply])
        self._store.end(span, self._redact(event.status), **_spent(event.usage))

    def _CheckFinished(self, event: CheckFinished) -> None:  # noqa: N802
        span = self._open.get((event.environment, "gate", event.revision))
        if span is None:
            name = f"gate revision {event.revision}"
            span = self._begin(event.environment, "gate", event.revision, name, "gate", None, {"gen_ai.operation.name": "execute_tool"})
        self._store.event(span, "check", {"check": event.check, "status": event.status})

    def _GateFinished(self, event: GateFinished) -> None:  # noqa: N802
        span = self._open.pop((event.environment, "gate", event.revision), None)
        if span is None:
            span = self._begin(event.environment, "gate", event.revision, f"gate revision {event.revision}", "gate", None, {})
            self._open.pop((event.environment, "gate", event.revision))
        attributes: dict[str, Any] = {"passed": event.passed, "total": event.total, "failed": event.failed}
        attributes |= {"seconds": round(event.seconds, 3), "report": json.loads(event.report) if event.report else None}
        self._store.end(span, event.verdict, attributes=attributes)

    def _EnvironmentFinished(self, event: EnvironmentFinished) -> None:  # noqa: N802
        self._store.end(self._environment(event.environment, {}), event.verdict, attributes=event.summary)

    def _RunFinished(self, event: RunFinished) -> None:  # noqa: N802
        if self._run is not None:
            self._store.end(self._run, event.status, attributes={"verified": event.verified, "rejected": event.rejected})

    def _environment(self, name: str, attributes: dict[str, Any]) -> str:
        if name not in self._environments:
            self._environments[name] = self._store.start(
                f"environment {name}", "environment", parent=self._run, environment=name, attributes=attributes
            )
        return self._environments[name]

    def _begin(
        self, environment: str, agent: str, revision: int, name: str, kind: str, model: str | None, attributes: dict[str, Any]
    ) -> str:
        parent = self._environment(environment, {}) if environment else self._run
        span = self._store.start(
            name, kind, parent=parent, environment=environment, agent=agent, revision=revision, model=model, attributes=attributes
        )
        self._open[environment, agent, revision] = span
        return span


def _spent(usage: Usage) -> dict[str, Any]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cost": usage.cost}
