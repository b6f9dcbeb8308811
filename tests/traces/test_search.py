"""Finding what was said: in prompts, answers and reasoning, within JSON, once each."""

from __future__ import annotations

import pytest

from envfactory.errors import ConfigError
from envfactory.traces.search import Query, compiled, search
from envfactory.traces.store import TraceStore
from tests.traces.conftest import Recorded
from tests.traces.told import told


def found(store: TraceStore, pattern: str, **narrowed: str) -> list[tuple[str, str, str]]:
    return [
        (match.role, match.speaker, str(match.line)) for match in search(store, Query(compiled(pattern), **narrowed))
    ]


def test_code_is_found_line_by_line_in_the_answer_that_holds_it(trace: TraceStore) -> None:
    assert found(trace, r"return \d", role="reviser") == [("reviser", "assistant", "code.source:3:     return 2")]


def test_quotes_are_found_though_json_escapes_them(trace: TraceStore) -> None:
    assert found(trace, '"""Book') == [
        ("coder", "assistant", 'source:2:     """Book."""'),
        ("reviser", "assistant", 'code.source:2:     """Book."""'),
    ]


def test_lines_have_ends(trace: TraceStore) -> None:
    assert [line for _, _, line in found(trace, "return 1$", role="coder")] == ["source:3:     return 1"]


def test_what_is_said_again_is_told_once(trace: TraceStore) -> None:
    assert found(trace, "You write code") == [("coder", "system", "You write code.")]


@pytest.mark.parametrize(
    ("said_by", "pattern", "count"),
    [("reasoning", "must", 1), ("assistant", "must", 0), ("user", "no JSON", 1), ("system", "no JSON", 0)],
)
def test_only_who_is_asked_for(trace: TraceStore, said_by: str, pattern: str, count: int) -> None:
    assert len(found(trace, pattern, speaker=said_by)) == count


def test_an_environment_that_is_not_there_says_nothing(trace: TraceStore) -> None:
    assert found(trace, "book", environment="ferries") == []


def test_a_broken_pattern_is_told() -> None:
    with pytest.raises(ConfigError, match="is no pattern") as refused:
        compiled("(")
    assert "--fixed" in refused.value.remedy


def test_a_literal_pattern_means_itself(recorded: Recorded) -> None:
    store = recorded(told(thought="a.b (c"))
    assert [match.start for match in search(store, Query(compiled("B (", fixed=True, ignore_case=True)))] == [2]


@pytest.mark.parametrize(
    ("text", "kinds"), [("IT MUST", ["chat"]), ("100%", []), ("_", ["role"]), ('"""Book', ["chat", "role", "role"])]
)
def test_spans_that_say_something(recorded: Recorded, text: str, kinds: list[str]) -> None:
    store = recorded(told(title="Rail"))
    by_id = {span["span_id"]: span for span in store.spans()}
    said = [by_id[span] for span in store.spans_saying(text)]
    if text == "_":  # is a sign like any other, not a placeholder
        assert 0 < len(said) < len(by_id)
    else:
        assert sorted(span["kind"] for span in said) == kinds
