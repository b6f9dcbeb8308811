"""Runs what it is sent with full builtins, in a worker as every worker is: it brings no module of its own."""

from __future__ import annotations

from typing import Any


class Plain:
    """attack: define `attack` and call it with a context; run: execute source that leaves a `result`."""

    def handle(self, op: str, payload: Any) -> Any:
        """Execute, and answer with what came of it."""
        scope: dict[str, Any] = {"__name__": "tool"}
        exec(payload["source"], scope)
        return scope["attack"](payload["context"]) if op == "attack" else scope["result"]
