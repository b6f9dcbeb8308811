"""LLaMA-Factory: the `sharegpt` formatting with tools, and the `dataset_info.json` that names its columns and tags.

Roles alternate: the person or a tool's observation at odd places, the model's words or its function call at even ones.
Reasoning stands in a think block before the words or the call, in the form that its templates cut out and put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from envfactory.datasets.formats import text_of

Row = Mapping[str, Any]
COLUMNS = {"messages": "conversations", "system": "system", "tools": "tools"}
TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
}


def row(sft: Row) -> dict[str, Any]:
    """Return a conversation as LLaMA-Factory reads it."""
    system, *rest = sft["messages"]
    return {
        "conversations": [_turn(message) for message in rest],
        "system": system["content"],
        "tools": text_of([tool["function"] for tool in sft["tools"]]),
    }


def dataset_info(splits: Iterable[str]) -> dict[str, Any]:
    """Return the contents of dataset_info.json."""
    return {
        f"envfactory_{split}": {
            "file_name": f"{split}.jsonl",
            "formatting": "sharegpt",
            "columns": COLUMNS,
            "tags": TAGS,
        }
        for split in splits
    }


def _turn(message: Mapping[str, Any]) -> dict[str, str]:
    if message["role"] == "user":
        return {"from": "human", "value": message["content"]}
    if message["role"] == "tool":
        return {"from": "observation", "value": message["content"]}
    calls = [call["function"] for call in message.get("tool_calls", [])]
    thought = message.get("reasoning_content", "")
    block = f"<think>\n{thought}\n</think>\n\n" if thought else ""
    if not calls:
        return {"from": "gpt", "value": block + message["content"]}
    call = {"name": calls[0]["name"], "arguments": calls[0]["arguments"]}
    inline = f"{message['content']}\n\n" if message["content"] else ""
    return {"from": "function_call", "value": f"{block or inline}{text_of(call)}"}
