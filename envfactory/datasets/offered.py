"""Fewer tools: a conversation shown only those that it needs and a few others, for models too small to read them all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import Any

Tool = Mapping[str, Any]


def offered(tools: Sequence[Tool], needed: Collection[str], most: int | None, key: str) -> list[Tool]:
    """Return at most `most` tools, in their order: all that are `needed`, however many, and others drawn by `key`.

    None is all. Training, rollouts and evaluation ask with the task's id as key, so that all three show the same.
    """
    if most is None or len(tools) <= most:
        return list(tools)
    named = [tool["function"]["name"] for tool in tools]
    others = [name for name in named if name not in needed]
    spare = max(0, most - (len(named) - len(others)))
    kept = {*needed, *Random(f"offered/{key}").sample(others, min(spare, len(others)))}
    return [tool for tool, name in zip(tools, named, strict=True) if name in kept]
