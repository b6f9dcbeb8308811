"""A run's trace as OpenTelemetry spans, in the attribute names of its GenAI conventions, for other programs to read.

Messages become `gen_ai.input.messages` and `gen_ai.output.messages`, system prompts `gen_ai.system_instructions`, in
the JSON form of those conventions (parts of type `text` and `reasoning`). What the conventions have no name for stands
under `envfactory.`. Ids follow from the run's name and the trace's own, so that a run sent twice is the same spans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from envfactory.environments.files import digest
from envfactory.traces.search import ANSWER, speaker_of
from envfactory.traces.store import LOST, TraceStore
from envfactory.traces.story import Span, is_bad

_INPUT, _OUTPUT, _SYSTEM = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"
_COLUMNS = {
    "agent": "gen_ai.agent.name",
    "model": "gen_ai.request.model",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "environment": "envfactory.environment",
    "revision": "envfactory.revision",
    "cost": "envfactory.cost_usd",
    "kind": "envfactory.kind",
    "status": "envfactory.status",
}


def otel_spans(store: TraceStore, run: str) -> Iterator[dict[str, Any]]:
    """Yield each span of a run as plain data: ids, times in nanoseconds, `ok` (None while it is open), attributes, events."""
    trace = digest(run.encode())[:32]
    for span in store.spans():
        ended = span["status"] not in ("open", LOST)
        yield {
            "trace_id": trace,
            "span_id": span["span_id"],
            "parent_span_id": span["parent_id"],
            "name": span["name"],
            "kind": "client" if span["kind"] == "chat" else "internal",
            "start_time_unix_nano": span["start_ns"],
            "end_time_unix_nano": span["end_ns"],
            "ok": not is_bad(span) if ended else None,
            "attributes": _attributes(store, span, run),
            "events": [
                {"time_unix_nano": event["time_ns"], "name": event["name"], "attributes": _flat(event["data"])}
                for event in store.events(span["span_id"])
            ],
        }


def _attributes(store: TraceStore, span: Span, run: str) -> dict[str, Any]:
    found = {"gen_ai.conversation.id": run}
    for name, value in span["attributes"].items():
        found[name if name.startswith("gen_ai.") else f"envfactory.{name}"] = value
    found |= {name: span[column] for column, name in _COLUMNS.items() if span[column] not in (None, "")}
    if span["model"]:
        found["gen_ai.provider.name"] = str(span["model"]).partition(":")[0]
    if is_bad(span):
        found["error.type"] = str(span["status"]).partition(":")[0]
    return _flat(found | _spoken(store.conversation(span["span_id"])))


def _spoken(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a conversation as the conventions' three attributes; the last answer alone is output."""
    told = [{"role": speaker_of(message["role"]), "parts": _parts(message)} for message in messages]
    answer = [told.pop() | {"finish_reason": "stop"}] if told and told[-1]["role"] == ANSWER else []
    system = [part for message in told if message["role"] == "system" for part in message["parts"]]
    said = [message for message in told if message["role"] != "system"]
    return {key: value for key, value in ((_SYSTEM, system), (_INPUT, said), (_OUTPUT, answer)) if value}


def _parts(message: dict[str, Any]) -> list[dict[str, str]]:
    pairs = (("reasoning", message["reasoning"]), ("text", message["content"]))
    return [{"type": kind, "content": text} for kind, text in pairs if text]


def _flat(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes as OpenTelemetry takes them: scalars, and all else as JSON text; nothing for what is unknown."""
    return {
        name: value if isinstance(value, str | bool | int | float) else json.dumps(value, ensure_ascii=False)
        for name, value in attributes.items()
        if value is not None
    }
