"""A solver's side of the desk: calls within a budget, reads not repeated in vain, everything learnt kept in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from envfactory.calibration.memory import Memory, Row, singular
from envfactory.calibration.offered import Offer, Tool, understand
from envfactory.calibration.solver import Briefing, Desk, Outcome

_REFUSED: Outcome = {"status": "error", "code": "BUDGET", "message": "enough calls were made"}


class Table:
    """What an attempt works on: the offer, the memory, the calls it may still make in this turn."""

    def __init__(self, briefing: Briefing, budget: int) -> None:
        self.briefing = briefing
        self.offer: Offer = understand(briefing.tools)
        self.memory = Memory()
        self.turn = -1
        self._budget = budget
        self._left = 0
        self._desk: Desk | None = None
        self._known: dict[str, Outcome] = {}
        self._profiles: dict[str, Mapping[str, Any]] = {}
        self.yields: dict[str, frozenset[str]] = {}

    def open(self, desk: Desk, *, new_turn: bool) -> None:
        """Begin to answer a message."""
        self._desk = desk
        self.turn += new_turn
        self._left = self._budget

    def now(self, environment: str) -> str:
        """Return the clock of a tool's environment."""
        return self.briefing.clocks.get(environment, self.briefing.now)

    def profile(self, environment: str) -> Mapping[str, Any]:
        """Return what is known of the signed-in person: columns, and `X_id` for the key of a table of Xs."""
        if environment not in self._profiles:
            self._profiles[environment] = {
                name: value
                for each in self.briefing.profile
                if environment in ("", each.environment)
                for name, value in _columns(each.table, each.columns).items()
            }
        return self._profiles[environment]

    @cached_property
    def own_keys(self) -> frozenset[str]:
        """The names under which results give the signed-in person's key."""
        return frozenset(f"{singular(each.table)}_id" for each in self.briefing.profile)

    @property
    def exhausted(self) -> bool:
        """Whether no call is left in this turn."""
        return self._left <= 0

    def call(self, tool: Tool, arguments: Mapping[str, Any]) -> tuple[Outcome, list[Row]]:
        """Call a tool; a read made before, with no write since, is answered from memory."""
        key = f"{tool.name} {json.dumps(arguments, sort_keys=True, default=str)}"
        if key in self._known:
            return self._known[key], [row for row in self.memory.rows if row.tool == tool.name]
        if self.exhausted or self._desk is None:
            return _REFUSED, []
        self._left -= 1
        outcome = self._desk.call(tool.name, dict(arguments))
        rows: list[Row] = []
        if outcome["status"] == "ok":
            rows = self.memory.learn(tool.name, tool.environment, outcome["result"], self.turn)
            self.yields[tool.name] = self.yields.get(tool.name, frozenset()).union(*(row.fields for row in rows))
            if not tool.reads:
                self._known.clear()
        if tool.reads and outcome["status"] in ("ok", "error"):
            self._known[key] = outcome
        return outcome, rows


def _columns(table: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    key = columns.get("id")
    return dict(columns) | ({f"{singular(table)}_id": key} if key is not None else {})
