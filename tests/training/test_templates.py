"""Our chat templates: what they show, what is trained, that earlier messages never change, that calls can be read back."""

from __future__ import annotations

import pytest

from envfactory.errors import ConfigError
from envfactory.training.templates import NAMES, template_text
from tests.training.tiny import tiny

TOOL = {
    "type": "function",
    "function": {
        "name": "book_room",
        "description": "Book a room. Takes the card that is on file.",
        "parameters": {
            "type": "object",
            "properties": {
                "room_id": {"type": "string"},
                "nights": {"type": "integer"},
                "day": {"type": "string", "format": "date"},
                "board": {"enum": ["none", "half"]},
                "guests": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["room_id", "day"],
        },
    },
}
CALL = {"type": "function", "function": {"name": "book_room", "arguments": {"room_id": "r_1", "day": "2027-01-02"}}}
MESSAGES = [
    {"role": "system", "content": "You help."},
    {"role": "user", "content": "Book it."},
    {"role": "assistant", "content": "", "reasoning_content": "Now I can.", "tool_calls": [CALL]},
    {"role": "tool", "name": "book_room", "content": '{"ok":true}'},
    {"role": "assistant", "content": "Booked."},
    {"role": "user", "content": "Thanks"},
    {"role": "assistant", "content": "Any time."},
]


def rendered(name: str, count: int = len(MESSAGES), **options: object) -> str:
    text: str = tiny(name).tokenizer.apply_chat_template(MESSAGES[:count], tools=[TOOL], tokenize=False, **options)
    return text


def test_compact_shows_a_tool_as_one_line() -> None:
    line = "book_room(room_id: str, nights?: int, day: date, board?: none|half, guests?: [str]) - Book a room\n"
    assert f"You help.\nTools:\n{line}Call:" in rendered("compact")


def test_hermes_shows_whole_schemas() -> None:
    assert '"description": "Book a room. Takes the card that is on file."' in rendered("hermes")
    assert '<tool_response>\n{"ok":true}\n</tool_response>' in rendered("hermes")


@pytest.mark.parametrize("name", NAMES)
def test_a_call_is_written_as_a_block_of_json(name: str) -> None:
    block = '<tool_call>\n{"name": "book_room", "arguments": {"room_id": "r_1", "day": "2027-01-02"}}\n</tool_call>'
    assert f"<|im_start|>assistant\n<think>\nNow I can.\n</think>\n\n{block}<|im_end|>\n" in rendered(name)


@pytest.mark.parametrize("name", NAMES)
def test_earlier_messages_render_alike_whatever_follows(name: str) -> None:
    whole = rendered(name)
    assert [count for count in range(1, len(MESSAGES)) if not whole.startswith(rendered(name, count))] == []
    assert whole.startswith(rendered(name, 2, add_generation_prompt=True))


@pytest.mark.parametrize("name", NAMES)
def test_assistant_turns_and_their_ends_are_marked_and_nothing_else(name: str) -> None:
    tokenizer = tiny(name).tokenizer
    made = tokenizer.apply_chat_template(
        MESSAGES, tools=[TOOL], tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = [token for token, mask in zip(made["input_ids"], made["assistant_masks"], strict=True) if mask]
    calls = '<tool_call>\n{"name": "book_room", "arguments": {"room_id": "r_1", "day": "2027-01-02"}}\n</tool_call>'
    told = f"<think>\nNow I can.\n</think>\n\n{calls}<|im_end|>Booked.<|im_end|>Any time.<|im_end|>"
    assert tokenizer.decode(marked) == told


@pytest.mark.parametrize("name", NAMES)
def test_trl_takes_them_for_training_as_they_are(name: str) -> None:
    utils = pytest.importorskip("trl.chat_template_utils")
    tokenizer = tiny(name).tokenizer
    assert utils.get_training_chat_template(tokenizer) is None
    assert utils.supports_tool_calling(tokenizer)
    assert utils.is_chat_template_stop_token_trained(tokenizer)


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no chat template nonesuch") as refused:
        template_text("nonesuch")
    assert "compact" in str(refused.value)
