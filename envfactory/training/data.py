"""A dataset's conversations, made what a trainer takes: token ids, and labels on what the assistant wrote and nowhere else.

Rows go through `Json` features: plain Arrow structs would unify the arguments of different tools, and the model would be
taught to write `"qty": null` into calls that have no such argument.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from envfactory.datasets.offered import offered
from envfactory.errors import TaskError
from envfactory.training.config import DataSection

Row = dict[str, Any]
IGNORED = -100  # the label of a token that is not trained on


@dataclass(frozen=True)
class Counts:
    """What became of the conversations of a split."""

    read: int = 0
    chosen: int = 0
    too_long: int = 0
    tokens: int = 0
    trained: int = 0
    longest: int = 0

    def told(self) -> dict[str, int]:
        """Return the counts as JSON holds them."""
        return asdict(self)


def conversations(dataset: Path, split: str, section: DataSection) -> tuple[list[Row], int]:
    """Return the conversations of a split that the configuration chooses, as they are to be shown; and how many there are.

    Raise TaskError where the folder holds no such conversations.
    """
    read = 0
    chosen: list[Row] = []
    for row in stored_rows(dataset, "sft", split):
        read += 1
        if is_chosen(row, section) and (section.limit is None or len(chosen) < section.limit):
            chosen.append(shown(row, section))
    return chosen, read


def stored_rows(dataset: Path, kind: str, split: str) -> Iterator[Row]:
    """Yield the rows of a split, of kind `sft` or `rl`; raise TaskError where there is no such file, or a line is not JSON."""
    file = dataset / kind / f"{split}.jsonl"
    if not file.is_file():
        raise TaskError(f"{file} does not exist", remedy="name a folder that envfactory run or export wrote")
    with file.open() as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise TaskError(f"{file}, line {number} is not JSON", remedy="write the dataset again") from error


def is_chosen(row: Mapping[str, Any], section: DataSection) -> bool:
    """Say whether a conversation is among those that the configuration chooses."""
    turns = sum(message["role"] == "user" for message in row["messages"])
    calls = len(_called(row["messages"]))
    return (
        (not section.environments or set(row["environments"]) <= set(section.environments))
        and (section.most_turns is None or turns <= section.most_turns)
        and (section.most_calls is None or calls <= section.most_calls)
    )


def shown(row: Mapping[str, Any], section: DataSection) -> Row:
    """Return a conversation with the tools and the reasoning that the configuration shows."""
    messages = row["messages"]
    if not section.reasoning:
        messages = [{name: part for name, part in each.items() if name != "reasoning_content"} for each in messages]
    needed = {call["function"]["name"] for call in _called(messages)}
    tools = offered(row["tools"], needed, section.most_tools, row["id"])
    return {"id": row["id"], "messages": messages, "tools": tools}


def _called(messages: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [call for message in messages for call in message.get("tool_calls") or []]


def as_dataset(rows: Iterable[Row]) -> Any:
    """Return rows as a Hugging Face dataset that gives back what was put in, nothing filled in."""
    from datasets import Dataset, Features, Json, List, Value

    features = Features({"id": Value("string"), "messages": List(Json()), "tools": List(Json())})
    return Dataset.from_list(list(rows), features=features)


def encoded(rows: Iterable[Row], tokenizer: Any, most: int) -> tuple[Any, Counts]:
    """Return conversations as `input_ids` and `labels`, those longer than `most` tokens left out, and the counts."""
    held = as_dataset(rows)
    template = training_template(tokenizer)
    made = held.map(
        lambda row: encode(row, tokenizer, template),
        remove_columns=held.column_names,
        desc=None,
        load_from_cache_file=False,
    )
    lengths = [len(ids) for ids in made["input_ids"]]
    kept = made.select([place for place, length in enumerate(lengths) if length <= most])
    short = [length for length in lengths if length <= most]
    trained = sum(label != IGNORED for labels in kept["labels"] for label in labels)
    counts = Counts(
        chosen=len(held),
        too_long=len(lengths) - len(short),
        tokens=sum(short),
        trained=trained,
        longest=max(lengths, default=0),
    )
    return kept, counts


def encode(row: Mapping[str, Any], tokenizer: Any, template: str | None = None) -> dict[str, list[int]]:
    """Return one conversation's tokens; the labels are the tokens themselves where the template marks the assistant's."""
    made = tokenizer.apply_chat_template(
        row["messages"],
        tools=row["tools"],
        chat_template=template,
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    ids = list(made["input_ids"])
    marked = made["assistant_masks"]
    return {"input_ids": ids, "labels": [token if mask else IGNORED for token, mask in zip(ids, marked, strict=True)]}


def training_template(tokenizer: Any) -> str | None:
    """Return the marked twin of a known model's template; None where the template is marked itself, as ours are."""
    from trl.chat_template_utils import get_training_chat_template

    template: str | None = get_training_chat_template(tokenizer)
    return template
