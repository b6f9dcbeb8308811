"""From a dataset's conversations to tokens: nothing filled in, loss on the assistant's words alone, nothing cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import TaskError
from envfactory.training.config import DataSection
from envfactory.training.data import IGNORED, as_dataset, conversations, encode, encoded, shown
from envfactory.training.templates import NAMES
from tests.training.conversations import conversation, write_dataset
from tests.training.tiny import tiny

ROWS = [conversation(number, 1 + number % 2) for number in range(6)]


def test_rows_come_back_as_they_went_in() -> None:
    held = as_dataset({"id": row["id"], "messages": row["messages"], "tools": row["tools"]} for row in ROWS)
    assert [dict(row)["messages"] for row in held] == [row["messages"] for row in ROWS]
    assert held[0]["tools"] == ROWS[0]["tools"]


@pytest.mark.parametrize("template", NAMES)
def test_no_argument_is_filled_in(template: str) -> None:
    tokenizer = tiny(template).tokenizer
    made, _ = encoded([shown(row, DataSection()) for row in ROWS], tokenizer, 4096)
    trained = [tokenizer.decode([label for label in labels if label != IGNORED]) for labels in made["labels"]]
    assert '{"name": "drop", "arguments": {"item": "apples"}}' in trained[1]
    assert not any("null" in text for text in trained)


@pytest.mark.parametrize("template", NAMES)
def test_the_loss_is_on_what_the_assistant_writes(template: str) -> None:
    tokenizer = tiny(template).tokenizer
    labels = encode(ROWS[1], tokenizer)["labels"]
    call = '<tool_call>\n{{"name": "{0}", "arguments": {1}}}\n</tool_call><|im_end|>'
    expected = (
        "<think>\nSo add.\n</think>\n\n"
        + call.format("add", '{"item": "apples", "qty": 1}')
        + "There are 1 apples.<|im_end|><think>\nSo drop.\n</think>\n\n"
        + call.format("drop", '{"item": "apples"}')
        + "Gone.<|im_end|>"
    )
    assert tokenizer.decode([label for label in labels if label != IGNORED]) == expected


def test_reasoning_is_left_out_where_it_is_not_wanted() -> None:
    told = shown(ROWS[0], DataSection(reasoning=False))
    assert not any("reasoning_content" in message for message in told["messages"])
    assert [message["content"] for message in told["messages"]] == [each["content"] for each in ROWS[0]["messages"]]


def test_fewer_tools_still_hold_those_that_are_called() -> None:
    told = shown(ROWS[1], DataSection(most_tools=2))
    assert [tool["function"]["name"] for tool in told["tools"]] == ["add", "drop"]


def test_conversations_that_are_too_long_are_left_out_whole_and_counted() -> None:
    tokenizer = tiny().tokenizer
    lengths = [len(encode(row, tokenizer)["input_ids"]) for row in ROWS]
    made, counts = encoded([shown(row, DataSection()) for row in ROWS], tokenizer, max(lengths[::2]))
    assert [len(ids) for ids in made["input_ids"]] == lengths[::2]
    assert (counts.chosen, counts.too_long, counts.longest) == (6, 3, max(lengths))


@pytest.mark.parametrize(
    ("section", "ids"),
    [
        (DataSection(), "01234567"),
        (DataSection(most_turns=1), "0246"),
        (DataSection(most_calls=1, limit=2), "02"),
        (DataSection(environments=("shops",)), "1357"),
    ],
)
def test_the_configuration_chooses(tmp_path: Path, section: DataSection, ids: str) -> None:
    rows, read = conversations(write_dataset(tmp_path / "set"), "train", section)
    assert [row["id"] for row in rows] == [f"t-{number}" for number in ids]
    assert read == 8


def test_a_folder_without_conversations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"sft/train\.jsonl does not exist"):
        conversations(tmp_path, "train", DataSection())
