"""Traces: what happened is there, in a tree, as it happens, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envfactory.events import (
    CheckFinished,
    EnvironmentFinished,
    EnvironmentPlanned,
    GateFinished,
    ModelCalled,
    RoleFinished,
    RoleStarted,
    RunFinished,
    RunStarted,
    Usage,
)
from envfactory.traces.recorder import Recorder
from envfactory.traces.redaction import HIDDEN, Redactor
from envfactory.traces.store import TraceStore

SPENT = Usage(1, 100, 20, 0.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TraceStore]:
    opened = TraceStore(tmp_path / "trace.db")
    yield opened
    opened.close()


@pytest.fixture
def recorder(store: TraceStore) -> Recorder:
    recorder = Recorder(store, Redactor([]))
    recorder(RunStarted("travel-1", "travel", False))
    recorder(EnvironmentPlanned("rail", "Rail", "asked for"))
    recorder(RoleStarted("rail", "coder", 0, "openai:qwen3"))
    return recorder


def by_name(store: TraceStore) -> dict[str, dict[str, object]]:
    return {span["name"]: span for span in store.spans()}


def test_a_span_is_open_until_it_ends(store: TraceStore, recorder: Recorder) -> None:
    assert by_name(store)["invoke_agent coder"]["status"] == "open"
    recorder(RoleFinished("rail", "coder", 0, "openai:qwen3", "ok", "90 lines", 1.0, SPENT, "{}", "code"))
    span = by_name(store)["invoke_agent coder"]
    assert (span["status"], span["input_tokens"], span["cost"]) == ("ok", 100, 0.5)


def test_model_calls_hang_below_their_role(store: TraceStore, recorder: Recorder) -> None:
    asked = [{"role": "system", "content": "s"}, {"role": "human", "content": "h"}]
    recorder(ModelCalled("rail", "coder", 0, "openai:qwen3", asked, "answer", "because", "ok", 0.2, SPENT))
    spans = by_name(store)
    assert spans["chat openai:qwen3"]["parent_id"] == spans["invoke_agent coder"]["span_id"]
    conversation = store.conversation(str(spans["chat openai:qwen3"]["span_id"]))
    assert [message["role"] for message in conversation] == ["system", "human", "assistant"]
    assert conversation[-1]["reasoning"] == "because"


def test_gates_keep_checks_and_report(store: TraceStore, recorder: Recorder) -> None:
    recorder(CheckFinished("rail", 0, "lint", "pass"))
    recorder(GateFinished("rail", 0, "rejected", 1, 2, ["accept"], 3.0, '{"checks": []}'))
    span = by_name(store)["gate revision 0"]
    assert span["status"] == "rejected"
    assert [event["data"]["check"] for event in store.events(str(span["span_id"]))] == ["lint"]


def test_a_run_ends_with_its_counts(store: TraceStore, recorder: Recorder) -> None:
    recorder(EnvironmentFinished("rail", "verified", {"tools": 9}))
    recorder(RunFinished("travel-1", "finished", 1, 0))
    spans = by_name(store)
    assert spans["environment rail"]["attributes"] == {"title": "Rail", "why": "asked for", "tools": 9}
    assert spans["run travel"]["status"] == "finished"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678",
        '{"api_key": "abcdefgh12345678"}',
        "use sk-proj-abcdefgh12345678 here",
        "the key is very-secret-value indeed",
    ],
)
def test_secrets_are_hidden(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "very-secret-value")
    shown = Redactor(["MY_KEY"])(text)
    assert HIDDEN in shown
    assert "abcdefgh12345678" not in shown
    assert "very-secret-value" not in shown


def test_ordinary_text_is_left_alone() -> None:
    text = "The token bucket of the hotel, password policy included: 3 nights at 120 EUR."
    assert Redactor([])(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rapid tasks, token: a1b2c3d4 and SECRET=e5f6g7h8!", f"rapid tasks, token: {HIDDEN} and SECRET={HIDDEN}!"),
        ("authorization: bearer token=abcdefgh", f"authorization: bearer {HIDDEN}"),
        ("İstanbul, password: a1b2c3d4", f"İstanbul, password: {HIDDEN}"),
        ("die-task-sk-abcdefghijkl, mask-abcdefghijkl", f"die-task-{HIDDEN}, mask-abcdefghijkl"),
        ("to\N{KELVIN SIGN}en: a1b2c3d4", f"to\N{KELVIN SIGN}en: {HIDDEN}"),
    ],
    ids=["several", "one within another", "a letter of two", "within a word", "a sign that is small as a letter"],
)
def test_a_secret_is_hidden_where_it_stands(text: str, shown: str) -> None:
    assert Redactor([])(text) == shown
