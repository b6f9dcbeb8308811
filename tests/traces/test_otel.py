"""Spans in the names of OpenTelemetry's GenAI conventions."""

from __future__ import annotations

import json
from typing import Any

from envfactory.traces.otel import otel_spans
from envfactory.traces.store import TraceStore
from tests.traces.conftest import Recorded
from tests.traces.told import MODEL, told


def spans(store: TraceStore) -> dict[str, dict[str, Any]]:
    return {
        f"{span['name']} {span['attributes'].get('envfactory.revision', '')}".strip(): span
        for span in otel_spans(store, "travel-1")
    }


def test_a_call_has_its_conversation_in_the_conventions_form(trace: TraceStore) -> None:
    chats = [span for span in otel_spans(trace, "travel-1") if span["kind"] == "client"]
    told_of = chats[0]["attributes"]
    assert json.loads(told_of["gen_ai.system_instructions"]) == [{"type": "text", "content": "You write code."}]
    assert json.loads(told_of["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "write book"}]}
    ]
    assert json.loads(told_of["gen_ai.output.messages"]) == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "it must book"},
                {"type": "text", "content": "I would rather not"},
            ],
            "finish_reason": "stop",
        }
    ]


def test_names_of_the_conventions(trace: TraceStore) -> None:
    attributes = next(span for span in otel_spans(trace, "travel-1") if span["kind"] == "client")["attributes"]
    assert {name: attributes[name] for name in attributes if name.startswith("gen_ai.") and "messages" not in name} == {
        "gen_ai.conversation.id": "travel-1",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": MODEL,
        "gen_ai.provider.name": "openai",
        "gen_ai.agent.name": "coder",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.system_instructions": '[{"type": "text", "content": "You write code."}]',
    }


def test_a_failure_is_an_error(trace: TraceStore) -> None:
    found = spans(trace)
    assert (found["gate revision 0 0"]["ok"], found["gate revision 1 1"]["ok"]) == (False, True)
    assert found["gate revision 0 0"]["attributes"]["error.type"] == "rejected"


def test_attributes_are_what_the_protocol_takes(trace: TraceStore) -> None:
    values = [value for span in otel_spans(trace, "r") for value in span["attributes"].values()]
    assert {type(value) for value in values} <= {str, int, float, bool}


def test_an_open_span_has_no_end_and_no_verdict(recorded: Recorded) -> None:
    store = recorded(iter(list(told())[:5]))
    run = next(otel_spans(store, "travel-1"))
    assert (run["ok"], run["end_time_unix_nano"]) == (None, None)


def test_the_same_run_has_the_same_ids(trace: TraceStore) -> None:
    first, second = list(otel_spans(trace, "travel-1")), list(otel_spans(trace, "travel-1"))
    assert first == second
    assert {len(span["trace_id"]) for span in first} == {32}
