"""A small dataset written by hand: two tools with different arguments, so that whatever fills in shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def tool(name: str, **kinds: str) -> Row:
    properties = {argument: {"type": kind} for argument, kind in kinds.items()}
    parameters = {"type": "object", "properties": properties, "required": list(kinds)}
    return {"type": "function", "function": {"name": name, "description": f"The {name}.", "parameters": parameters}}


TOOLS = [
    tool("add", item="string", qty="integer"),
    tool("drop", item="string"),
    tool("rate", item="string", stars="number"),
    tool("look"),
]


def call(name: str, **arguments: Any) -> Row:
    function = {"name": name, "arguments": arguments}
    return {
        "role": "assistant",
        "content": "",
        "reasoning_content": f"So {name}.",
        "tool_calls": [{"id": "call00001", "type": "function", "function": function}],
    }


def answer(name: str, content: str) -> Row:
    return {"role": "tool", "tool_call_id": "call00001", "name": name, "content": content}


def conversation(number: int, turns: int = 1) -> Row:
    """One turn adds so many of a thing; a second one drops it again."""
    messages = [
        {"role": "system", "content": "You keep a list."},
        {"role": "user", "content": f"Add {number} apples."},
        call("add", item="apples", qty=number),
        answer("add", f'{{"apples":{number}}}'),
        {"role": "assistant", "content": f"There are {number} apples."},
    ]
    if turns > 1:
        messages += [
            {"role": "user", "content": "Drop them."},
            call("drop", item="apples"),
            answer("drop", "{}"),
            {"role": "assistant", "content": "Gone."},
        ]
    environment = "lists" if turns == 1 else "shops"
    return {"id": f"t-{number}", "environments": [environment], "messages": messages, "tools": TOOLS}


def write_dataset(folder: Path, train: int = 8, validation: int = 4) -> Path:
    """Write a dataset folder: every second conversation has two turns."""
    (folder / "sft").mkdir(parents=True)
    rows = [conversation(number, 1 + number % 2) for number in range(train + validation)]
    for split, chosen in (("train", rows[:train]), ("validation", rows[train:])):
        if chosen:
            (folder / "sft" / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen))
    return folder
