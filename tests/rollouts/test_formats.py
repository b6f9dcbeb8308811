"""Policies' text read as reasoning, words and calls, and back; what cannot be read is explained."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.rollouts.formats import Malformed, ToolCall, for_endpoint, named, read, write

BOOK = '<tool_call>\n{"name": "book", "arguments": {"people": 2}}\n</tool_call>'


def test_a_message_has_reasoning_words_and_calls() -> None:
    told = read(f"<think>\nTwo people.\n</think>\n\nOne moment.\n{BOOK}\n{BOOK}")
    assert (told.reasoning, told.content) == ("Two people.", "One moment.")
    assert told.calls == (ToolCall("book", {"people": 2}),) * 2


def test_calls_within_thoughts_are_not_to_be_made() -> None:
    told = read(f"<think>I could {BOOK}, but no.</think>Shall I book?")
    assert told.calls == ()
    assert told.pondered == (ToolCall("book", {"people": 2}),)


@pytest.mark.parametrize(
    ("text", "reasoning", "content"),
    [
        ("Hm.</think>Yes.", "Hm.", "Yes."),  # the template opened the block
        ("<think>Hm, wait", "Hm, wait", ""),  # it was cut within the block
        ("Yes. <think>really?</think>", "", "Yes. <think>really?</think>"),  # only what comes first is reasoning
        ("", "", ""),
    ],
)
def test_reasoning_is_what_stands_in_the_first_block(text: str, reasoning: str, content: str) -> None:
    told = read(text)
    assert (told.reasoning, told.content) == (reasoning, content)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"name": "book", "arguments": {"people": 2}', "not JSON"),
        ("book(people=2)", "not JSON"),
        ('["book"]', "not an object"),
        ('{"arguments": {}}', '"name" is missing'),
        ('{"name": "", "arguments": {}}', '"name" is missing'),
        ('{"name": "book"}', '"arguments" must be an object'),
        ('{"name": "book", "arguments": "{}"}', '"arguments" must be an object'),
        ('{"name": "book", "arguments": {}, "id": 1}', '"id" does not belong there'),
        ('{"name": "book", "arguments": {"x": NaN}}', "NaN is no number"),
        ('{"name": "book", "arguments": {"x": 1e999}}', "a number is too large"),
        ('{"name": "book", "arguments": {"x": ' + "9" * 200 + "}}", "a number is too long"),
        ('{"name": "book", "arguments": {"x": ' + "[" * 40 + "]" * 40 + "}}", "nested too deeply"),
        ('{"name": "book", "arguments": {"x": ' + "[" * 5000 + "]" * 5000 + "}}", "nested too deeply"),
        ('{"name": "book", "arguments": {"x": "\\ud800"}}', "half of a surrogate pair"),
        ('{"name": "book", "arguments": {"\\ud800": 1}}', "half of a surrogate pair"),
    ],
)
def test_what_cannot_be_read_is_explained(body: str, why: str) -> None:
    told = read(f"<tool_call>{body}</tool_call>")
    assert (told.calls, len(told.malformed)) == ((), 1)
    assert why in told.malformed[0].why


def test_a_call_that_cannot_be_read_spoils_no_other() -> None:
    told = read(f"<tool_call>{{oh</tool_call>\n{BOOK}")
    assert told.calls == (ToolCall("book", {"people": 2}),)
    assert [each.text for each in told.malformed] == ["{oh"]


def test_a_last_call_may_lack_its_end_and_another_may_begin_before() -> None:
    told = read('<tool_call>{"name": "a", "arguments": {}}<tool_call>{"name": "b", "arguments": {}}')
    assert [call.name for call in told.calls] == ["a", "b"]
    assert told.content == ""


leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"])).map(str.strip)
text = st.text(st.characters(exclude_characters="<", exclude_categories=["Cs"]))
calls = st.builds(
    ToolCall,
    st.text(st.characters(exclude_characters="<", exclude_categories=["Cs"]), min_size=1),
    st.dictionaries(text, leaves | text),
)


@given(plain, st.lists(calls, max_size=3), plain)
def test_what_is_written_is_read_back(content: str, made: list[ToolCall], reasoning: str) -> None:
    told = read(write(content, made, reasoning))
    assert (told.content, list(told.calls), told.reasoning) == (content, made, reasoning)
    assert told.malformed == ()


def test_an_endpoints_arguments_are_text() -> None:
    assert named("book", '{"people": 2}') == ToolCall("book", {"people": 2})
    assert named("list", "") == ToolCall("list", {})
    broken = named("book", "{")
    assert isinstance(broken, Malformed)
    assert broken.text == "book({)"


def test_endpoints_get_arguments_as_text_and_no_tool_message_without_a_call() -> None:
    called = {"id": "call00001", "type": "function", "function": {"name": "book", "arguments": {"people": 2}}}
    messages = [
        {"role": "assistant", "content": "", "reasoning_content": "Two.", "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "call00001", "name": "book", "content": "{}"},
        {"role": "tool", "content": '{"error":{"code":"UNREADABLE_CALL"}}'},
    ]
    first, answer, refusal = for_endpoint(messages)
    assert json.loads(first["tool_calls"][0]["function"]["arguments"]) == {"people": 2}
    assert "reasoning_content" not in first
    assert answer == {"role": "tool", "tool_call_id": "call00001", "content": "{}"}
    assert refusal["role"] == "user"
