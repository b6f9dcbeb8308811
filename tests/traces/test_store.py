"""The trace file: what it can hold, and what of it can be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import ArtefactError
from envfactory.traces.store import TraceStore
from tests.traces.conftest import Recorded
from tests.traces.told import told

HALF = "cut off in an emoji \ud83d"


def test_half_a_character_does_not_stop_a_run(recorded: Recorded) -> None:
    store = recorded(told(thought=HALF, title=HALF))
    thoughts = [message["reasoning"] for span in store.spans() for message in store.conversation(span["span_id"])]
    assert "cut off in an emoji ?" in thoughts


def test_the_outline_has_lengths_and_no_words(trace: TraceStore) -> None:
    sizes = {(role, size, thought) for _, _, role, size, thought in trace.outline()}
    assert ("assistant", len("I would rather not"), len("it must book")) in sizes
    assert ("system", len("You write code."), 0) in sizes


def test_a_message_is_read_by_its_place(trace: TraceStore) -> None:
    span = next(span["span_id"] for span in trace.spans() if span["kind"] == "chat")
    assert trace.message(span, 2) == ("I would rather not", "it must book")
    assert trace.message(span, 9) is None


def test_all_events_are_those_of_each_span(trace: TraceStore) -> None:
    one_by_one = {span["span_id"]: trace.events(span["span_id"]) for span in trace.spans()}
    together: dict[str, list[dict[str, object]]] = {span: [] for span in one_by_one}
    for event in trace.all_events():
        together[event.pop("span_id")].append(event)
    assert together == one_by_one


def test_what_is_written_together_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "trace.db")
    with store.together():
        kept = store.start("kept", "role")
    with pytest.raises(ArtefactError), store.together():
        store.messages(store.start("torn", "role"), [{"role": "user", "content": "half"}, {"role": "assistant"}])
    assert [span["span_id"] for span in store.spans()] == [kept]
    assert list(store.everything_said()) == []
