"""verl: Parquet rows of plain structs, with JSON as text where it is arbitrary, for its readers know no JSON columns.

`reward_model.ground_truth` is the whole task for the grader. A stateful environment needs an agent loop of its own, for
verl's stock one makes and releases a tool around every call: `agent_name` is the name to register it under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from envfactory.datasets.formats import text_of

Row = Mapping[str, Any]
AGENT = "envfactory"
SCHEMA_FIELDS = ("data_source", "agent_name", "ability", "prompt", "reward_model", "extra_info")


def row(rl: Row, index: int) -> dict[str, Any]:
    """Return a task as verl reads it."""
    return {
        "data_source": AGENT,
        "agent_name": AGENT,
        "ability": "tool_use",
        "prompt": rl["prompt"],
        "reward_model": {"style": "rule", "ground_truth": text_of(rl["task"])},
        "extra_info": {
            "index": index,
            "id": rl["id"],
            "split": rl["split"],
            "tools": text_of(rl["tools"]),
            "environments": text_of(rl["environments"]),
            "user": text_of(rl["user"]),
            "max_calls": rl["max_calls"],
            "max_turns": rl["max_turns"],
            "need_tools_kwargs": False,
        },
    }


def table(rows: Sequence[Row]) -> pa.Table:
    """Return rows as an Arrow table."""
    return pa.Table.from_pylist([dict(each) for each in rows], schema=schema())


def schema() -> pa.Schema:
    """Return the columns verl reads."""
    text, number = pa.string(), pa.int64()
    extra = [("index", number), *((name, text) for name in ("id", "split", "tools", "environments", "user"))]
    extra += [("max_calls", number), ("max_turns", number), ("need_tools_kwargs", pa.bool_())]
    kinds = {
        "prompt": pa.list_(pa.struct([("role", text), ("content", text)])),
        "reward_model": pa.struct([("style", text), ("ground_truth", text)]),
        "extra_info": pa.struct(extra),
    }
    return pa.schema([(name, kinds.get(name, text)) for name in SCHEMA_FIELDS])
